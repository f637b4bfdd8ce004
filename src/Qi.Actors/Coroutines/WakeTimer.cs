using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

/// <summary>A timer that ends a coroutine's wait. Reused by the thread on which it fires.</summary>
internal sealed class WakeTimer : TimerEntry
{
    private const int PoolLimit = 1024;

    [ThreadStatic]
    private static WakeTimer? t_free;

    [ThreadStatic]
    private static int t_freeCount;

    private CoroutineBox? _root;
    private WakeTimer? _nextFree;
    private int _epoch;
    private bool _isPooled;

    /// <summary>A timer for one delay, from the thread's free ones if there are any; it goes back when it fires.</summary>
    public static WakeTimer Rent()
    {
        var timer = t_free;
        if (timer is null)
            return new WakeTimer { _isPooled = true };
        t_free = timer._nextFree;
        t_freeCount--;
        timer._nextFree = null;
        return timer;
    }

    /// <summary>Says whose wait to end.</summary>
    public void Retarget(CoroutineBox root, int epoch)
    {
        _root = root;
        _epoch = epoch;
    }

    protected override void Fire(ThreadContext thread)
    {
        var root = _root!;
        int epoch = _epoch;
        if (_isPooled)
        {
            _root = null;
            if (t_freeCount < PoolLimit)
            {
                _nextFree = t_free;
                t_free = this;
                t_freeCount++;
            }
        }

        root.Wake(epoch);
    }
}
