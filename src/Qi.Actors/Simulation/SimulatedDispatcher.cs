// The simulated dispatcher: everything on one thread. What is runnable stands in one list; a seeded generator chooses the next, whatever its
// lane or age, for with enough dispatchers any order may come about. When nothing is runnable, time moves to the next timer.
//
// A turn takes a fixed cost of virtual time, so that who waits by looking at the clock comes to an end. With budgets of one message a turn, which
// the owner of the system sets, each message of each actor is a choice of its own.
//
// In one half of the seeds, an item that was chosen is now and then put aside for a number of turns. Chosen uniformly, a message is
// hardly ever overtaken by a hundred others; the bugs that need it show only if somebody is slow on purpose.
//
// Determinism: the order depends on the seed and on what turns do, and on nothing else. No hash code, no clock, no thread takes part.

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Simulated;

/// <summary>Runs a system's turns in an order that a seed decides.</summary>
internal sealed class SimulatedDispatcher : PoolDriver
{
    private const int AsideOnceIn = 32;
    private const int LongestAsideBits = 8;

    private readonly List<RunItem> _runnable = [];
    private readonly PriorityQueue<RunItem, (long DueTicks, long Number)> _delayed = new();
    private readonly PriorityQueue<RunItem, (long UntilTurn, long Number)> _aside = new();
    private readonly SimulatedTime _time;
    private readonly SimulationHooks _hooks;
    private readonly long _turnCostTicks;
    private readonly bool _isPuttingAside;
    private ThreadContext? _thread;
    private DispatcherPool? _pool;
    private Dispatcher? _dispatcher;
    private OrderSignature _signature;
    private Rng _rng;
    private long _turns;
    private long _number;
    private bool _isRunning;

    public SimulatedDispatcher(ulong seed, SimulatedTime time, SimulationHooks hooks, TimeSpan turnCost)
    {
        _time = time;
        _hooks = hooks;
        _turnCostTicks = turnCost.Ticks;
        _rng = new Rng(seed);
        _isPuttingAside = _rng.Below(2) == 1;
    }

    /// <summary>Turns run so far.</summary>
    public long Turns => _turns;

    /// <summary>The order of the turns so far.</summary>
    public ulong Signature => _signature.Value;

    /// <summary>True while turns are being run. Any thread.</summary>
    public bool IsRunning => Atomic.Read(ref _isRunning);

    /// <inheritdoc/>
    public override bool IsAtRest
    {
        get
        {
            _dispatcher!.TakeRunnable(_runnable);
            return _runnable.Count == 0 && _delayed.Count == 0 && _aside.Count == 0;
        }
    }

    /// <summary>When something will become runnable by itself; <see cref="long.MaxValue"/> if nothing will.</summary>
    public long NextEventTicks
    {
        get
        {
            long next = Math.Min(_time.NextDueTicks, _dispatcher!.NextDeadlineNs is var ns && ns == long.MaxValue ? ns : ns / TimeSpan.NanosecondsPerTick);
            return _delayed.TryPeek(out _, out var place) ? Math.Min(next, place.DueTicks) : next;
        }
    }

    /// <summary>The calling thread runs this pool from now on, whenever <see cref="RunUntil"/> is called.</summary>
    /// <exception cref="InvalidOperationException">The thread runs a dispatcher, or another simulation.</exception>
    public void Begin(DispatcherPool pool)
    {
        var thread = ThreadContext.Instance;
        if (thread.Dispatcher is not null)
            throw new InvalidOperationException($"This thread runs the system {thread.Dispatcher.Pool.Settings.Name} already: a simulation needs a thread of its own. Begin it on another thread, or end the other one before.");
        _thread = thread;
        _pool = pool;
        _dispatcher = pool.Dispatchers[0];
        pool.BeginDriving(thread);
    }

    /// <summary>Runs no more turns: timers that are left are fired, so that nobody waits for ever, and what is queued is refused.</summary>
    public void End()
    {
        while (_delayed.TryDequeue(out var delayed, out _))
            _runnable.Add(delayed);
        while (_aside.TryDequeue(out var aside, out _))
            _runnable.Add(aside);
        foreach (var item in _runnable)
            item.Refuse();
        _runnable.Clear();
        _pool!.EndDriving(_thread!);
        _pool.AbandonTimers();
        _pool.Dispose();
    }

