// The portable parker: a permit under a monitor. It keeps the contract of ThreadParker where there is no futex; the contract
// tests run it everywhere.
//
// The lock guards every field. N1: the owner waits only while there is no permit, and looks again after every wake-up, so a
// spurious one is harmless. N2: a pulse is sent only by the one who turned the permit on.
//
// Rejected: ManualResetEventSlim (it spins first, and allocates its event on the first wait) and SemaphoreSlim (counted).

using System.Diagnostics;

namespace Qi.Actors.Platform;

internal sealed class MonitorParker
{
    private readonly object _gate = new();

    // Guarded by the lock.
    private bool _hasPermit;
    private bool _isDisposed;
    private Reactor? _waitingIn;

    internal bool Park(long timeoutNs)
    {
        lock (_gate)
        {
            long startNs = timeoutNs > 0 ? Clock.NowNs() : 0;
            long remainingNs = timeoutNs;
            while (!_hasPermit && !_isDisposed)
            {
                if (timeoutNs >= 0 && remainingNs <= 0)
                {
                    return false;
                }

                _ = Monitor.Wait(_gate, timeoutNs < 0 ? Timeout.Infinite : ToMsRoundedUp(remainingNs));
                remainingNs = timeoutNs < 0 ? timeoutNs : timeoutNs - (Clock.NowNs() - startNs);
            }

            Debug.Assert(_hasPermit || _isDisposed, "Park returns true for a reason.");
            _hasPermit = false;
            return true;
        }
    }

    internal bool ParkIn(Reactor reactor, long timeoutNs, int mostEvents, out int events)
    {
        lock (_gate)
        {
            _waitingIn = _hasPermit || _isDisposed ? null : reactor;
        }

        events = reactor.Wait(_waitingIn is null ? 0 : timeoutNs, mostEvents);
        lock (_gate)
        {
            _waitingIn = null;
            bool hadPermit = _hasPermit || _isDisposed;
            _hasPermit = false;
            return hadPermit;
        }
    }

    internal void Unpark()
    {
        lock (_gate)
        {
            if (!_hasPermit)
            {
                _hasPermit = true;
                Monitor.Pulse(_gate);
                _waitingIn?.Wake();
            }
        }
    }

    internal void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _hasPermit = true;
            Monitor.PulseAll(_gate);
            _waitingIn?.Wake();
        }
    }

    private static int ToMsRoundedUp(long ns) => (int)Math.Min(((ns - 1) / Clock.NsPerMs) + 1, int.MaxValue);
}
