// What waits for the operating system's input and output. One belongs to each dispatcher, which waits in it when it has nothing to run.
//
// An operation is begun by Submit, and ends exactly once: at once (Submit returns true and nobody is told) or later (IoOperation.OnCompleted
// is called). A reactor of readiness (epoll, kqueue) tries the system call first and keeps the operation in the handle's side until the
// descriptor becomes ready; one of completions (io_uring, IOCP) hands it to the system.
//
// Waiting and dispatching are two steps, so that a dispatcher can stop counting as parked before it makes anything runnable.

namespace Qi.Actors.Platform;

/// <summary>Begins operations on descriptors and says when they have ended.</summary>
/// <remarks>
/// <b>Threads</b>: <see cref="Wait"/> and <see cref="Dispatch"/> are the owner's, one thread at a time; <see cref="Wake"/>, <see cref="Attach"/>,
/// <see cref="Detach"/> and <see cref="HasEvents"/> any thread's; <see cref="Submit"/> and <see cref="Cancel"/> any thread's too unless
/// <see cref="IsThreadBound"/>.
/// </remarks>
public abstract class Reactor : IDisposable
{
    /// <summary>What it is built on.</summary>
    public abstract ReactorKind Kind { get; }

    /// <summary>True if only its owner may submit and cancel: any other thread has the owner do it. The owner may change, by <see cref="Succeed"/>.</summary>
    public virtual bool IsThreadBound => false;

    /// <summary>True if descriptors must be non-blocking; false if they must not be.</summary>
    public virtual bool IsNonBlocking => true;

    /// <summary>True if it begins such operations. Those that it does not are done by a thread that may block.</summary>
    public virtual bool Supports(IoKind kind) => kind < IoKind.ReadAt && kind != IoKind.ReceiveProvided;

    /// <summary>Serves a handle from now on, which is not closed. Any thread.</summary>
    /// <exception cref="PlatformException">The operating system refuses.</exception>
    public abstract void Attach(IoHandle handle);

    /// <summary>Serves a handle no more: it is about to be closed, and nothing of it is in progress. Any thread.</summary>
    public abstract void Detach(IoHandle handle);

    /// <summary>
    /// Begins an operation that <see cref="IoHandle.TryBegin"/> has admitted. True if it has ended already, with its <see cref="IoOperation.Result"/>; false if
    /// <see cref="IoOperation.OnCompleted"/> will be called, or has been.
    /// </summary>
    public abstract bool Submit(IoOperation operation);

    /// <summary>
    /// Asks for the end of the use of an operation that was given by <see cref="IoOperation.Use"/>: it ends with
    /// <see cref="IoErrors.Canceled"/>, or with what it did before. Nothing happens if it has ended.
    /// </summary>
    public abstract void Cancel(IoOperation operation, int use);

    /// <summary>
    /// Waits until there are events, somebody calls <see cref="Wake"/>, or the time has passed. Returns how many events there are for
    /// <see cref="Dispatch"/>, at most <paramref name="mostEvents"/>. <b>Units</b>: nanoseconds; negative waits for ever, 0 only looks.
    /// </summary>
    public abstract int Wait(long timeoutNs, int mostEvents);

    /// <summary>Ends the operations that the events of the last <see cref="Wait"/> are for.</summary>
    public abstract void Dispatch();

    /// <summary>Makes the present or the next <see cref="Wait"/> return at once. Any thread.</summary>
    public abstract void Wake();

    /// <summary>True if a <see cref="Wait"/> would find events now. Any thread; an estimate.</summary>
    public abstract bool HasEvents { get; }

    /// <summary>How many operations were begun whose end only <see cref="Dispatch"/> can tell. The owner.</summary>
    public virtual int InProgress => 0;

    /// <summary>True if <see cref="TellAgain"/> does something. Of one that tells readiness once.</summary>
    internal virtual bool CanTellAgain => false;

    /// <summary>Has what is ready of a handle told once more, behind the events that there are. Any thread that holds the handle.</summary>
    internal virtual void TellAgain(IoHandle handle)
    {
    }

    /// <summary>
    /// The calling thread takes the owner's place, since that one is stuck in a turn, outside of any call of this reactor. It is the owner from now on, also of
    /// what is in progress.
    /// </summary>
    public virtual void Succeed()
    {
    }

    /// <summary>Lets go of the operating system's objects. The owner, when nothing is in progress.</summary>
    public abstract void Dispose();
}

/// <summary>What a reactor is built on.</summary>
public enum ReactorKind
{
    /// <summary>Linux: edge-triggered readiness.</summary>
    Epoll,

    /// <summary>Linux: a ring of submissions and one of completions, shared with the kernel.</summary>
    Uring,

    /// <summary>macOS and FreeBSD: readiness.</summary>
    Kqueue,

    /// <summary>Windows: a completion port.</summary>
    CompletionPort,

    /// <summary>The framework's own sockets: wherever there is nothing else.</summary>
    Portable,
}
