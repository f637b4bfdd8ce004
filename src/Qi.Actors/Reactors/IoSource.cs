// One direction of a descriptor as something to await: an operation, the ValueTask source around it, and whoever waits. Used again and again, one use at a
// time, without an allocation.
//
// _phase: Idle -> Begun (the one who begins) -> Parked (a coroutine has suspended on it) or Listening (anybody else has given it a continuation) -> Done (the
// completer) -> Idle (whoever takes the result). An operation that ends while it is submitted never leaves Begun: its result is returned at once.
//   completer  C1 write the result    C2 phase := Done, by exchange    C3 it was Parked: wake; Listening: schedule the continuation
//   waiter     L1 note who waits      L2 Begun -> Parked or Listening, by compare-exchange: failed, so it is Done: wake or schedule itself
// C2 and L2 are on one word, so exactly one of the two wakes the waiter.
//
// A cancel does not end the wait: the operating system may have the memory. It asks the operation to end, which then has done nothing (IoErrors.Canceled), or
// has read or written, and then the result counts and the cancel is left for the next await. Why it was asked is in _reason; the first one counts.
// A request names the use. It reads the use first, and checks afterwards that the wait it means is the one that lasts: so it hits that use or none.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

/// <summary>What came of a failed use, in the words of whoever began it.</summary>
/// <param name="error">The operating system's error number.</param>
internal delegate Exception IoFailure(int error);

/// <summary>A direction of a descriptor that can be awaited.</summary>
internal sealed partial class IoSource : RunItem, IValueTaskSource<int>, IValueTaskSource, ICancellableWait
{
    private const int Idle = 0;
    private const int Begun = 1;
    private const int Parked = 2;
    private const int Listening = 3;
    private const int Done = 4;

    private const int NotAsked = 0;
    private const int ByCoroutine = 1;
    private const int ByToken = 2;
    private const int ByDeadline = 3;

    private readonly DispatcherPool _pool;
    private readonly Operation _operation;
    private readonly IoFailure _failure;

    private int _phase;
    private int _reason;
    private short _token;
    private bool _isYielding;
    private CoroutineBox? _root;
    private int _epoch;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private TimeSpan _timeout;
    private IoDeadline? _deadline;

    /// <summary>A source of operations on one side of a handle.</summary>
    public IoSource(DispatcherPool pool, IoHandle handle, IoFailure failure)
    {
        _pool = pool;
        _failure = failure;
        Handle = handle;
        _operation = new Operation(this);
    }

    /// <summary>The descriptor.</summary>
    public IoHandle Handle { get; }

    /// <summary>What to do; filled in between <see cref="Begin"/> and <see cref="RunAsync"/>.</summary>
    public DispatcherOperation Wanted => _operation;

    /// <summary>Takes the source for a use.</summary>
    /// <exception cref="InvalidOperationException">Another use is not over, or its result was not taken.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin()
    {
        if (Atomic.CompareExchange(ref _phase, Begun, Idle) != Idle)
            ThrowInUse();
    }

