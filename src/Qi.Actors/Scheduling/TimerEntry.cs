// A timer that any thread may arm and cancel, and that fires on the dispatcher whose wheel holds it.
//
// State packs a phase (2 bits) and a generation. Idle -> Armed (the one who arms; new generation) -> Fired (owner dispatcher)
// or Cancelled (any thread); the compare-exchange out of Armed decides the race between the two, and the generation keeps
// one who cancels late from stopping the next use. E1: an entry is linked in at most one wheel. E2: Fired means unlinked, so
// the entry may be armed again. E3: after Cancelled it may still be linked for a while, and must not be armed again.

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>A timer of a dispatcher's wheel.</summary>
internal abstract class TimerEntry : TimerNode
{
    private const int PhaseMask = 3;
    private const int OneGeneration = 4;

    private int _state;
    private Dispatcher? _owner;

    /// <summary>True while the timer waits.</summary>
    public bool IsPending => (Atomic.Read(ref _state) & PhaseMask) == (int)TimerPhase.Armed;

    /// <summary>True while the use with this generation waits: no longer once it fires or is cancelled.</summary>
    public bool IsWaiting(int generation) => Atomic.Read(ref _state) == (generation | (int)TimerPhase.Armed);

    /// <summary>True if the use with this generation has fired.</summary>
    public bool HasFired(int generation) => Atomic.Read(ref _state) == (generation | (int)TimerPhase.Fired);

    /// <summary>The generation that the next <see cref="Arm"/> will have: whoever may cancel notes it before arming.</summary>
    public int NextGeneration => (_state & ~PhaseMask) + OneGeneration;

    /// <summary>The generation of the last <see cref="Arm"/>.</summary>
    public int CurrentGeneration => Atomic.Read(ref _state) & ~PhaseMask;

    /// <summary>
    /// Arms the timer on the calling dispatcher, or on one of the pool's if the caller is not a dispatcher. Once this has
    /// been called the timer may fire, and be used again, at any moment: also before the call returns.
    /// </summary>
    public void Arm(DispatcherPool pool, TimeSpan delay)
    {
        long deadline = pool.Time.DeadlineTick(delay);
        int armed = NextGeneration | (int)TimerPhase.Armed;
        var thread = ThreadContext.Existing;
        if (thread is not null && thread.TryEnter(pool, out var dispatcher, out int before))
        {
            _owner = dispatcher;
            Atomic.Write(ref _state, armed); // publishes _owner to whoever cancels
            dispatcher.Timers.Add(this, deadline);
            thread.Exit(before);
            return;
        }

        var remote = pool.AnyDispatcher();
        _owner = remote;
        Atomic.Write(ref _state, armed);
        remote.Send(new ArmMessage(this, deadline));
    }

    /// <summary>Stops the use with this generation. False if it has fired, or is firing.</summary>
    public bool TryCancel(int generation)
    {
        int armed = generation | (int)TimerPhase.Armed;
        if (Atomic.CompareExchange(ref _state, generation | (int)TimerPhase.Cancelled, armed) != armed)
            return false;
        var owner = _owner!;
        var thread = ThreadContext.Existing;
        if (thread is not null && thread.TryEnter(owner.Pool, out var dispatcher, out int before))
        {
            bool isOwner = dispatcher == owner;
            if (isOwner)
                dispatcher.Timers.Remove(this);
            thread.Exit(before);
            if (isOwner)
                return true;
        }

        owner.Send(new RemoveMessage(this));
        return true;
    }

    internal sealed override void OnDue(object? context)
    {
        int seen = Atomic.Read(ref _state);
        if ((seen & PhaseMask) != (int)TimerPhase.Armed)
            return;
        int fired = (seen & ~PhaseMask) | (int)TimerPhase.Fired;
        if (Atomic.CompareExchange(ref _state, fired, seen) == seen)
            Fire((ThreadContext)context!);
    }

    /// <summary>The time has come. Runs on the owner's thread, between two turns: it must be short and must not throw.</summary>
    protected abstract void Fire(ThreadContext thread);

    private enum TimerPhase
    {
        Idle = 0,
        Armed = 1,
        Fired = 2,
        Cancelled = 3,
    }

    private sealed class ArmMessage(TimerEntry entry, long deadline) : DispatcherMessage
    {
        public override void Apply(Dispatcher dispatcher)
        {
            if (entry.IsPending)
                dispatcher.Timers.Add(entry, deadline);
        }
    }

    private sealed class RemoveMessage(TimerEntry entry) : DispatcherMessage
    {
        public override void Apply(Dispatcher dispatcher) => dispatcher.Timers.Remove(entry);
    }
}
