// What the thread keeps for a layer above (IThreadResource) is trimmed at maintenance and before a sleep. A sleep may be long, and what was in use a moment ago is idle only
// after a while: so a sleeper that holds something wakes for trims of its own. One sees what is idle, and a later one lets it go; after three in which nothing else
// has come it sleeps for as long as nothing comes. What somebody else returns after that is taken back when there is something to do again.

using System.Runtime.CompilerServices;

namespace Qi.Actors.Scheduling;

internal sealed partial class Dispatcher
{
    private const long TrimEveryNs = 100_000_000;
    private const int MostTrimsAsleep = 3;
    private const long Never = -1;

    private long _trimmedNs;
    private int _trimsAsleep;

    // Maintenance.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TrimResource(long nowNs)
    {
        if (_thread!.Resource is { } resource && nowNs - _trimmedNs >= TrimEveryNs)
            Trim(resource, nowNs);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Trim(IThreadResource resource, long nowNs)
    {
        _trimmedNs = nowNs;
        return resource.Trim(nowNs);
    }

    // How long to sleep: until the next timer, or until the next trim.
    private long SleepNs(long nowNs, long timersNs, out bool isForTrim)
    {
        long trimNs = _thread!.Resource is { } resource ? NextTrimNs(resource, nowNs) : Never;
        isForTrim = trimNs >= 0 && _trimsAsleep < MostTrimsAsleep && (timersNs < 0 || trimNs < timersNs);
        return isForTrim ? trimNs : timersNs;
    }

    private long NextTrimNs(IThreadResource resource, long nowNs)
    {
        if (nowNs - _trimmedNs < TrimEveryNs)
            return TrimEveryNs;
        long againNs = Trim(resource, nowNs);
        return againNs < 0 ? Never : Math.Max(againNs, TrimEveryNs);
    }

    // A sleep is over.
    private void NoteTrimAsleep(bool isForTrim) => _trimsAsleep = isForTrim ? _trimsAsleep + 1 : 0;
}
