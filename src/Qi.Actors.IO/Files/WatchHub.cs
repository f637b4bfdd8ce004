// One queue of inotify for all watchers of a system, and one coroutine that reads it. The kernel gives the same number for every watch of the same folder, so a
// number has a set of watchers here, each with the path by which it knows the folder. The hub ends with its last watcher, and the next one makes another.
//
// A rename comes as two events with one cookie, the second right behind the first, though not always in the same read: so the first one waits for a moment
// (RenameWait) when the queue is empty; alone it means that the file was moved away.
//
// A new folder below a recursive watcher is watched as soon as its event is read. What came into being in it before is found by listing it after that: such a change
// may be told of twice, and is not missed. A folder that was moved keeps its watches, and only their paths change.
//
// A watch of a file would end when another one takes its name, which is how files are replaced: so its folder is watched, and what does not concern the name is left out.
// A file that is mounted alone is watched itself: no other can take its name, and the folder that has the name does not tell of it. A watcher whose root is gone ends; one
// of a file by its name, with its folder.
//
// W1. Whoever changes _places or _numbers holds the lock. W2. A number stands in _places if and only if it has a watcher. W3. A hub in s_hubs has not ended.
// Source: inotify(7), "Limitations and caveats".

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>The watchers of a system and what they share.</summary>
internal sealed partial class WatchHub : IIoOwner
{
    private const uint WatchedChanges = Modified | AttributesChanged | MovedFrom | MovedTo | Created | Deleted | DeletedItself | MovedItself;

    private static readonly ConditionalWeakTable<ActorSystem, WatchHub> s_hubs = [];
    private static readonly Lock s_lock = new();

    private readonly ActorSystem _system;
    private readonly Lock _lock = new();
    private readonly IoHandle _queue;
    private readonly IoSource _source;
    private readonly Dictionary<int, List<Place>> _places = [];
    private readonly HashSet<FileWatcher> _watchers = [];
    private bool _hasEnded; // guarded by _lock, with the next
    private Exception? _failure;
    private int _users; // guarded by s_lock

    private WatchHub(ActorSystem system)
    {
        IoWait.Register();
        _system = system;
        var reactors = system.Pool.Reactors;
        if (reactors.Plan.Kind is not (ReactorKind.Epoll or ReactorKind.Uring))
            throw new PlatformNotSupportedException($"Watching files needs epoll or io_uring, and the reactor of {system.Name} is {reactors.Plan.Kind}. Use FileSystemWatcher.");
        int queue = NativeFiles.CreateWatchQueue(reactors.Plan.IsNonBlocking);
        if (queue < 0)
            throw FileErrors.Of(-queue, "Making a queue of changes of files (see fs.inotify.max_user_instances)", "");
        _queue = reactors.Own(queue, IoHandleKind.Pipe, Release);
        _source = new IoSource(system.Pool, _queue, this);
        try
        {
            reactors.Attach(_queue);
            _ = system.Spawn(ReadAsync);
        }
        catch
        {
            _queue.Close();
            throw;
        }
    }

    /// <summary>The hub of a system, for one more watcher.</summary>
    public static WatchHub Join(ActorSystem system)
    {
        lock (s_lock)
        {
            if (!s_hubs.TryGetValue(system, out var hub))
                s_hubs.Add(system, hub = new WatchHub(system));
            hub._users++;
            return hub;
        }
    }

    /// <summary>Begins to watch. A thread that may block.</summary>
    public void Add(FileWatcher watcher)
    {
        lock (_lock)
        {
            _watchers.Add(watcher);
            if (_hasEnded)
            {
                throw _failure is null
                    ? new ObjectDisposedException(_system.Name, "The actor system has stopped: it watches nothing any more.")
                    : Broken(watcher.Path, _failure);
            }
        }

        Watch(watcher, RootOf(watcher), isRoot: true, tells: false);
    }

    /// <summary>Watches no more.</summary>
    public void Remove(FileWatcher watcher)
    {
        lock (_lock)
        {
            _watchers.Remove(watcher);
            Forget(watcher, static _ => true);
        }

        Leave();
    }

    /// <summary>One fewer uses it.</summary>
    public void Leave()
    {
        lock (s_lock)
        {
            if (--_users > 0)
                return;
            if (s_hubs.TryGetValue(_system, out var hub) && hub == this)
                s_hubs.Remove(_system);
        }

        _queue.Close();
    }

