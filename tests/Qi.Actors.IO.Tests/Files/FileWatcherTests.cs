using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>What watchers tell, on each reactor.</summary>
[TestFixture(ReactorChoice.Epoll)]
[TestFixture(ReactorChoice.Uring)]
[Platform("Linux")]
internal sealed class FileWatcherTests(ReactorChoice reactor) : WatchFixture(reactor)
{
    [Test]
    public async Task Changes_InAFolder_AreToldInOrder()
    {
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root + "/");
        Folder.Write("x", [1]);
        File.Delete(Folder["x"]);

        var changes = await UntilMark(watcher, Folder.Root);

        // The system may tell more than once that a file was written.
        var kinds = changes.Select(change => change.Kind).ToList();
        kinds = [.. kinds.Where((kind, i) => i == 0 || kind != kinds[i - 1])];
        Assert.That(kinds, Is.EqualTo(new[] { FileChangeKind.Created, FileChangeKind.Written, FileChangeKind.Deleted }));
        Assert.That(changes.Select(change => change.Path), Is.All.EqualTo(Folder["x"]));
    }

    [Test]
    public async Task Rename_InAFolder_IsOneChange()
    {
        Folder.Write("old", [1]);
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root);
        File.Move(Folder["old"], Folder["new"]);

        Assert.That(await UntilMark(watcher, Folder.Root), Is.EqualTo(new[] { new FileChange(FileChangeKind.Renamed, Folder["new"], Folder["old"]) }));
    }

    [Test]
    public async Task Rename_OutAndIn_IsADeletionAndACreation()
    {
        Directory.CreateDirectory(Folder["watched"]);
        Folder.Write("watched/x", [1]);
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder["watched"]);
        await using var changes = watcher.GetAsyncEnumerator();
        File.Move(Folder["watched/x"], Folder["x"]);
        Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Deleted, Folder["watched/x"])));
        File.Move(Folder["x"], Folder["watched/y"]);
        Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Created, Folder["watched/y"])));
    }

    [Test]
    public async Task NewFolders_OfARecursiveWatcher_AreWatchedWithAllThatIsInThem()
    {
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root, new FileWatcherOptions { IsRecursive = true });
        await using var changes = watcher.GetAsyncEnumerator();
        Directory.CreateDirectory(Folder["a/b/c"]);
        Folder.Write("a/b/c/early", [1]);

        await Until(changes, change => change.Path == Folder["a/b/c/early"]);
        Directory.Move(Folder["a/b"], Folder["moved"]);
        await Until(changes, change => change == new FileChange(FileChangeKind.Renamed, Folder["moved"], Folder["a/b"], IsFolder: true));
        Folder.Write("moved/c/late", [1]);
        await Until(changes, change => change.Path == Folder["moved/c/late"]);
    }

    [Test]
    public async Task Changes_ThatNobodyTakes_BecomeAnOverflow()
    {
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root, new FileWatcherOptions { Capacity = 3 });
        await using var other = await FileWatcher.StartAsync(System.Actors, Folder.Root);
        for (int i = 0; i < 10; i++)
            Directory.CreateDirectory(Folder[$"{i}"]);
        Assert.That(await UntilMark(other, Folder.Root), Has.Count.EqualTo(10));

        await using var changes = watcher.GetAsyncEnumerator();
        for (int i = 0; i < 3; i++)
            Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Created, Folder[$"{i}"], null, IsFolder: true)));
        Assert.That((await Next(changes)).Kind, Is.EqualTo(FileChangeKind.Overflow));
        Directory.CreateDirectory(Folder["after"]);
        Assert.That((await Next(changes)).Path, Is.EqualTo(Folder["after"]));
    }

    [Test]
    public async Task Loss_ThatAnEnumerationLeftBehind_IsToldToTheNextOne()
    {
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root, new FileWatcherOptions { Capacity = 1 });
        await using var other = await FileWatcher.StartAsync(System.Actors, Folder.Root);
        Directory.CreateDirectory(Folder["x"]);
        await UntilMark(other, Folder.Root);
        await using (var first = watcher.GetAsyncEnumerator())
            Assert.That((await Next(first)).Path, Is.EqualTo(Folder["x"]));

        await using var second = watcher.GetAsyncEnumerator();
        Assert.That((await Next(second)).Kind, Is.EqualTo(FileChangeKind.Overflow));
    }

    // They are made in a turn of the only dispatcher, so that one event tells of them all, and no later one of those that the first read has no room for.
    [Test]
    public async Task Changes_OfMoreThanOneRead_AreAllTold()
    {
        const int Count = 3000;
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = Reactor, BlockedTurnThreshold = TimeSpan.FromSeconds(10) });
        await using var watcher = await FileWatcher.StartAsync(system.Actors, Folder.Root, new FileWatcherOptions { Capacity = Count });
        var maker = system.Actors.Spawn<int>(MakeFolders);
        maker.Tell(Count);
        await Signal.Within(maker.StopAsync());

        await using var changes = watcher.GetAsyncEnumerator();
        for (int i = 0; i < Count; i++)
            Assert.That((await Next(changes)).Path, Is.EqualTo(Folder[NameOf(i)]));

        static string NameOf(int i) => $"some folder of many {i:0000}"; // 48 bytes of the queue, so that a read of 64 KiB is not full

        void MakeFolders(int count)
        {
            for (int i = 0; i < count; i++)
                Directory.CreateDirectory(Folder[NameOf(i)]);
        }
    }

    [Test]
    public async Task Dispose_OfTheLastWatcher_ClosesTheQueue()
    {
        var first = await FileWatcher.StartAsync(System.Actors, Folder.Root);
        var second = await FileWatcher.StartAsync(System.Actors, Folder.Root);
        Assert.That(System.Actors.Pool.Reactors.OpenCount, Is.EqualTo(1));

        first.Dispose();
        Directory.CreateDirectory(Folder["x"]);
        await using var changes = second.GetAsyncEnumerator();
        Assert.That((await Next(changes)).Path, Is.EqualTo(Folder["x"]));
        await using var ended = first.GetAsyncEnumerator();
        Assert.That(await Signal.Within(ended.MoveNextAsync().AsTask()), Is.False);

        second.Dispose();
        Assert.That(await Signal.Within(changes.MoveNextAsync().AsTask()), Is.False);
        await using var third = await FileWatcher.StartAsync(System.Actors, Folder.Root);
        Assert.That(await UntilMark(third, Folder.Root), Is.Empty);
    }

    [Test]
    public async Task Stop_OfTheSystem_EndsTheEnumeration()
    {
        var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = Reactor });
        var watcher = await FileWatcher.StartAsync(system.Actors, Folder.Root);
        await using var changes = watcher.GetAsyncEnumerator();
        var next = changes.MoveNextAsync().AsTask();
        await system.DisposeAsync();

        Assert.That(await Signal.Within(next), Is.False);
        watcher.Dispose();
    }

    [Test]
    public void Start_OfWhatIsNotThere_SaysSo()
    {
        Assert.That(async () => await FileWatcher.StartAsync(System.Actors, Folder["none"]), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("none"));
        Assert.That(
            async () => await FileWatcher.StartAsync(System.Actors, Folder.Root, new FileWatcherOptions { Capacity = 0 }),
            Throws.ArgumentException.With.Message.Contains("Capacity"));
        Assert.That(System.Actors.Pool.Reactors.OpenCount, Is.Zero);
    }
}