    /// <summary>Does what <see cref="Wanted"/> says. The result is that of the operation.</summary>
    /// <param name="timeout">After this long the use ends with a <see cref="TimeoutException"/>; infinite for never.</param>
    /// <param name="cancellationToken">Ends the use.</param>
    public ValueTask<int> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!Start(timeout, cancellationToken))
            return new ValueTask<int>(this, _token);
        int result = _operation.Result;
        if (result < 0)
            return ValueTask.FromException<int>(TakeFailure());
        Atomic.Write(ref _phase, Idle);
        return new ValueTask<int>(result);
    }

    /// <summary>The same without the result.</summary>
    public ValueTask RunVoidAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!Start(timeout, cancellationToken))
            return new ValueTask(this, _token);
        if (_operation.Result < 0)
            return ValueTask.FromException(TakeFailure());
        Atomic.Write(ref _phase, Idle);
        return default;
    }

    /// <inheritdoc/>
    public void CancelWait(int epoch)
    {
        int use = _operation.Use;
        if (Atomic.Read(ref _epoch) == epoch)
            RequestEnd(use, ByCoroutine);
    }

    // True if it has ended, and the awaiting code may go on at once: its turn's budget counts what need not wait.
    private bool Start(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            Atomic.Write(ref _phase, Idle);
            cancellationToken.ThrowIfCancellationRequested();
        }

        _reason = NotAsked;
        switch (Handle.TryBegin(_operation))
        {
            case IoBegin.Busy:
                Atomic.Write(ref _phase, Idle);
                ThrowInUse();
                break;
            case IoBegin.Closed:
                _operation.Result = -IoErrors.Canceled;
                return true;
        }

        if (_pool.Reactors.Submit(_operation))
        {
            if (ThreadContext.Existing is not { Coroutine: not null } thread || thread.BudgetLeft-- > 0)
                return true;
            _isYielding = true;
            Atomic.Write(ref _phase, Done);
            return false;
        }

        if (timeout != Timeout.InfiniteTimeSpan)
            ArmDeadline(timeout);
        if (cancellationToken.CanBeCanceled)
            ListenTo(cancellationToken);
        return false;
    }

    private void ArmDeadline(TimeSpan timeout)
    {
        _timeout = timeout;
        _deadline = new IoDeadline(this, _operation.Use);
        _deadline.Start(_pool, timeout);
    }

    private void ListenTo(CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static state => ((IoSource)state!).CancelByToken(), this);
    }

    // A token's callback can be late for its use only if the registration is not disposed of, which the end of the use does, and waits for it.
    private void CancelByToken() => RequestEnd(_operation.Use, ByToken);

    private void TimeOut(int use) => RequestEnd(use, ByDeadline);

    private void RequestEnd(int use, int reason)
    {
        if (_operation.Use == use)
            Atomic.CompareExchange(ref _reason, reason, NotAsked);
        ReactorSet.Cancel(_operation, use);
    }

    // C2, C3. By the reactor's owner, or by whoever has cancelled or closed.
    private void Complete()
    {
        switch (Atomic.Exchange(ref _phase, Done))
        {
            case Parked:
                _root!.Wake(_epoch);
                break;
            case Listening:
                ScheduleContinuation();
                break;
        }
    }

    /// <summary>Takes the exception of a use that has ended badly. Whoever takes the result.</summary>
    private Exception TakeFailure()
    {
        int error = -_operation.Result;
        int reason = _reason;
        var cancellation = _cancellation;
        var timeout = _timeout;
        Release();
        if (error != IoErrors.Canceled)
            return _failure(error);
        return reason switch
        {
            ByToken => new OperationCanceledException(cancellation),
            ByDeadline => new TimeoutException($"{_operation.Kind} was not over after {timeout}. {_failure(0).Message}"),
            _ => _failure(error),
        };
    }

    private void Release()
    {
        if (_deadline is not null)
            _deadline.Stop();
        if (_cancellation.CanBeCanceled)
        {
            _registration.Dispose(); // waits for a callback in progress
            _registration = default;
            _cancellation = default;
        }

        _deadline = null;
        _root = null;
        _operation.Memory = default;
        unchecked
        {
            _token++;
        }

        Atomic.Write(ref _phase, Idle);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowInUse()
        => throw new InvalidOperationException(
            $"Another {(_operation.IsReading ? "read" : "write")} is in progress, or its result was not awaited: one at a time. {_failure(0).Message}");

    private sealed class Operation(IoSource source) : DispatcherOperation
    {
        protected override void OnCompleted() => source.Complete();

        protected override void RequestCancel(int use) => ReactorSet.Cancel(this, use);
    }

    private sealed class IoDeadline(IoSource source, int use) : TimerEntry
    {
        private int _generation;

        public void Start(DispatcherPool pool, TimeSpan timeout)
        {
            _generation = NextGeneration;
            Arm(pool, timeout);
        }

        public void Stop() => TryCancel(_generation);

        protected override void Fire(ThreadContext thread) => source.TimeOut(use);
    }
}
