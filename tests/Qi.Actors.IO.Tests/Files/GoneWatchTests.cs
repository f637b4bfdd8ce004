using System.Globalization;
using System.Threading.Channels;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>Watchers of files that are replaced, and of what goes away.</summary>
[TestFixture(ReactorChoice.Epoll)]
[TestFixture(ReactorChoice.Uring)]
[Platform("Linux")]
internal sealed class GoneWatchTests(ReactorChoice reactor) : WatchFixture(reactor)
{
    [Test]
    public async Task File_ThatIsReplaced_IsWatchedFurther()
    {
        string path = Folder.Write("x", [1]);
        await using var watcher = await FileWatcher.StartAsync(System.Actors, path, new FileWatcherOptions { IsRecursive = true });
        await using var changes = watcher.GetAsyncEnumerator();
        for (int i = 0; i < 2; i++)
        {
            await FileTree.ReplaceAsync(System.Actors, path, new byte[] { 2 });
            Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Created, path)));
        }

        Folder.Write("another", [1]);
        await File.AppendAllTextAsync(path, "3");
        Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Written, path)));
        File.Move(path, Folder["moved"]);
        Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Deleted, path)));
        Directory.CreateDirectory(path);
        Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Created, path, null, IsFolder: true)));
    }

    [Test]
    public async Task File_WhoseFolderGoes_IsDeletedOnce_AndItsWatcherEnds([Values] bool isMoved)
    {
        Directory.CreateDirectory(Folder["below"]);
        string path = Folder.Write("below/x", [1]);
        await using var watcher = await FileWatcher.StartAsync(System.Actors, path);
        if (isMoved)
            Directory.Move(Folder["below"], Folder["elsewhere"]);
        else
            Directory.Delete(Folder["below"], recursive: true);

        Assert.That(await UntilEnd(watcher), Is.EqualTo(new[] { new FileChange(FileChangeKind.Deleted, path) }));
    }

    [Test]
    public async Task LinkToAFile_IsFollowed_AndItsWatcherEndsWithTheFile()
    {
        string path = Folder.Write("x", [1]);
        string link = Folder["link"];
        File.CreateSymbolicLink(link, path);
        await using var watcher = await FileWatcher.StartAsync(System.Actors, link);
        await File.AppendAllTextAsync(path, "2");
        File.Delete(path);

        var changes = await UntilEnd(watcher);
        Assert.That((changes[0], changes[^1]), Is.EqualTo((new FileChange(FileChangeKind.Written, link), new FileChange(FileChangeKind.Deleted, link))));
    }

    [Test]
    public async Task File_ThatIsMounted_IsWatchedItself()
    {
        string host = Folder.Write("host", [1]);
        string path = Folder.Write("conf", []);
        if (!SmallDisk.TryRun("mount", "--bind", host, path))
            Assert.Ignore("A file can be mounted by root only, where that is not forbidden.");
        try
        {
            await using var watcher = await FileWatcher.StartAsync(System.Actors, path);
            await using var changes = watcher.GetAsyncEnumerator();
            foreach (string name in new[] { path, host })
            {
                await File.AppendAllTextAsync(name, "2");
                Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Written, path)));
            }
        }
        finally
        {
            SmallDisk.TryRun("umount", path);
        }
    }

    [Test]
    public async Task Folder_ThatGoes_IsTold_AndItsWatcherEnds([Values] bool isMoved, [Values] bool isRecursive)
    {
        string path = Directory.CreateDirectory(Folder["below"]).FullName;
        await using var watcher = await FileWatcher.StartAsync(System.Actors, path, new FileWatcherOptions { IsRecursive = isRecursive });
        Go(path, isMoved);

        Assert.That(await UntilEnd(watcher), Is.EqualTo(new[] { new FileChange(FileChangeKind.Deleted, path, null, IsFolder: true) }));
        Assert.That(SpinWait.SpinUntil(() => System.Actors.Pool.Reactors.OpenCount == 0, Signal.Bound), Is.True, "the last watcher closes the queue");
    }

    [Test]
    public async Task Actor_IsToldOfTheEnd_OfAFolderThatGoes([Values] bool isMoved)
    {
        string path = Directory.CreateDirectory(Folder["below"]).FullName;
        var seen = Channel.CreateUnbounded<FileChange>();
        var actor = System.Actors.Spawn<FileChange>(change => seen.Writer.TryWrite(change));
        await using var watcher = await FileWatcher.StartAsync(System.Actors, path, actor);
        Go(path, isMoved);

        Assert.That(await Signal.Within(seen.Reader.ReadAsync()), Is.EqualTo(new FileChange(FileChangeKind.Deleted, path, null, IsFolder: true)));
        Assert.That(await Signal.Within(seen.Reader.ReadAsync()), Is.EqualTo(new FileChange(FileChangeKind.Ended, path, null, IsFolder: true)));
    }

    [Test]
    public async Task Folder_ThatIsUnmounted_IsGone()
    {
        FileWatcher watcher;
        string path;
        using (var disk = new SmallDisk(kibibytes: 64))
        {
            path = Path.GetDirectoryName(disk["a"])!;
            watcher = await FileWatcher.StartAsync(System.Actors, path);
        }

        Assert.That(await UntilEnd(watcher), Is.EqualTo(new[] { new FileChange(FileChangeKind.Deleted, path, null, IsFolder: true) }));
    }

    [Test]
    public async Task Folder_WithOnesBelow_ThatIsUnmounted_TellsNothingAfterItsEnd()
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = Reactor, BlockedTurnThreshold = TimeSpan.FromSeconds(10) });
        var disk = new SmallDisk(kibibytes: 64);
        Directory.CreateDirectory(disk["a/b"]);
        string path = Path.GetDirectoryName(disk["a"])!;
        var seen = Channel.CreateUnbounded<FileChange>();
        var actor = system.Actors.Spawn<FileChange>(change => seen.Writer.TryWrite(change));
        var options = new FileWatcherOptions { IsRecursive = true };
        await using var told = await FileWatcher.StartAsync(system.Actors, path, actor, options);
        await using var taken = await FileWatcher.StartAsync(system.Actors, path, options);
        await using var other = await FileWatcher.StartAsync(system.Actors, Folder.Root);
        await InATurn(system, disk.Dispose);
        await UntilMark(other, Folder.Root);

        Assert.That(await UntilEnd(taken), Is.EqualTo(new[] { new FileChange(FileChangeKind.Deleted, path, null, IsFolder: true) }));
        await Signal.Within(actor.StopAsync());
        seen.Writer.Complete();
        Assert.That(
            await seen.Reader.ReadAllAsync().Select(change => change.Kind).ToListAsync(),
            Is.EqualTo(new[] { FileChangeKind.Deleted, FileChangeKind.Ended }));
    }

    [Test]
    public async Task Folder_ThatGoes_WhenThereIsNoRoom_IsToldLast()
    {
        string path = Directory.CreateDirectory(Folder["below"]).FullName;
        await using var watcher = await FileWatcher.StartAsync(System.Actors, path, new FileWatcherOptions { Capacity = 1 });
        File.CreateSymbolicLink(Folder["below/x"], "nowhere");
        Directory.Delete(path, recursive: true);
        Assert.That(SpinWait.SpinUntil(() => System.Actors.Pool.Reactors.OpenCount == 0, Signal.Bound), Is.True, "all was told");

        Assert.That(
            (await UntilEnd(watcher)).Select(change => change.Kind),
            Is.EqualTo(new[] { FileChangeKind.Created, FileChangeKind.Overflow, FileChangeKind.Deleted }));
    }

    // The changes of a turn of the only dispatcher are more than the kernel's queue has room for, also if a ring has begun to read meanwhile.
    [TestCase(false, true)]
    [TestCase(true, false)]
    public async Task Root_ThatGoes_WhenTheKernelHasNoRoom_IsTold_AndTheOthersWatchFurther(bool isReplaced, bool isRecursive)
    {
        const int OneRead = 4096; // at most: 64 KiB, and 16 bytes each
        int room = int.Parse(await File.ReadAllTextAsync("/proc/sys/fs/inotify/max_queued_events"), CultureInfo.InvariantCulture);
        Assume.That(room, Is.LessThan(100_000), "it would take too long to fill the queue");
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = Reactor, BlockedTurnThreshold = TimeSpan.FromSeconds(10) });
        string path = Directory.CreateDirectory(Folder["below"]).FullName;
        string x = Folder.Write("x", []);
        string y = Folder.Write("y", []);
        var options = new FileWatcherOptions { IsRecursive = isRecursive };
        await using var watcher = await FileWatcher.StartAsync(system.Actors, path, options);
        await using var other = await FileWatcher.StartAsync(system.Actors, Folder.Root, options);
        await InATurn(system, FillAndGo);

        Assert.That((await UntilEnd(watcher))[^1], Is.EqualTo(new FileChange(FileChangeKind.Deleted, path, null, IsFolder: true)));
        await using var changes = other.GetAsyncEnumerator();
        await Until(changes, change => change.Kind == FileChangeKind.Overflow);
        Directory.CreateDirectory(Folder["after"]);
        await Until(changes, change => change.Path == Folder["after"]);

        void FillAndGo()
        {
            for (int i = 0; i < room + OneRead; i++)
                File.SetLastWriteTimeUtc(i % 2 == 0 ? x : y, DateTime.UnixEpoch); // two changes in a row of the same file would be one

            Directory.Delete(path);
            if (isReplaced)
                Directory.CreateDirectory(path);
        }
    }

    [Test]
    public async Task Folder_WithAnUnmountedOneBelow_IsToLookAtAnew()
    {
        FileWatcher watcher;
        using (new SmallDisk(kibibytes: 64, Folder.Root))
            watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root, new FileWatcherOptions { IsRecursive = true });

        await using var changes = watcher.GetAsyncEnumerator();
        await Until(changes, change => change == new FileChange(FileChangeKind.Overflow, Folder.Root, null, IsFolder: true));
        Directory.CreateDirectory(Folder["after/below"]);
        await Until(changes, change => change.Path == Folder["after/below"]);
        watcher.Dispose();
    }

    private void Go(string folder, bool isMoved)
    {
        if (isMoved)
            Directory.Move(folder, Folder["elsewhere"]);
        else
            Directory.Delete(folder);
    }

    // Of the only dispatcher, so that one read finds all the changes.
    private static async Task InATurn(TestSystem system, Action action)
    {
        var actor = system.Actors.Spawn<int>(_ => action());
        actor.Tell(0);
        await Signal.Within(actor.StopAsync());
    }

    private static async Task<List<FileChange>> UntilEnd(FileWatcher watcher)
    {
        var told = new List<FileChange>();
        await using var changes = watcher.GetAsyncEnumerator();
        while (await Signal.Within(changes.MoveNextAsync()))
            told.Add(changes.Current);
        return told;
    }
}
