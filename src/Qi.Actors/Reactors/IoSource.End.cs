// A cancel does not end the wait: the operating system may have the memory. It asks the operation to end, which then has done nothing (IoErrors.Canceled), or
// has read or written, and then the result counts and the cancel is left for the next await. Why it was asked is in _reason with the run; the first one counts.
//   Q1. A request names the run. A canceller reads the run first, and checks afterwards that the wait it means is the one that lasts; the end of a run clears
//       that. So a request hits its own run or none.
//   Q3. A result that is a descriptor belongs to whoever takes it (IoOperation.TryTakeResult): the waiter, or, once the handle is closed, nobody will come for it any
//       more and it is dropped. Run: Done by exchange (a full fence), then look whether the handle is closed. Closer: close (a full fence), then look for Done. One
//       sees the other.
//   Q2. A run may take several uses of the side (IoSource.Pause.cs). Request: write the reason, full fence, cancel the use that is there. Run: begin the use
//       (a full fence), read the reason. One sees the other.

using System.Runtime.CompilerServices;

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

internal sealed partial class IoSource
{
    private const int NotAsked = 0;
    private const int ByCoroutine = 1;
    private const int ByToken = 2;
    private const int ByDeadline = 3;
    private const int ReasonBits = 2;
    private const int NoEpoch = -1;

    private const int Taken = int.MaxValue;

    private readonly Action<int>? _drop;
    private long _reason;

    /// <summary>Drops a result that nobody comes for: it is something to own. Null if results are numbers.</summary>
    public Action<int>? Drop
    {
        init => _drop = value;
    }

    /// <inheritdoc/>
    public void CancelWait(CoroutineBox root, int epoch)
    {
        int run = Atomic.Read(ref _run);
        if (Atomic.Read(ref _epoch) == epoch && Atomic.Read(ref _root) == root)
            RequestEnd(run, ByCoroutine); // Q1
    }

    /// <summary>The handle has been closed for good: what needs no operation to end, ends. Whoever closed it.</summary>
    public void OnHandleClosed()
    {
        var pause = Atomic.Read(ref _pause);
        EndPause(pause, pause?.CurrentGeneration ?? 0);
        CloseDeadline();
        DropIfClosed();
    }

    /// <summary>The result of a run that has ended, which is the caller's to own if it is not negative.</summary>
    public int TakeOutcome()
    {
        while (true)
        {
            int outcome = _operation.Result;
            if (outcome < 0 || _drop is null || _operation.TryTakeResult(outcome, Taken))
                return outcome;
        }
    }

    // It has ended before the one who waits has come.
    private void EndAhead()
    {
        Unpin();
        if (_drop is null)
        {
            Atomic.Write(ref _phase, Done);
            return;
        }

        Atomic.Exchange(ref _phase, Done);
        DropIfClosed();
    }

    // Q3.
    private void DropIfClosed()
    {
        if (_drop is null || !Handle.IsClosed || Atomic.Read(ref _phase) != Done)
            return;
        int outcome = _operation.Result;
        if (outcome is >= 0 and not Taken && _operation.TryTakeResult(outcome, -IoErrors.Canceled))
            _drop(outcome);
    }

    // A token's callback can be late for its run only if the registration is not disposed of, which the end of the run does, and waits for it.
    private void CancelByToken() => RequestEnd(Atomic.Read(ref _run), ByToken);

    private void RequestEnd(int run, int reason)
    {
        Atomic.CompareExchange(ref _reason, ReasonOf(run, reason), ReasonOf(run, NotAsked)); // Q2: a full fence
        int use = _operation.Use;
        var pause = Atomic.Read(ref _pause);
        int generation = pause?.CurrentGeneration ?? 0;
        Atomic.Fence();
        if (Atomic.Read(ref _run) != run)
            return; // Q1: what was read may be another run's
        if (!EndPause(pause, generation))
            ReactorSet.Cancel(_operation, use);
    }

    // The operation has ended. By the reactor's owner, or by whoever has cancelled or closed.
    private void OnOperationEnded()
    {
        if (_operation.Result >= 0 || !TryPause(out bool isPausing) || (!isPausing && Go()))
            Finish();
    }

    // C2, C3. The pieces need not stay where they are any more, also if nobody ever comes for the result: the coroutine that waits may be one that a stop has left behind.
    private void Finish()
    {
        Unpin();
        switch (Atomic.Exchange(ref _phase, Done))
        {
            case Parked:
                _root!.Wake(_epoch);
                break;
            case Listening:
                ScheduleContinuation();
                break;
        }

        DropIfClosed();
    }

    /// <summary>Takes the exception of a run that has ended badly. Whoever takes the result.</summary>
    private Exception TakeFailure(int reason)
    {
        int error = -_operation.Result;
        var kind = _operation.Kind;
        var cancellation = _cancellation;
        var timeout = _timeout;
        Release();
        if (error != IoErrors.Canceled)
            return _owner.Failure(kind, error);
        return reason switch
        {
            ByToken => new OperationCanceledException($"{_owner.Describe(kind)} was cancelled.", cancellation),
            ByDeadline => new TimeoutException(
                $"{_owner.Describe(kind)} was not over after {timeout}. The other end is slow or gone: close the connection, or allow more time."),
            ByCoroutine => new OperationCanceledException($"{_owner.Describe(kind)} was cancelled with its coroutine.", new CancellationToken(canceled: true)),
            _ => _owner.Failure(kind, error),
        };
    }

    // The run is over for one who has been waiting.
    private void Release()
    {
        Atomic.Write(ref _epoch, NoEpoch); // Q1
        Atomic.Write(ref _root, null);
        ClearDeadline();
        if (_cancellation.CanBeCanceled)
        {
            _registration.Dispose(); // waits for a callback in progress
            _registration = default;
            _cancellation = default;
        }

        unchecked
        {
            _token++;
        }

        GiveUp();
    }

    // The run is over, and nobody was given its token.
    private void GiveUp()
    {
        _operation.Memory = default;
        Unpin();
        Atomic.Write(ref _phase, Idle);
    }

    private bool IsAsked => (Atomic.Read(ref _reason) & ((1 << ReasonBits) - 1)) != NotAsked;

    private bool IsAskedAfterFence()
    {
        Atomic.Fence();
        return IsAsked;
    }

    private int ReasonCode => (int)Atomic.Read(ref _reason) & ((1 << ReasonBits) - 1);

    private static long ReasonOf(int run, int code) => ((long)run << ReasonBits) | (long)code;
}
