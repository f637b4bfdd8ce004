// A simulation in miniature: a virtual clock, a list of due timers, a queue of turns, one thread. Posts of async code that started in a turn
// come back as turns, in order.

using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.Tests.Outside;

internal sealed class FakeHost : SynchronizationContext, IOutsideHost, IDisposable
{
    private readonly PriorityQueue<TakenTimer, (long DueMs, int Order)> _timers = new();
    private readonly Queue<Action> _turns = new();
    private readonly OutsideWatch _watch;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private int _order;

    public FakeHost()
        : this(Takings.OfThisFramework)
    {
    }

    public FakeHost(Takings takings)
    {
        SetWaitNotificationRequired();
        _watch = OutsideWatch.Begin(this, takings);
    }

    public long NowMs { get; private set; }

    public List<string> Scheduled { get; } = [];

    public List<string> Queued { get; } = [];

    public List<(string Call, string Remedy)> Refused { get; } = [];

    /// <summary>Called before this thread waits, where it may.</summary>
    public Action? Waiting { get; set; }

    public TakenTimer? LastTimer { get; private set; }

    public int TimersWaiting => _timers.UnorderedItems.Count(item => item.Element.IsScheduled);

    /// <summary>One turn of user code, then whatever it leads to at this virtual moment.</summary>
    public void Turn(Action userCode)
    {
        RunTurn(userCode);
        RunPosted();
    }

    /// <summary>Lets virtual time pass, and fires what comes due.</summary>
    public void Advance(long ms)
    {
        long untilMs = NowMs + ms;
        while (_timers.TryPeek(out var timer, out var due) && due.DueMs <= untilMs)
        {
            _timers.Dequeue();
            if (!timer.IsScheduled)
                continue;

            NowMs = due.DueMs;
            Turn(() => timer.Fire());
        }

        NowMs = untilMs;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId == _thread)
            _turns.Enqueue(() => d(state));
        else
            ForeignPost.Tell(this, d, state);
    }

    public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        BlockingWaitGuard.OnWait();
        Waiting?.Invoke();
        return base.Wait(waitHandles, waitAll, millisecondsTimeout);
    }

    public void Schedule(TakenTimer timer, TimeSpan due)
    {
        Assert.That(OutsideWatch.OfTurn, Is.Null.Or.SameAs(_watch));
        Scheduled.Add(FormattableString.Invariant($"{timer} {due.TotalMilliseconds}"));
        LastTimer = timer;
        _timers.Enqueue(timer, (NowMs + (long)due.TotalMilliseconds, _order++));
    }

    public void Queue(TakenWork work)
    {
        Queued.Add(work.ToString());
        _turns.Enqueue(work.Run);
    }

    public void Refuse(string call, string remedy) => Refused.Add((call, remedy));

    public void Dispose() => _watch.Dispose();

    private void RunPosted()
    {
        while (_turns.TryDequeue(out var turn))
            RunTurn(turn);
    }

    private void RunTurn(Action userCode)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        _watch.EnterTurn();
        try
        {
            userCode();
        }
        finally
        {
            _watch.ExitTurn();
            SetSynchronizationContext(outer);
        }
    }
}
