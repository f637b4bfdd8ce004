using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>The time budget of one turn: reads the clock as seldom as the length of the messages allows.</summary>
/// <remarks>
/// The clock is read after the first and the second message, which gives the time that one takes; from then on about half-way to the
/// end of the budget, and after 32 messages at the latest. A turn of one message does not read it at all.
/// At each look after 20 µs the turn gives what it has scheduled to idle dispatchers: actors that feed each other would else take
/// turns on one dispatcher, since the LIFO slot is hidden from thieves, while the others have nothing to do.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
internal struct TurnClock(long budgetNs)
{
    /// <summary>After so long, and again after as long, a turn shares what it has scheduled. The performance model reckons with it.</summary>
    public const long ShareEveryNs = 20_000;

    private const int MaxMessagesBetweenLooks = 32;

    private long _deadlineNs;
    private long _shareNs;
    private long _lastNs;
    private int _lastDone;
    private int _nextLook = 1;

    /// <summary>True if the turn must end, after this many messages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOver(int done, ThreadContext thread) => done >= _nextLook && Look(done, thread);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Look(int done, ThreadContext thread)
    {
        long nowNs = Clock.NowNs();
        if (_lastNs == 0)
        {
            _lastNs = nowNs;
            _lastDone = done;
            _nextLook = done + 1;
            return false;
        }

        long eachNs = Math.Max(1, (nowNs - _lastNs) / Math.Max(1, done - _lastDone));
        if (_deadlineNs == 0)
        {
            long startNs = nowNs - (done * eachNs);
            _deadlineNs = startNs + budgetNs;
            _shareNs = startNs + ShareEveryNs;
        }

        if (nowNs >= _shareNs)
        {
            thread.ShareScheduled();
            _shareNs = nowNs + ShareEveryNs;
        }

        _lastNs = nowNs;
        _lastDone = done;
        long left = Math.Min((_deadlineNs - nowNs) / 2, _shareNs - nowNs) / eachNs;
        _nextLook = done + (int)Math.Clamp(left, 1, MaxMessagesBetweenLooks);
        return nowNs >= _deadlineNs;
    }
}
