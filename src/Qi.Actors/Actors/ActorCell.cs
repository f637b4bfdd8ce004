// An actor's runtime state: its mailbox and its life. One object, 72 bytes (88 for an asynchronous one, which has system messages
// and a context), plus the user's.
//
// Word's bits (RunItem R2), all changed by atomic operations:
//   Closed          any thread   takes no more messages: a stop was asked for
//   StopRequested   any thread   a stop was asked for and the owner has not seen it
//   StopNow         any thread   the stop asked for does not drain
//   Stopped         owner        has handled its last message; whatever still comes is buried
//   Intercepted     fixed        a driver sees each message told and handled: every tell and every turn is a slow one
//   HasQueue        fixed        messages are in extras.Queue (bounded or prioritized); the mailbox carries pokes only
// What only the owner needs to know of the actor's life stands in ActorBase.Life, changed by plain stores: an actor that is spawned,
// answers and stops would spend half of its time in atomic operations else.
//
// A turn is fast when none of these needs attention: ActorCell.Fast loops are in SyncActorCell and AsyncActorCell. Everything
// else is the slow turn (ActorCell.Turn.cs). C1: only the owner, in a turn, calls user code of this actor; the mailbox
// (M1) or the held system queue (S2) schedules it once at a time.

using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>The runtime's side of an actor.</summary>
internal abstract partial class ActorCell<TMessage> : ActorRef<TMessage>, ILiveActor
{
    private protected const int ClosedFlag = 1 << 2;
    private protected const int StoppedFlag = 1 << 3;
    private protected const int HasQueueFlag = 1 << 4;
    private protected const int StopRequestedFlag = 1 << 5;
    private protected const int StopNowFlag = 1 << 6;
    private protected const int InterceptedFlag = 1 << 7;

    private protected const int SlowTellMask = ClosedFlag | HasQueueFlag | InterceptedFlag;
    private protected const int SlowTurnMask = StoppedFlag | HasQueueFlag | StopRequestedFlag | InterceptedFlag;

    private protected static readonly object Spent = new();

    private protected readonly ActorKind Kind;
    private protected readonly ActorBase<TMessage> Behaviour;
    private protected Mailbox Mailbox;
    private CellExtras<TMessage>? _extras;

    private protected ActorCell(ActorBase<TMessage> behaviour, ActorKind kind, string? name)
    {
        Behaviour = behaviour;
        Kind = kind;
        Word = (int)kind.Options.Priority | (kind.Pool.Driver is null ? 0 : InterceptedFlag);
        var options = kind.Options.Mailbox;
        if (options.IsPlain && name is null)
            return;
        _extras = new CellExtras<TMessage> { Name = name };
        if (options.IsPlain)
            return;
        Word |= HasQueueFlag;
        _extras.Queue = options.PrioritySelector is null
            ? new BoundedQueue<TMessage>(options.Capacity, options.FullMode)
            : new PrioritizedQueue<TMessage>(Selector(options.PrioritySelector));
    }

    public sealed override ActorPath Path => Extras.PathIn(System);

    public sealed override bool IsStopped => (Atomic.Read(ref Word) & StoppedFlag) != 0;

    public sealed override int? MailboxCount => Atomic.Read(ref _extras)?.Queue?.Count;

    public sealed override Task Completion => CompletionSource.Task;

    public ActorSystem System => Kind.System;

    public CancellationToken StoppingToken
    {
        get
        {
            var stopping = Extras.EnsureStopping();
            if (HasLife(LifeMarks.Ending) && Has(StopNowFlag) && !stopping.IsCancellationRequested)
                CancelStopping(stopping); // First asked for after the stop was seen.
            return stopping.Token;
        }
    }

    internal sealed override ActorSystem OwnerSystem => Kind.System;

    /// <summary>The extras, made now if need be. Any thread.</summary>
    private protected CellExtras<TMessage> Extras => Atomic.Read(ref _extras) ?? MakeExtras();

