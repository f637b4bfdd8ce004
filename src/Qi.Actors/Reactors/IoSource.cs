// One direction of a descriptor as something to await: an operation, the ValueTask source around it, and whoever waits. Used again and again, one run at a
// time, without an allocation.
//
// _phase: Idle -> Begun (the one who begins) -> Parked (a coroutine has suspended on it) or Listening (anybody else has given it a continuation) -> Done (the
// completer) -> Idle (whoever takes the result). An operation that ends while it is submitted never leaves Begun: its result is returned at once.
//   completer  C1 write the result    C2 phase := Done, by exchange    C3 it was Parked: wake; Listening: schedule the continuation
//   waiter     L1 note who waits      L2 Begun -> Parked or Listening, by compare-exchange: failed, so it is Done: wake or schedule itself
// C2 and L2 are on one word, so exactly one of the two wakes the waiter.
//
// How a run is asked to end, and ends, is in IoSource.End.cs.
// A run that a coroutine begins with a cancel pending is held: the await ends it before anything was begun; anybody else's await begins it.

using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

/// <summary>A direction of a descriptor that can be awaited.</summary>
internal sealed partial class IoSource : RunItem, IValueTaskSource<int>, IValueTaskSource, ICancellableWait, ICoroutineSource
{
    private const int Idle = 0;
    private const int Begun = 1;
    private const int Parked = 2;
    private const int Listening = 3;
    private const int Done = 4;

    private readonly DispatcherPool _pool;
    private readonly IIoOwner _owner;
    private readonly Operation _operation;

    private int _phase;
    private int _run;
    private short _token;
    private bool _isYielding;
    private bool _isHeld;
    private CoroutineBox? _root;
    private int _epoch = NoEpoch;
    private TimeSpan _timeout;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;

    /// <summary>A source of operations on one side of a handle.</summary>
    public IoSource(DispatcherPool pool, IoHandle handle, IIoOwner owner)
    {
        _pool = pool;
        _owner = owner;
        Handle = handle;
        _operation = new Operation(this);
    }

    /// <summary>The descriptor.</summary>
    public IoHandle Handle { get; }

    /// <summary>What to do; filled in between <see cref="Begin"/> and <see cref="RunAsync"/>.</summary>
    public DispatcherOperation Wanted => _operation;

    /// <summary>What names the run in the ValueTask of one who waits for it.</summary>
    public short Token => _token;

    /// <summary>True while no run is in progress or waits for its result to be taken.</summary>
    public bool IsIdle => Atomic.Read(ref _phase) == Idle;

    /// <summary>Takes the source for a run.</summary>
    /// <exception cref="InvalidOperationException">Another run is not over, or its result was not taken.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin()
    {
        if (Atomic.CompareExchange(ref _phase, Begun, Idle) != Idle)
            ThrowInUse();
        Atomic.Write(ref _run, _run + 1);
    }

    /// <summary>Does what <see cref="Wanted"/> says. The result is that of the operation.</summary>
    /// <param name="timeout">After this long the run ends with a <see cref="TimeoutException"/>; infinite for never.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public ValueTask<int> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (IsCancelledAhead(cancellationToken))
        {
            GiveUp();
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        if (!Start(timeout, cancellationToken))
            return new ValueTask<int>(this, _token);
        int result = _operation.Result;
        if (result < 0)
            return ValueTask.FromException<int>(TakeFailure(ReasonCode));
        GiveUp();
        return new ValueTask<int>(result);
    }

    /// <summary>The same without the result.</summary>
    public ValueTask RunVoidAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (IsCancelledAhead(cancellationToken))
        {
            GiveUp();
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (!Start(timeout, cancellationToken))
            return new ValueTask(this, _token);
        if (_operation.Result < 0)
            return ValueTask.FromException(TakeFailure(ReasonCode));
        GiveUp();
        return default;
    }

    /// <summary>Begins what <see cref="Wanted"/> says, for one who makes more of the result than a number. True if it has ended: <see cref="EndAtOnce"/> follows.</summary>
    public bool TryEndAtOnce(TimeSpan timeout, CancellationToken cancellationToken) => Start(timeout, cancellationToken);

    /// <summary>Takes the result of a run that has ended at once.</summary>
    public void EndAtOnce()
    {
        if (_operation.Result < 0)
            throw TakeFailure(ReasonCode);
        GiveUp();
    }

    /// <summary>
    /// Whether a run is not even to be begun. If it was the coroutine's cancel, by its own token, the run is held instead (<see cref="Start"/>): then its await takes the cancel, which throws
    /// once.
    /// </summary>
    public static bool IsCancelledAhead(CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested && !Waits.IsCancelPending;

    /// <summary>Gives a run up that has not begun.</summary>
    public void Abandon() => GiveUp();

    // True if it has ended, and the awaiting code may go on at once: its turn's budget counts what need not wait.
    private bool Start(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Atomic.Write(ref _reason, ReasonOf(_run, NotAsked));
        _attempt = 0;
        var thread = ThreadContext.Existing;
        if (thread?.Coroutine is { } current && Unsafe.As<CoroutineBox>(current).IsCancelPending)
        {
            _isHeld = true;
            _timeout = timeout;
            _cancellation = cancellationToken;
            return false;
        }

        if (!Go())
        {
            WatchOver(timeout, cancellationToken);
            return false;
        }

        if (thread is not { Coroutine: not null } || thread.BudgetLeft-- > 0)
            return true;
        _isYielding = true;
        EndAhead();
        return false;
    }

    // What was held begins after all. True if it has ended.
    private bool GoHeld()
    {
        _isHeld = false;
        if (Go())
        {
            EndAhead();
            return true;
        }

        WatchOver(_timeout, _cancellation);
        return false;
    }

    // True if the run has ended, with the operation's result; false if it will end later, or has in somebody else's hands.
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // see UnixTry.Once: one return less behind the system call
    private bool Go()
    {
        while (true)
        {
            switch (Handle.TryBegin(_operation))
            {
                case IoBegin.Busy:
                    GiveUp();
                    ThrowInUse();
                    break;
                case IoBegin.Closed:
                    _operation.Result = -IoErrors.Canceled;
                    return true;
            }

            int use = _operation.Use;
            if (_retry is not null && IsAskedAfterFence()) // Q2
            {
                _operation.Result = -IoErrors.Canceled;
                Handle.End(_operation);
                return true;
            }

            if (!_pool.Reactors.Submit(_operation))
            {
                if (_retry is not null && IsAsked)
                    ReactorSet.Cancel(_operation, use); // a reactor may not know a use that is cancelled before it was submitted
                return false;
            }

            if (_operation.Result >= 0 || !TryPause(out bool isPausing))
                return true;
            if (isPausing)
                return false;
        }
    }

    private void WatchOver(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
            SetDeadline(timeout);
        if (!cancellationToken.CanBeCanceled)
            return;
        _cancellation = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static state => ((IoSource)state!).CancelByToken(), this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowInUse()
        => throw new InvalidOperationException(
            $"{_owner.Describe(_operation.Kind)} is in progress, or its result was not awaited. Await each before the next: one {(_operation.IsReading ? "read or accept" : "write")} at a time.");

    private sealed class Operation(IoSource source) : DispatcherOperation
    {
        protected override void OnCompleted() => source.OnOperationEnded();

        protected override void RequestCancel(int use) => ReactorSet.Cancel(this, use);
    }
}
