// A coroutine's box: the state machine, the run item and the result in one object.
//
// Two roles. A spawned box is a root: a coroutine in its own right, with a mailbox, a priority and joiners. A box that is
// awaited without having been spawned is a frame of the root that awaits it: it runs in the same turn, and only the root is
// ever scheduled. The root knows the innermost suspended frame (_link) and continues there; calls and returns between frames
// are handed over within the turn (CoroutineBox.Run.cs).
//
// Fields by writer:
//   owner (creator, then whoever runs it)  _link, Aux, _outcome (published by the state word's release)
//   owner and wakers                       _wait (see WaitWord)
//   any thread, by compare-exchange        _continuation of a root (joiners; Done when it has ended), Word's flags,
//                                          _home (from the host to the extras, once)
//
// B1: a frame's _continuation is its caller, set by the await that calls it, on the thread that runs the root.
// B2: a root's _continuation goes from null through a list of joiners to Done, once; a joiner that sees Done does not wait.
// B3: a root is never reused, because join handles may outlive it; a frame is reused by its own method after its await.
//
// This file: identity and completion. CoroutineBox.Run.cs: turns. CoroutineBox.Wait.cs: suspension and wake-up.

using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

/// <summary>A coroutine or one of its frames.</summary>
internal abstract partial class CoroutineBox : RunItem
{
    private const int CancelFlag = 1 << 2;
    private const int PermitFlag = 1 << 3;
    private const int RootFlag = 1 << 4;
    private const int InProgressFlag = 1 << 5;
    private const int StopSeenFlag = 1 << 6;
    private const int AbandonedFlag = 1 << 7;

    [ThreadStatic]
    private static CoroutineBox? t_refused;

    [ThreadStatic]
    private static bool t_isRefusing;

    private int _wait;
    private CoroutineBox? _link;
    private object? _continuation;
    private CoroutineHome? _home;
    private object? _outcome;

    /// <summary>Frame: how often the box was reused, so that a stale handle is noticed. Root: generation of the pending timer.</summary>
    internal int Aux;

    /// <summary>The state that users see.</summary>
    public CoroutineState State => WaitWord.Load(ref _wait).State switch
    {
        WaitState.Cold or WaitState.Fresh or WaitState.Ready => CoroutineState.Pending,
        WaitState.Running => CoroutineState.Running,
        WaitState.Waiting => CoroutineState.Waiting,
        WaitState.Completed => CoroutineState.Completed,
        WaitState.Cancelled => CoroutineState.Cancelled,
        _ => CoroutineState.Failed,
    };

    /// <summary>The coroutine whose turn it is on this thread; null outside of coroutines.</summary>
    public static CoroutineBox? Current => Unsafe.As<CoroutineBox?>(ThreadContext.Existing?.Coroutine);

    public bool IsDone => WaitWord.Load(ref _wait).IsDone;

    public bool IsCold => WaitWord.Load(ref _wait).State == WaitState.Cold;

    public bool IsRoot => (Word & RootFlag) != 0;

    /// <summary>The coroutine this box belongs to.</summary>
    public CoroutineBox Root => IsRoot ? this : _link!;

    public CoroutineHost Host => _home!.Host;

    // Null unless something was needed that most coroutines never need.
    private CoroutineExtras? Extras => Atomic.Read(ref _home) as CoroutineExtras;

    /// <summary>The exception it ended with; null otherwise.</summary>
    public Exception? Exception
    {
        get
        {
            if (!IsDone || _outcome is not ExceptionDispatchInfo failure)
                return null;
            Extras?.Unobserved?.Observe();
            return failure.SourceException;
        }
    }

    /// <summary>Makes a cold box a root and schedules its first turn.</summary>
    public void Spawn(CoroutineHost host, Priority lane)
    {
        if (host.IsClosed)
            throw new ObjectDisposedException(host.Pool.Settings.Name, "The system is stopping and takes no new coroutines. Spawn before it is disposed.");
        SpawnWith(host, (int)lane | RootFlag);
    }

    /// <summary>The same for a part of work that is in progress, which may still be done while the system stops.</summary>
    public void SpawnInProgress(CoroutineHost host, Priority lane) => SpawnWith(host, (int)lane | RootFlag | InProgressFlag);

    /// <summary>Ends this box with a result that the derived class has stored.</summary>
    public void Complete()
    {
        _outcome = null; // what was waited for last is not kept alive by the handles of what has ended
        End(WaitState.Completed);
    }

    /// <summary>Ends this box with an exception; a cancellation exception ends it as cancelled.</summary>
    public void Fail(Exception exception)
    {
        _outcome = ExceptionDispatchInfo.Capture(exception);
        End(exception is OperationCanceledException ? WaitState.Cancelled : WaitState.Failed);
    }

    /// <summary>Throws what this box ended with, if it did not end well. The original stack trace is kept.</summary>
    public void ThrowIfUnsuccessful()
    {
        if (_outcome is not ExceptionDispatchInfo failure)
            return;
        Extras?.Unobserved?.Observe();
        failure.Throw();
    }

