using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>A message that a timer sends, once or again and again. Disposing it stops the timer.</summary>
internal sealed class ScheduledTell<TMessage> : TimerEntry, IDisposable
{
    private readonly ActorRef<TMessage> _actor;
    private readonly TMessage _message;
    private readonly DispatcherPool _pool;
    private readonly long _periodTicks;
    private long _dueTicks;
    private bool _isDisposed;

    public ScheduledTell(ActorRef<TMessage> actor, TMessage message, TimeSpan delay, TimeSpan? period)
    {
        _actor = actor;
        _message = message;
        _pool = actor.OwnerSystem.Pool;
        _periodTicks = period?.Ticks ?? 0;
        _dueTicks = NowTicks() + delay.Ticks;
        Arm(_pool, delay);
    }

    public void Dispose()
    {
        Atomic.Write(ref _isDisposed, true);
        Atomic.Fence(); // pairs with the fence in Fire: either it sees the flag, or this sees the timer it armed
        TryCancel(CurrentGeneration);
    }

    // The next one is armed before the message is sent, from the time at which this one was due: a period does not drift. Ticks that
    // were missed, because the machine slept or the clock was moved, are skipped.
    protected override void Fire(ThreadContext thread)
    {
        if (Atomic.Read(ref _isDisposed) || _actor.IsStopped)
            return;
        if (_periodTicks > 0)
        {
            long late = NowTicks() - _dueTicks;
            _dueTicks += _periodTicks * (1 + (Math.Max(0, late) / _periodTicks));
            Arm(_pool, TimeSpan.FromTicks(Math.Max(0, _dueTicks - NowTicks())));
            Atomic.Fence();
            if (Atomic.Read(ref _isDisposed))
                TryCancel(CurrentGeneration);
        }

        _actor.Tell(_message);
    }

    private long NowTicks() => _pool.Time.NowNs() / TimeSpan.NanosecondsPerTick;
}