    /// <summary>This actor as a propagator, if it has such an output.</summary>
    public ActorRef<TMessage, TOutput>? WithOutput<TOutput>()
        => Behaviour is IOutputActor<TMessage, TOutput> actor ? new ActorRef<TMessage, TOutput>(this, actor.Port) : null;

    /// <summary>Makes the mailbox non-idle, before anyone can find the cell by its name or stop it with its system.</summary>
    public void Prime() => Mailbox.Prime();

    /// <summary>Schedules the first turn, in which the started hook runs. Called once, by the spawner, after <see cref="Prime"/>.</summary>
    public void Start(ThreadContext thread) => Kind.Pool.ScheduleFresh(this, thread);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public sealed override TellStatus Tell(TMessage message)
        => (Atomic.Read(ref Word) & SlowTellMask) != 0 ? TellSlow(message, mayBury: true) : TellOpen(message);

    // A stop that comes meanwhile comes later: it is not looked for again.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TellStatus TellOpen(TMessage message)
    {
        var thread = ThreadContext.Instance;
        if (ReferenceEquals(thread.LastTarget, this))
            return TellAgain(message, thread);
        thread.LastTarget = this;
        thread.OpenRun = null;
        if (Mailbox.Enqueue(MessageNode.Rent(message, thread.Nodes)))
            Kind.Pool.Schedule(this, thread);
        return TellStatus.Accepted;
    }

    // The thread has sent to this actor last: its messages form a run.
    private TellStatus TellAgain(TMessage message, ThreadContext thread)
    {
        var run = thread.OpenRun;
        if (run is not null && Mailbox.IsTail(run) && Runs.TryAppend(run, message, ref thread.OpenRunState))
            return TellStatus.Accepted;
        if (!Runs.Fit<TMessage>() || (run is not null && RunNode<TMessage>.IsSingle(thread.OpenRunState)))
        {
            // Other senders come in between after each message: a run for each would be mostly empty.
            thread.OpenRun = null;
            run = MessageNode.Rent(message, thread.Nodes);
        }
        else
        {
            run = Runs.Open(message, out thread.OpenRunState);
            thread.OpenRun = run;
        }

        if (Mailbox.Enqueue(run))
            Kind.Pool.Schedule(this, thread);
        return TellStatus.Accepted;
    }

    internal sealed override TellStatus TryTell(TMessage message)
        => (Atomic.Read(ref Word) & SlowTellMask) != 0 ? TellSlow(message, mayBury: false) : TellOpen(message);

    internal sealed override TellStatus TryTellQuestion(TMessage message, ThreadContext thread)
    {
        if ((Atomic.Read(ref Word) & SlowTellMask) != 0)
            return TellSlow(message, mayBury: false);
        if (!ReferenceEquals(thread.LastTarget, this))
            thread.LastTarget = this;
        else if (!Mailbox.IsIdle)
            return TellAgain(message, thread);
        thread.OpenRun = null;
        if (Mailbox.Enqueue(MessageNode.Rent(message, thread.Nodes)))
            Kind.Pool.Schedule(this, thread);
        return TellStatus.Accepted;
    }

    /// <summary>A message nobody will handle.</summary>
    private protected void Bury(TMessage message, DeadLetterReason reason)
    {
        var letters = System.DeadLetters;
        letters.Add(letters.IsObserved ? Path : default, letters.IsObserved ? message : null, reason);
    }

    /// <summary>The system messages; a queue that stays empty if this kind gets none.</summary>
    private protected abstract ref SystemQueue SystemMessages { get; }

    private protected bool Has(int flag) => (Word & flag) != 0;

    private protected void Set(int flag) => Atomic.Or(ref Word, flag);

    private protected void Clear(int flag) => Atomic.And(ref Word, ~flag);

    // For the owner. Off the turn only Ending may be asked for, in StoppingToken.
    private protected bool HasLife(LifeMarks mark) => (Behaviour.Life & mark) != LifeMarks.None;

