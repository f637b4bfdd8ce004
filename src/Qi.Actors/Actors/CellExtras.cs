using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;

namespace Qi.Actors;

/// <summary>What most actors never need, made when first used. Any thread may make it; the fields say who uses them.</summary>
internal sealed class CellExtras<TMessage>
{
    // Any thread.
    private string? _name;
    private ActorPath _path;
    private TaskCompletionSource? _completion;
    private CancellationTokenSource? _stopping;
    private Exception? _failure;

    // Fixed at spawn.
    public MessageQueue<TMessage>? Queue;

    // Owner only.
    public ValueTask Pending;
    public PendingKind PendingKind;
    public Action? PendingDone;
    public TMessage? PendingMessage;
    public int InFlight;

    /// <summary>The name given at spawn.</summary>
    public string? Name
    {
        get => _name;
        init => _name = value;
    }

    /// <summary>Ends when the actor has stopped.</summary>
    public TaskCompletionSource Completion
        => Atomic.Read(ref _completion) ?? MakeCompletion();

    /// <summary>What the actor failed with; null if it did not.</summary>
    public Exception? Failure => Atomic.Read(ref _failure);

    /// <summary>True if anyone asked for the completion.</summary>
    public bool HasCompletion => Atomic.Read(ref _completion) is not null;

    /// <summary>The source behind the actor's stopping token, if anyone asked for it.</summary>
    public CancellationTokenSource? Stopping => Atomic.Read(ref _stopping);

    /// <summary>The source behind the actor's stopping token, made now if need be.</summary>
    public CancellationTokenSource EnsureStopping() => Stopping ?? MakeStopping();

    /// <summary>The path; a number stands for the name that was not given.</summary>
    public ActorPath PathIn(ActorSystem system)
    {
        lock (this)
        {
            if (_path == default)
                _path = _name is null ? ActorPath.ForAnonymous(system.NextAnonymousNumber()) : ActorPath.ForUser(_name);
            return _path;
        }
    }

    /// <summary>Notes the first failure.</summary>
    public void NoteFailure(Exception failure) => Atomic.CompareExchange(ref _failure, failure, null);

    private CancellationTokenSource MakeStopping()
    {
        var made = new CancellationTokenSource();
        return Atomic.CompareExchange(ref _stopping, made, null) ?? made;
    }

    private TaskCompletionSource MakeCompletion()
    {
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Atomic.CompareExchange(ref _completion, made, null) ?? made;
    }
}

/// <summary>What an asynchronous call that has not ended is.</summary>
internal enum PendingKind
{
    None,
    Handler,
    Started,
    Stopping,
    Stopped,
}
