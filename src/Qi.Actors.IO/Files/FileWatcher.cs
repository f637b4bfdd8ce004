// The watcher's side: what is taken from the queue of the system's WatchHub waits here for its consumer. When there is no room, changes are lost until the consumer
// has taken those that wait: it is told of the loss at the place where they are missing. An actor with a bounded mailbox is told when there is room again, by a SendAsync
// that begins with the loss: one at a time, for what is lost while it waits is lost before the actor takes its message, and so is told of by it too. What ends a watcher is
// kept apart from the queue, which may have no room, and comes last whatever was lost: nothing is told after the end.

using System.Threading.Channels;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>Tells of changes of files, of a file or in a folder.</summary>
/// <remarks>
/// Of a file whichever has its name is watched, also after it was deleted or replaced, through its folder, which must be readable; a replacement is told as <see cref="FileChangeKind.Created"/>. A link
/// is followed when its watcher begins; what is mounted as a file alone is watched as that file, and its unmount is not told. When what is watched is deleted, moved or unmounted, be it a folder, the folder of a file or what a link leads to, the last change is
/// <see cref="FileChangeKind.Deleted"/> of it, and the watcher ends: so does an enumeration, and an actor hears <see cref="FileChangeKind.Ended"/>. A deletion of what is watched
/// itself is told as soon as nobody has it open or works in it.
/// <b>Threads</b>: any; one consumer. <b>Order</b>: as they happened in one folder. A change may be told of twice: of what comes into being in a new folder before that one
/// is watched. <b>Cost</b>: all watchers of a system share one descriptor and one coroutine. Each change in a folder is compared with the name of every file there
/// that has a watcher: of many files in one folder, watch the folder. It needs Linux; elsewhere use the framework's FileSystemWatcher.
/// </remarks>
public sealed class FileWatcher : IAsyncEnumerable<FileChange>, IAsyncDisposable, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Channel<FileChange>? _changes;
    private readonly ActorRef<FileChange>? _target;
    private readonly WatchHub _hub;
    private Task<bool> _overflow = Task.FromResult(true); // the last that waited for room at the actor; guarded by _lock, with the next
    private bool _hasLost; // and nothing on its way tells of it
    private bool _hasEnded;
    private FileChange _latest; // that had room; none after a loss
    private FileChange? _last; // what ends the enumeration, when all that waits was taken
    private int _isDisposed;

    private FileWatcher(WatchHub hub, string path, FileWatcherOptions options, ActorRef<FileChange>? target)
    {
        _hub = hub;
        _target = target;
        Path = path;
        IsFolder = Directory.Exists(path);
        IsRecursive = options.IsRecursive && IsFolder;
        IsByName = !IsFolder && new FileInfo(path).LinkTarget is null && !(OperatingSystem.IsLinux() && FileStatus.IsMounted(path));
        _changes = target is null ? Channel.CreateBounded<FileChange>(new BoundedChannelOptions(options.Capacity) { SingleReader = true }) : null;
    }

    /// <summary>The full path of what is watched.</summary>
    public string Path { get; }

    internal bool IsFolder { get; }

    internal bool IsRecursive { get; }

    /// <summary>True of a file: whichever has that name is watched. Not of a link, which is followed when it begins, nor of a mount, in whose place nothing can be put.</summary>
    internal bool IsByName { get; }

    /// <summary>The number of its root in the queue, from 1 up; 0 before it is watched. Guarded by the lock of the hub.</summary>
    internal int RootNumber { get; set; }

    /// <summary>Begins to watch; changes from then on are to be taken by <c>await foreach</c>.</summary>
    /// <param name="system">Whose reactor serves it.</param>
    /// <param name="path">A file or a folder.</param>
    /// <param name="options">What is watched; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or the folder of a file may not, or one above may not be entered.</exception>
    /// <exception cref="IOException">The operating system has no room for more watches, or its queue of changes has broken just now: try again.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, or the reactor of the system is the portable one.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    /// <exception cref="ArgumentException">An option has a value that it may not have.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before it began.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    public static ValueTask<FileWatcher> StartAsync(ActorSystem system, string path, FileWatcherOptions? options = null, CancellationToken cancellationToken = default)
        => StartAsync(system, path, null, options, cancellationToken);

    /// <summary>Begins to watch; each change is a message to an actor.</summary>
    /// <param name="system">Whose reactor serves it.</param>
    /// <param name="path">A file or a folder.</param>
    /// <param name="target">
    /// Is told of each change. If its mailbox is full it is told of an overflow when there is room again; with the next change for which there is room if the mailbox rejects or drops what is
    /// new; and never if that drops what is oldest. If what is watched is gone or the queue of changes breaks, the last it hears is <see cref="FileChangeKind.Ended"/>,
    /// unless its mailbox is full and rejects or drops what is new.
    /// </param>
    /// <param name="options">What is watched; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <inheritdoc cref="StartAsync(ActorSystem, string, FileWatcherOptions?, CancellationToken)" path="/exception"/>
    public static ValueTask<FileWatcher> StartAsync(
        ActorSystem system, string path, ActorRef<FileChange>? target, FileWatcherOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new FileWatcherOptions();
        options.Validate();
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        return OwnedResult<FileWatcher>.Of(token => system.RunBlocking(Start, token), cancellationToken);

        FileWatcher Start()
        {
            if (!System.IO.Path.Exists(full))
                throw Unseen(full);
            var hub = WatchHub.Join(system);
            FileWatcher? watcher = null;
            try
            {
                watcher = new FileWatcher(hub, full, options, target);
                hub.Add(watcher);
                return watcher;
            }
            catch
            {
                if (watcher is null)
                    hub.Leave();
                else
                    watcher.Dispose(); // once, though it may have been told of something by now, and have disposed of itself
                throw;
            }
        }
    }

    private static Exception Unseen(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
        }
        catch (UnauthorizedAccessException e)
        {
            return new UnauthorizedAccessException($"Watching {path} failed: a folder above it may not be entered.", e);
        }
        catch (IOException)
        {
            // As it is said here.
        }

        return new FileNotFoundException($"Watching {path} failed: there is no such file or folder.", path);
    }

    /// <summary>Gives the changes one after the other, until the watcher is disposed of or what is watched is gone.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">An actor is told of the changes.</exception>
    /// <exception cref="IOException">The system's queue of changes is broken: what happens from now on is not told. It is logged too.</exception>
    public IAsyncEnumerator<FileChange> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var reader = _changes?.Reader ?? throw new InvalidOperationException($"The changes of {Path} go to {_target}: start a watcher without an actor to take them here.");
        return new CoroutineEnumerable<FileChange>(token => TakeAsync(reader, token)).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>Watches no more. Changes that wait can still be taken; then the enumeration ends. An actor is still told of a loss that was before.</summary>
    public void Dispose()
    {
        if (Atomic.Exchange(ref _isDisposed, 1) == 0)
            _hub.Remove(this);
        End(null);
    }

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => $"watcher of {Path}";

    /// <summary>Passes a change on. The hub's coroutine, or a thread that begins to watch a new folder.</summary>
    internal void Tell(FileChange change)
    {
        TellStatus status;
        lock (_lock)
        {
            if (_hasEnded)
                return;
            status = _target is null ? TellChannelLocked(change) : TellActorLocked(_target, change);
            _latest = status == TellStatus.Accepted ? change : default;
        }

        if (status == TellStatus.Stopped)
            Dispose();
    }

    private TellStatus TellChannelLocked(FileChange change)
    {
        bool isLoss = change.Kind == FileChangeKind.Overflow;
        if (!_hasLost && (!isLoss || _changes!.Reader.Count == 0))
            _hasLost = !_changes!.Writer.TryWrite(change);
        else
            _hasLost = true; // the consumer sees it when it has taken what waits
        return _hasLost ? TellStatus.Full : TellStatus.Accepted;
    }

    // The mailbox ends a wait for room before the actor takes the message.
    private TellStatus TellActorLocked(ActorRef<FileChange> target, FileChange change)
    {
        if (!_overflow.IsCompleted)
            return TellStatus.Full;
        var status = TellStatus.Accepted;
        var overflow = new FileChange(FileChangeKind.Overflow, Path, null, IsFolder: true);
        bool isLoss = change.Kind == FileChangeKind.Overflow;
        if (_hasLost || isLoss)
            status = target.Tell(overflow);
        if (status == TellStatus.Accepted && !isLoss)
            status = target.Tell(change);
        _hasLost = status != TellStatus.Accepted;
        if (status == TellStatus.Full)
        {
            _overflow = target.SendAsync(overflow).AsTask();
            _hasLost = _overflow is { IsCompletedSuccessfully: true, Result: false }; // it does not wait for room
        }

        return status;
    }

    /// <summary>The system has stopped, the watcher was disposed of, or the queue of changes is broken: then whoever takes the changes gets the exception, and an actor a last message.</summary>
    internal void End(Exception? failure)
    {
        lock (_lock)
            EndLocked(failure, tells: failure is not null);
    }

    /// <summary>What is watched is gone, which may have been told: nothing more can be.</summary>
    internal void Leave()
    {
        var gone = new FileChange(FileChangeKind.Deleted, Path, null, IsFolder);
        lock (_lock)
        {
            if (!_hasEnded && _latest != gone)
            {
                if (_target is null)
                    _last = gone;
                else
                    TellActorLocked(_target, gone);
            }

            EndLocked(null, tells: true);
        }

        Dispose();
    }

    private void EndLocked(Exception? failure, bool tells)
    {
        if (_hasEnded)
            return;
        _hasEnded = true;
        _changes?.Writer.TryComplete(failure);
        if (tells && _target is not null)
            _ = _target.SendAsync(new FileChange(FileChangeKind.Ended, Path, null, IsFolder)).AsTask(); // when there is room
    }

    // The queue is empty for the moment: what follows comes after the loss.
    private bool TakeLoss()
    {
        lock (_lock)
        {
            if (!_hasLost || _changes!.Reader.Count > 0)
                return false;
            _hasLost = false;
            return true;
        }
    }

    private FileChange? TakeLast()
    {
        lock (_lock)
        {
            var last = _last;
            _last = null;
            return last;
        }
    }

    private async IAsyncEnumerator<FileChange> TakeAsync(ChannelReader<FileChange> reader, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        do
        {
            while (reader.TryRead(out var change))
                yield return change;
            if (TakeLoss())
                yield return new FileChange(FileChangeKind.Overflow, Path, null, IsFolder: true); // also one that an earlier enumeration left behind
        }
        while (await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false));

        if (TakeLast() is { } last)
            yield return last;
    }
}