    private void SetLife(LifeMarks mark) => Behaviour.Life |= mark;

    private void ClearLife(LifeMarks mark) => Behaviour.Life &= ~mark;

    /// <summary>Sends a message of the runtime. Any thread.</summary>
    private protected void Push(SystemMessage message)
    {
        var wakeup = SystemMessages.Push(message);
        Behaviour.NoteSystemMessage(true); // after the push, before any poke: a turn that sees the note finds the message
        if (wakeup == Wakeup.Poke)
            Poke();
        else if (wakeup == Wakeup.Schedule)
            Kind.Pool.Schedule(this);
    }

    /// <summary>Makes sure of a turn that sees a flag of Word that was just set. Any thread.</summary>
    private protected void Wake()
    {
        Behaviour.NoteSystemMessage(true);
        if (SystemMessages.TryWakeHeld()) // after the flag's atomic operation; pairs with the look at Word in TryHold
            Kind.Pool.Schedule(this);
        else if (Mailbox.IsIdle) // after the flag's atomic operation; pairs with the look at Word in WentIdle (M6)
            Poke();
    }

    /// <summary>The owner has made the mailbox idle: a stop that was asked for meanwhile needs a turn. As any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void WentIdle()
    {
        if ((Atomic.Read(ref Word) & (StopRequestedFlag | StoppedFlag)) == StopRequestedFlag)
            Poke();
    }

    /// <summary>Makes sure of a turn. Any thread.</summary>
    private protected void Poke()
    {
        var thread = ThreadContext.Instance;
        if (Mailbox.Enqueue(RentPoke(thread)))
            Kind.Pool.Schedule(this, thread);
    }

    private static MessageNode RentPoke(ThreadContext thread)
    {
        var node = MessageNode.Rent<TMessage>(default!, thread.Nodes);
        node.Context = Spent;
        return node;
    }

    private static Func<TMessage, int> Selector(Delegate selector)
        => selector as Func<TMessage, int>
        ?? throw new ArgumentException($"The prioritized mailbox is for messages of another type than {typeof(TMessage).Name}. Make it with MailboxOptions.Prioritized<{typeof(TMessage).Name}>.", nameof(selector));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private CellExtras<TMessage> MakeExtras()
    {
        var made = new CellExtras<TMessage>();
        return Atomic.CompareExchange(ref _extras, made, null) ?? made;
    }

    private TellStatus TellPlain(TMessage message)
    {
        var thread = ThreadContext.Instance;
        if (Mailbox.Enqueue(MessageNode.Rent(message, thread.Nodes)))
            Kind.Pool.Schedule(this, thread);
        return TellStatus.Accepted;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TellStatus TellSlow(TMessage message, bool mayBury)
    {
        if ((Atomic.Read(ref Word) & ClosedFlag) != 0)
        {
            if (ThreadContext.Existing is { } thread && ReferenceEquals(thread.LastTarget, this))
                thread.ForgetTarget();
            if (mayBury)
                Bury(message, DeadLetterReason.Stopped);
            return TellStatus.Stopped;
        }

        if (Has(InterceptedFlag))
        {
            Kind.Pool.Driver!.BeforeTelling(this);
            if (!Has(HasQueueFlag))
                return TellPlain(message);
        }

        var result = Extras.Queue!.Enqueue(message, out bool mustSignal, out var evicted);
        if (mustSignal)
            Poke();
        switch (result)
        {
            case EnqueueResult.Accepted:
                return TellStatus.Accepted;
            case EnqueueResult.AcceptedEvicting:
                Bury(evicted!, DeadLetterReason.Dropped);
                return TellStatus.Accepted;
            case EnqueueResult.Dropped:
                Bury(message, DeadLetterReason.Dropped);
                return TellStatus.Dropped;
            default:
                if (mayBury)
                    Bury(message, DeadLetterReason.MailboxFull);
                return TellStatus.Full;
        }
    }
}