    string IIoOwner.Describe(IoKind kind) => "Watching files";

    Exception IIoOwner.Failure(IoKind kind, int error)
        => _queue.IsClosed ? new ObjectDisposedException(nameof(FileWatcher), "The watchers are closed.") : FileErrors.Of(error, "Watching files", "");

    // Also at a stop that comes before the reader's first turn: a coroutine that is cancelled then never runs, and could tell nobody.
    private void Release(IoHandle queue)
    {
        _system.Pool.Reactors.Release(queue);
        End(null);
    }

    // An exception for each watcher: the same one, thrown in several places, would carry all their stacks.
    private static IOException Broken(string path, Exception failure)
        => new($"Watching {path} has ended, for the queue of changes is broken: {failure.Message} Look at everything there anew, and start another watcher.", failure);

    // First the watch, then the look at what is there: nothing can come between.
    private void Watch(FileWatcher watcher, string path, bool isRoot, bool tells)
    {
        lock (_lock)
        {
            if (!_watchers.Contains(watcher) || !_queue.TryUse())
                return;
            int number = NativeFiles.AddWatch(_queue, path, WatchedChanges);
            _queue.EndUse();
            if (number < 0)
            {
                if (isRoot)
                    throw Refused(watcher, -number);
                if (-number is not (NoSuchFile or NoFolder))
                    TellOverflow(watcher); // what happens there is lost
                return;
            }

            if (!_places.TryGetValue(number, out var places))
                _places.Add(number, places = []);
            if (isRoot)
                watcher.RootNumber = number;
            tells &= places.RemoveAll(place => place.Watcher == watcher) == 0; // what it knew already needs no telling
            places.Add(new Place(watcher, path));
        }

        if (!watcher.IsRecursive || !Directory.Exists(path))
            return;
        try
        {
            foreach (var item in new DirectoryInfo(path).EnumerateFileSystemInfos())
            {
                bool isFolder = item is DirectoryInfo;
                if (tells)
                    watcher.Tell(new FileChange(FileChangeKind.Created, item.FullName, null, isFolder));
                if (isFolder && item.LinkTarget is null)
                    Watch(watcher, item.FullName, isRoot: false, tells);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !isRoot)
        {
            // It has gone meanwhile, or may not be read: the events say the rest.
        }
    }

    private static Exception Refused(FileWatcher watcher, int error)
    {
        string way = watcher.IsByName ? " through its folder, which must be readable," : "";
        return FileErrors.Of(error, error == NoRoom ? $"Watching {watcher.Path} (the limit is fs.inotify.max_user_watches)" : $"Watching {watcher.Path}{way}", watcher.Path);
    }

    // Whether its path leads to something else than it watches, or to nothing. A link may also lead elsewhere: whoever uses it needs another watcher then.
    private bool HasLostRoot(FileWatcher watcher)
    {
        lock (_lock)
        {
            if (!_watchers.Contains(watcher) || watcher.RootNumber == 0 || !_queue.TryUse())
                return false;
            int number = NativeFiles.AddWatch(_queue, RootOf(watcher), WatchedChanges);
            if (number >= 0 && !_places.ContainsKey(number))
                NativeFiles.RemoveWatch(_queue, number); // W2
            _queue.EndUse();
            return number < 0 ? -number is NoSuchFile or NoFolder : number != watcher.RootNumber;
        }
    }

    private static string RootOf(FileWatcher watcher) => watcher.IsByName ? Path.GetDirectoryName(watcher.Path)! : watcher.Path;

    // Lets go of a watcher's places that fit. The lock is held.
    private void Forget(FileWatcher watcher, Func<string, bool> fits)
    {
        foreach (var (number, places) in _places.ToArray())
        {
            if (places.RemoveAll(place => place.Watcher == watcher && fits(place.Path)) == 0 || places.Count > 0)
                continue;
            _places.Remove(number); // W2
            if (_queue.TryUse())
            {
                NativeFiles.RemoveWatch(_queue, number);
                _queue.EndUse();
            }
        }
    }

    private static bool IsBelow(string path, string folder)
        => path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == Path.DirectorySeparatorChar);

    /// <summary>Where a watcher has a watch: the path by which it knows the folder.</summary>
    private sealed record Place(FileWatcher Watcher, string Path);
}
