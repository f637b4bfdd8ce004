// What comes out of the queue: struct inotify_event { int wd; uint32 mask; uint32 cookie; uint32 len; char name[len]; }, one after the other.

using System.Text;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

internal sealed partial class WatchHub
{
    private const uint Modified = 2;
    private const uint AttributesChanged = 4;
    private const uint MovedFrom = 0x40;
    private const uint MovedTo = 0x80;
    private const uint Created = 0x100;
    private const uint Deleted = 0x200;
    private const uint DeletedItself = 0x400;
    private const uint MovedItself = 0x800;
    private const uint Unmounted = 0x2000;
    private const uint QueueOverflow = 0x4000;
    private const uint Ignored = 0x8000;
    private const uint OfFolder = 0x4000_0000;
    private const uint Ends = DeletedItself | MovedItself | Unmounted | Ignored;

    private const int NoSuchFile = 2;
    private const int NoFolder = 20;
    private const int NoRoom = 28; // ENOSPC: of watches
    private const int HeaderBytes = 16;
    private const int BufferBytes = 64 * 1024;

    private static readonly TimeSpan s_renameWait = TimeSpan.FromMilliseconds(20);

    private readonly record struct Event(int Number, uint Mask, uint Cookie, string Name)
    {
        public bool Has(uint bit) => (Mask & bit) != 0;
    }

    private async Coroutine ReadAsync()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
        Event? movedAway = null;
        try
        {
            while (true)
            {
                int count = await ReadOnceAsync(buffer, movedAway is null ? Timeout.InfiniteTimeSpan : s_renameWait);
                var newFolders = new List<(FileWatcher Watcher, string Path)>();
                for (int start = 0; start < count;)
                {
                    var next = Parse(buffer, ref start);
                    movedAway = Take(next, movedAway, newFolders);
                }

                if (count == 0 && movedAway is { } alone)
                {
                    MovedOut(alone);
                    movedAway = null;
                }

                if (newFolders.Count > 0)
                    await _system.RunBlocking(() => newFolders.ForEach(folder => WatchFurther(folder.Watcher, folder.Path)));
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            End(null); // the last watcher has gone, or the system stops
        }
        catch (Exception e)
        {
            End(e);
            IoLog.WatchingEnded(_system.Pool.Logger, e);
        }
    }

    // Returns the event if it may be the first of a rename.
    private Event? Take(Event next, Event? movedAway, List<(FileWatcher Watcher, string Path)> newFolders)
    {
        if (movedAway is { } from && next.Has(MovedTo) && next.Cookie == from.Cookie)
        {
            Renamed(from, next, newFolders);
            return null;
        }

        if (movedAway is { } alone)
            MovedOut(alone);
        Apply(next, newFolders);
        return next.Has(MovedFrom) ? next : null;
    }

