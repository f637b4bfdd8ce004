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

    // Before a sleep: how long it may be; Never for as long as nothing comes.
    private long NextTrimNs(long nowNs)
    {
        if (_thread!.Resource is not { } resource)
            return Never;
        if (nowNs - _trimmedNs < TrimEveryNs)
            return TrimEveryNs;
        long againNs = Trim(resource, nowNs);
        return againNs < 0 || ++_trimsAsleep > MostTrimsAsleep ? Never : Math.Max(againNs, TrimEveryNs);
    }

    private static long Shorter(long timersNs, long trimNs) => timersNs < 0 || (trimNs >= 0 && trimNs < timersNs) ? trimNs : timersNs;

    // A sleep is over. What has ended it may use what is held.
    private void NoteSleep(bool isForTrim)
    {
        if (!isForTrim)
            _trimsAsleep = 0;
    }
}