    /// <summary>Adds a joiner; false if the root has ended already.</summary>
    public bool TryAddJoiner(JoinNode joiner)
    {
        var seen = Atomic.Read(ref _continuation);
        while (seen != JoinNode.Done)
        {
            joiner.Next = (JoinNode?)seen;
            var before = Atomic.CompareExchange(ref _continuation, joiner, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>A task that ends as this root does.</summary>
    public Task AsTask()
    {
        var joiner = new TaskJoin();
        if (!TryAddJoiner(joiner))
            joiner.Complete();
        return joiner.Task;
    }

    /// <summary>Any thread: the extras, made now if need be.</summary>
    public CoroutineExtras EnsureExtras()
    {
        var home = Atomic.Read(ref _home);
        if (home is CoroutineExtras extras)
            return extras;
        extras = new CoroutineExtras { Host = home!.Host };
        var before = Atomic.CompareExchange(ref _home, extras, home);
        return before == home ? extras : (CoroutineExtras)before!;
    }

    /// <summary>Runs the state machine until it suspends or ends. Never throws: the method builder catches.</summary>
    internal abstract void MoveNext();

    /// <summary>The awaiter of a type that the suspended state machine holds; null if it is not found.</summary>
    internal abstract object? PendingAwaiter(Type type);

    /// <summary>Overwrites the awaiters of a type that the suspended state machine holds.</summary>
    internal abstract void ReplaceAwaiters<TAwaiter>(TAwaiter awaiter);

    /// <summary>Lets go of what the state machine holds.</summary>
    private protected abstract void ClearStateMachine();

    /// <summary>Makes a frame whose result was taken fit for its method's next call.</summary>
    private protected void ResetFrame()
    {
        _wait = 0;
        _link = null;
        _continuation = null;
        _outcome = null;
        Word = (int)Priority.Normal;
        Aux++;
        if (Extras is { } extras)
            extras.Context = null; // all that a frame keeps there
    }

    /// <summary>Cancels for the stop of the system: once, however often it is asked. Any thread.</summary>
    public void CancelForStop()
    {
        if ((Atomic.Or(ref Word, StopSeenFlag) & StopSeenFlag) == 0)
            Cancel();
    }

    /// <summary>The system ends before this root, which waits: its wait is taken and its joiners are told. Any thread.</summary>
    public void AbandonWait()
    {
        var seen = WaitWord.Load(ref _wait);
        if (seen.State == WaitState.Waiting && WaitWord.TryWake(ref _wait, seen.Epoch))
            Abandon();
    }

    /// <summary>The system has ended before this root: joiners are told. By whoever owns it, or when no dispatcher runs any more.</summary>
    public void Abandon()
    {
        if (!IsDone && (Atomic.Or(ref Word, AbandonedFlag) & AbandonedFlag) == 0)
            Fail(new OperationCanceledException("The system stopped before the coroutine ended. Raise ShutdownTimeout, or let the coroutine observe cancellation."));
    }

    // Whoever joins what is abandoned here is woken, and refused in turn: one after the other, not each on the stack of the one before.
    internal sealed override void Refuse()
    {
        Next = t_refused;
        t_refused = this;
        if (t_isRefusing)
            return;
        t_isRefusing = true;
        while (t_refused is { } box)
        {
            t_refused = Unsafe.As<CoroutineBox?>(box.Next);
            box.Next = null;
            box.Abandon();
        }

        t_isRefusing = false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SpawnWith(CoroutineHost host, int word)
    {
        var thread = ThreadContext.Instance;
        SetHost(host);
        _link = this;
        Word = word;
        var context = ExecutionContext.Capture();
        if (!ReferenceEquals(context, AmbientContext.Default) && context is not null)
            EnsureExtras().Context = context;
        host.CountSpawned(thread);
        _wait = new WaitWord(_wait).To(WaitState.Fresh).Value; // published by the queue it goes to
        host.Pool.ScheduleFresh(this, thread);
    }

    // A frame that is used again may have extras already. Owner, not shared yet.
    private void SetHost(CoroutineHost host)
    {
        if (_home is CoroutineExtras extras)
            extras.Host = host;
        else
            _home = host;
    }

    private void End(WaitState state)
    {
        ClearStateMachine();
        var thread = ThreadContext.Instance;
        var ended = new WaitWord(_wait).To(state).Value;
        if (!IsRoot)
        {
            _wait = ended;
            if (_continuation is CoroutineBox caller)
            {
                AmbientContext.Switch(Extras?.Context);
                thread.Continuation = caller;
            }

            return;
        }

        _link = null;
        if (state == WaitState.Failed && Atomic.Read(ref _continuation) is null)
            EnsureExtras().Unobserved = new UnobservedFailure(Host, ((ExceptionDispatchInfo)_outcome!).SourceException);
        Atomic.Write(ref _wait, ended);
        var joiners = Atomic.Exchange(ref _continuation, JoinNode.Done) as JoinNode;
        Host.CountEnded(this, thread);
        while (joiners is not null)
        {
            var next = joiners.Next;
            joiners.Complete();
            joiners = next;
        }
    }
}