    // 0 when there is no second event of a rename.
    private async Coroutine<int> ReadOnceAsync(byte[] buffer, TimeSpan timeout)
    {
        try
        {
            _source.Begin();
            _source.Wanted.Kind = IoKind.Receive;
            _source.Wanted.Memory = buffer;
            return await _source.RunAsync(timeout, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            return 0;
        }
    }

    private static Event Parse(byte[] buffer, ref int start)
    {
        var header = buffer.AsSpan(start);
        int length = BitConverter.ToInt32(header[12..]);
        var name = header.Slice(HeaderBytes, length);
        int end = name.IndexOf((byte)0);
        start += HeaderBytes + length;
        return new Event(
            BitConverter.ToInt32(header), BitConverter.ToUInt32(header[4..]), BitConverter.ToUInt32(header[8..]), Encoding.UTF8.GetString(end < 0 ? name : name[..end]));
    }

    private void Apply(Event change, List<(FileWatcher Watcher, string Path)> newFolders)
    {
        if (change.Has(QueueOverflow))
        {
            Overflow(newFolders);
            return;
        }

        foreach (var place in PlacesOf(change))
        {
            string path = PathOf(place, change);
            bool isFolder = change.Has(OfFolder);
            if (change.Has(Ends) && IsRoot(place))
                place.Watcher.Leave();
            else if (change.Has(Unmounted))
                LookAnew(place.Watcher, newFolders); // what it hid is there instead
            else if (change.Has(Created | MovedTo))
                Appeared(place.Watcher, path, isFolder, newFolders);
            else if (change.Has(Modified))
                place.Watcher.Tell(new FileChange(FileChangeKind.Written, path, null, isFolder));
            else if (change.Has(AttributesChanged) && (change.Name.Length > 0 || IsRoot(place)))
                place.Watcher.Tell(new FileChange(FileChangeKind.Attributes, path, null, isFolder));
            else if (change.Has(Deleted))
                place.Watcher.Tell(new FileChange(FileChangeKind.Deleted, path, null, isFolder));
        }

        if (change.Has(Ignored))
        {
            lock (_lock)
                _places.Remove(change.Number);
        }
    }

    private static void Appeared(FileWatcher watcher, string path, bool isFolder, List<(FileWatcher Watcher, string Path)> newFolders)
    {
        watcher.Tell(new FileChange(FileChangeKind.Created, path, null, isFolder));
        if (isFolder && watcher.IsRecursive)
            newFolders.Add((watcher, path));
    }

    private void MovedOut(Event change)
    {
        foreach (var place in PlacesOf(change))
        {
            string path = PathOf(place, change);
            place.Watcher.Tell(new FileChange(FileChangeKind.Deleted, path, null, change.Has(OfFolder)));
            if (change.Has(OfFolder))
                ForgetBelow(place.Watcher, path);
        }
    }

    // Each watcher sees both ends, or one: then the file has come, or gone.
    private void Renamed(Event from, Event to, List<(FileWatcher Watcher, string Path)> newFolders)
    {
        bool isFolder = to.Has(OfFolder);
        var sources = PlacesOf(from);
        foreach (var target in PlacesOf(to))
        {
            string path = PathOf(target, to);
            if (sources.Find(place => place.Watcher == target.Watcher) is not { } source)
            {
                Appeared(target.Watcher, path, isFolder, newFolders);
                continue;
            }

            string oldPath = PathOf(source, from);
            sources.Remove(source);
            target.Watcher.Tell(new FileChange(FileChangeKind.Renamed, path, oldPath, isFolder));
            if (!isFolder)
                continue;
            Rebase(target.Watcher, oldPath, path);
            if (target.Watcher.IsRecursive)
                newFolders.Add((target.Watcher, path)); // what below was not watched yet when the name changed
        }

        foreach (var source in sources)
        {
            string oldPath = PathOf(source, from);
            source.Watcher.Tell(new FileChange(FileChangeKind.Deleted, oldPath, null, isFolder));
            ForgetBelow(source.Watcher, oldPath);
        }
    }

    private void Rebase(FileWatcher watcher, string oldPath, string path)
    {
        lock (_lock)
        {
            foreach (var places in _places.Values)
            {
                for (int index = 0; index < places.Count; index++)
                {
                    if (places[index].Watcher == watcher && IsBelow(places[index].Path, oldPath))
                        places[index] = new Place(watcher, path + places[index].Path[oldPath.Length..]);
                }
            }
        }
    }

    // The kernel has lost changes: the end of a root may be among them, and new folders, so that recursive watchers look for all of theirs again.
    private void Overflow(List<(FileWatcher Watcher, string Path)> newFolders)
    {
        FileWatcher[] all;
        lock (_lock)
            all = [.. _watchers];
        foreach (var watcher in all)
            LookAnew(watcher, newFolders);
    }

    private static void LookAnew(FileWatcher watcher, List<(FileWatcher Watcher, string Path)> newFolders)
    {
        if (!newFolders.Contains((watcher, watcher.Path)))
            newFolders.Add((watcher, watcher.Path));
    }

    // The overflow comes last: who looks before all is watched again would miss what comes between. A watcher may have ended meanwhile, or by what was read after the new folder.
    private void WatchFurther(FileWatcher watcher, string path)
    {
        lock (_lock)
        {
            if (!_watchers.Contains(watcher))
                return;
        }

        bool looksAnew = string.Equals(path, watcher.Path, StringComparison.Ordinal);
        if (looksAnew && HasLostRoot(watcher))
        {
            watcher.Leave();
            return;
        }

        if (watcher.IsRecursive)
            Watch(watcher, path, isRoot: false, tells: true);
        if (looksAnew)
            TellOverflow(watcher);
    }

    private static void TellOverflow(FileWatcher watcher) => watcher.Tell(new FileChange(FileChangeKind.Overflow, watcher.Path, null, IsFolder: true));

    private void ForgetBelow(FileWatcher watcher, string folder)
    {
        lock (_lock)
            Forget(watcher, path => IsBelow(path, folder));
    }

    private static bool IsRoot(Place place) => place.Watcher.IsByName || string.Equals(place.Path, place.Watcher.Path, StringComparison.Ordinal);

    private List<Place> PlacesOf(Event change)
    {
        lock (_lock)
            return _places.TryGetValue(change.Number, out var places) ? places.FindAll(place => Concerns(place.Watcher, change)) : [];
    }

    private static bool Concerns(FileWatcher watcher, Event change)
        => !watcher.IsByName || (change.Name.Length == 0 ? change.Has(Ends) : Path.GetFileName(watcher.Path.AsSpan()).SequenceEqual(change.Name));

    private static string PathOf(Place place, Event change) => change.Name.Length == 0 ? place.Path : Path.Combine(place.Path, change.Name);

    // With what has gone wrong, if the watchers are not to be told of an end in order.
    private void End(Exception? failure)
    {
        lock (s_lock)
        {
            if (s_hubs.TryGetValue(_system, out var hub) && hub == this)
                s_hubs.Remove(_system);
        }

        FileWatcher[] left;
        lock (_lock)
        {
            if (_hasEnded)
                return;
            _hasEnded = true;
            _failure = failure;
            left = [.. _watchers];
        }

        _queue.Close(); // it comes back here, and finds the end noted
        foreach (var watcher in left)
            watcher.End(failure is null ? null : Broken(watcher.Path, failure));
    }
}