    /// <summary>Runs turns, and lets time pass when there are none, until a condition holds.</summary>
    /// <param name="isDone">Looked at before each turn.</param>
    /// <param name="untilTicks">Time does not pass beyond this, nor beyond the end of the clock.</param>
    /// <param name="turnLimit">No more turns than this, in all.</param>
    public RunEnding RunUntil(Func<bool> isDone, long untilTicks, long turnLimit)
    {
        untilTicks = Math.Min(untilTicks, _time.LatestTicks);
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_pool!.SynchronizationContext);
        Atomic.Write(ref _isRunning, true);
        try
        {
            while (!isDone())
            {
                if (_turns >= turnLimit)
                    return RunEnding.TurnLimit;
                if (TakeNext() is { } item)
                {
                    if (!TryRunTurn(item))
                        return RunEnding.Refused;
                    continue;
                }

                if (_delayed.Count == 0 && _hooks.GoesOnAtRest())
                    continue;
                long next = NextEventTicks;
                if (next == long.MaxValue)
                    return RunEnding.Stuck;
                if (next > untilTicks)
                {
                    _time.MoveTo(untilTicks);
                    return RunEnding.TimeUp;
                }

                _time.MoveTo(Math.Min(next + Math.Min(_hooks.LatenessTicks(), _time.LatestTicks), untilTicks));
                MakeDueRunnable();
            }

            return RunEnding.Done;
        }
        finally
        {
            Atomic.Write(ref _isRunning, false);
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Moves the clock forward, whatever is runnable; to its end at most.</summary>
    public void JumpClock(long byTicks)
    {
        _time.MoveTo(_time.NowTicks + Math.Min(byTicks, _time.LatestTicks));
        _signature.Add((ulong)byTicks);
        MakeDueRunnable();
    }

    public override void TakeFromOutside(RunItem item) => _hooks.OnItemFromOutside(item);

    public override int LongestWaitMs => _hooks.LongestWaitMs;

    public override void OnLongestWaitOver() => _hooks.OnLongestWaitOver();

    public override void BeforeBlocking() => _hooks.BeforeBlocking();

    public override void BeforeTelling(RunItem actor)
    {
        if (ThreadContext.Existing != _thread)
            _hooks.OnItemFromOutside(actor);
    }

    public override void BeforeHandling(RunItem actor, object? message) => _hooks.BeforeHandling(actor, message);

    private RunItem? TakeNext()
    {
        while (true)
        {
            _dispatcher!.TakeRunnable(_runnable);
            while (_aside.TryPeek(out _, out var place) && (place.UntilTurn <= _turns || _runnable.Count == 0))
                _runnable.Add(_aside.Dequeue());
            if (_runnable.Count == 0)
                return null;
            var item = Choose();
            if (_isPuttingAside && _runnable.Count > 0 && _rng.Below(AsideOnceIn) == 0)
                _aside.Enqueue(item, (_turns + (1L << (int)_rng.Below(LongestAsideBits)), ++_number));
            else if (_hooks.DelayBefore(item) is var delay && delay > 0)
                _delayed.Enqueue(item, (_time.NowTicks + Math.Min(delay, _time.LatestTicks), ++_number));
            else
                return item;
        }
    }

    private RunItem Choose()
    {
        int count = _runnable.Count;
        int index = count == 1 ? 0 : (int)_rng.Below((uint)count);
        var item = _runnable[index];
        _runnable[index] = _runnable[count - 1];
        _runnable.RemoveAt(count - 1);
        _signature.Add(((ulong)count << 32) | (uint)index);
        _signature.Add((ulong)(uint)item.Slot);
        return item;
    }

    private bool TryRunTurn(RunItem item)
    {
        _turns++;
        if (_pool!.IsStopping && item is not PostedCallback)
        {
            item.Refuse();
            return true;
        }

        _hooks.EnterTurn();
        bool mayGoOn;
        try
        {
            _dispatcher!.RunTurn(item);
        }
        finally
        {
            mayGoOn = _hooks.ExitTurn();
        }

        _time.MoveTo(_time.NowTicks + _turnCostTicks);
        if (NextEventTicks <= _time.NowTicks)
            MakeDueRunnable();
        return mayGoOn;
    }

    private void MakeDueRunnable()
    {
        _dispatcher!.FireDueTimers();
        while (_time.TakeDue() is { } alarm)
            PostedCallback.Post(_pool!, static alarm => ((SimulatedAlarm)alarm!).Fire(), alarm);
        while (_delayed.TryPeek(out _, out var place) && place.DueTicks <= _time.NowTicks)
            _runnable.Add(_delayed.Dequeue());
    }
}

/// <summary>Why a simulation has paused.</summary>
internal enum RunEnding
{
    /// <summary>The condition holds.</summary>
    Done,

    /// <summary>Time has come to its limit.</summary>
    TimeUp,

    /// <summary>Nothing is runnable, and no timer waits.</summary>
    Stuck,

    /// <summary>The turns are used up.</summary>
    TurnLimit,

    /// <summary>A hook has ended it.</summary>
    Refused,
}
