using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>What watchers tell, on each reactor. A mark that is written last says that all before it has been told.</summary>
[TestFixture(ReactorChoice.Epoll)]
[TestFixture(ReactorChoice.Uring)]
[Platform("Linux")]
internal sealed class FileWatcherTests(ReactorChoice reactor)
{
    private const string Mark = "the mark";

    private TestSystem _system = null!;
    private Folder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        Assume.That(TestSystem.Reactor, Is.Not.EqualTo(ReactorChoice.Portable), "it serves sockets only: PortableRefusalTests");
        try
        {
            _system = new TestSystem(new QiActorsOptions { WorkerThreads = 2, Reactor = reactor });
        }
        catch (Microsoft.Extensions.Options.OptionsValidationException e)
        {
            Assert.Ignore(e.Message);
        }

        _folder = new Folder();
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_folder is null)
            return;
        await _system.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Changes_InAFolder_AreToldInOrder()
    {
        await using var watcher = await FileWatcher.StartAsync(_system.Actors, _folder.Root + "/");
        _folder.Write("x", [1]);
        File.Delete(_folder["x"]);

        var changes = await UntilMark(watcher, _folder.Root);

        // The system may tell more than once that a file was written.
        var kinds = changes.Select(change => change.Kind).ToList();
        kinds = [.. kinds.Where((kind, i) => i == 0 || kind != kinds[i - 1])];
        Assert.That(kinds, Is.EqualTo(new[] { FileChangeKind.Created, FileChangeKind.Written, FileChangeKind.Deleted }));
        Assert.That(changes.Select(change => change.Path), Is.All.EqualTo(_folder["x"]));
    }

    [Test]
    public async Task Rename_InAFolder_IsOneChange()
    {
        _folder.Write("old", [1]);
        await using var watcher = await FileWatcher.StartAsync(_system.Actors, _folder.Root);
        File.Move(_folder["old"], _folder["new"]);

        Assert.That(await UntilMark(watcher, _folder.Root), Is.EqualTo(new[] { new FileChange(FileChangeKind.Renamed, _folder["new"], _folder["old"]) }));
    }

    [Test]
    public async Task Rename_OutAndIn_IsADeletionAndACreation()
    {
        Directory.CreateDirectory(_folder["watched"]);
        _folder.Write("watched/x", [1]);
        await using var watcher = await FileWatcher.StartAsync(_system.Actors, _folder["watched"]);
        await using var changes = watcher.GetAsyncEnumerator();
        File.Move(_folder["watched/x"], _folder["x"]);
        Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Deleted, _folder["watched/x"])));
        File.Move(_folder["x"], _folder["watched/y"]);
        Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Created, _folder["watched/y"])));
    }

    [Test]
    public async Task NewFolders_OfARecursiveWatcher_AreWatchedWithAllThatIsInThem()
    {
        await using var watcher = await FileWatcher.StartAsync(_system.Actors, _folder.Root, new FileWatcherOptions { IsRecursive = true });
        await using var changes = watcher.GetAsyncEnumerator();
        Directory.CreateDirectory(_folder["a/b/c"]);
        _folder.Write("a/b/c/early", [1]);

        await Until(changes, change => change.Path == _folder["a/b/c/early"]);
        Directory.Move(_folder["a/b"], _folder["moved"]);
        await Until(changes, change => change == new FileChange(FileChangeKind.Renamed, _folder["moved"], _folder["a/b"], IsFolder: true));
        _folder.Write("moved/c/late", [1]);
        await Until(changes, change => change.Path == _folder["moved/c/late"]);
    }

    [Test]
    public async Task Changes_ThatNobodyTakes_BecomeAnOverflow()
    {
        await using var watcher = await FileWatcher.StartAsync(_system.Actors, _folder.Root, new FileWatcherOptions { Capacity = 3 });
        await using var other = await FileWatcher.StartAsync(_system.Actors, _folder.Root);
        for (int i = 0; i < 10; i++)
            Directory.CreateDirectory(_folder[$"{i}"]);
        Assert.That(await UntilMark(other, _folder.Root), Has.Count.EqualTo(10));

        await using var changes = watcher.GetAsyncEnumerator();
        for (int i = 0; i < 3; i++)
            Assert.That(await Next(changes), Is.EqualTo(new FileChange(FileChangeKind.Created, _folder[$"{i}"], null, IsFolder: true)));
        Assert.That((await Next(changes)).Kind, Is.EqualTo(FileChangeKind.Overflow));
        Directory.CreateDirectory(_folder["after"]);
        Assert.That((await Next(changes)).Path, Is.EqualTo(_folder["after"]));
    }

    // They are made in a turn of the only dispatcher, so that one event tells of them all, and no later one of those that the first read has no room for.
    [Test]
    public async Task Changes_OfMoreThanOneRead_AreAllTold()
    {
        const int Count = 3000;
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = reactor, BlockedTurnThreshold = TimeSpan.FromSeconds(10) });
        await using var watcher = await FileWatcher.StartAsync(system.Actors, _folder.Root, new FileWatcherOptions { Capacity = Count });
        var maker = system.Actors.Spawn<int>(MakeFolders);
        maker.Tell(Count);
        await Signal.Within(maker.StopAsync());

        await using var changes = watcher.GetAsyncEnumerator();
        for (int i = 0; i < Count; i++)
            Assert.That((await Next(changes)).Path, Is.EqualTo(_folder[NameOf(i)]));

        static string NameOf(int i) => $"some folder of many {i:0000}"; // 48 bytes of the queue, so that a read of 64 KiB is not full

        void MakeFolders(int count)
        {
            for (int i = 0; i < count; i++)
                Directory.CreateDirectory(_folder[NameOf(i)]);
        }
    }

    [Test]
    public async Task Actor_IsToldOfEachChange_UntilItStops()
    {
        var told = new TaskCompletionSource<FileChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = _system.Actors.Spawn<FileChange>(change => told.TrySetResult(change));
        await using var watcher = await FileWatcher.StartAsync(_system.Actors, _folder.Root, actor);
        Directory.CreateDirectory(_folder["x"]);

        Assert.That(await Signal.Within(told.Task), Is.EqualTo(new FileChange(FileChangeKind.Created, _folder["x"], null, IsFolder: true)));
        Assert.That(async () => await watcher.GetAsyncEnumerator().MoveNextAsync(), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Dispose_OfTheLastWatcher_ClosesTheQueue()
    {
        var first = await FileWatcher.StartAsync(_system.Actors, _folder.Root);
        var second = await FileWatcher.StartAsync(_system.Actors, _folder.Root);
        Assert.That(_system.Actors.Pool.Reactors.OpenCount, Is.EqualTo(1));

        first.Dispose();
        Directory.CreateDirectory(_folder["x"]);
        await using var changes = second.GetAsyncEnumerator();
        Assert.That((await Next(changes)).Path, Is.EqualTo(_folder["x"]));
        await using var ended = first.GetAsyncEnumerator();
        Assert.That(await Signal.Within(ended.MoveNextAsync().AsTask()), Is.False);

        second.Dispose();
        Assert.That(await Signal.Within(changes.MoveNextAsync().AsTask()), Is.False);
        await using var third = await FileWatcher.StartAsync(_system.Actors, _folder.Root);
        Assert.That(await UntilMark(third, _folder.Root), Is.Empty);
    }

    [Test]
    public async Task Stop_OfTheSystem_EndsTheEnumeration()
    {
        var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = reactor });
        var watcher = await FileWatcher.StartAsync(system.Actors, _folder.Root);
        await using var changes = watcher.GetAsyncEnumerator();
        var next = changes.MoveNextAsync().AsTask();
        await system.DisposeAsync();

        Assert.That(await Signal.Within(next), Is.False);
        watcher.Dispose();
    }

    [Test]
    public void Start_OfWhatIsNotThere_SaysSo()
    {
        Assert.That(async () => await FileWatcher.StartAsync(_system.Actors, _folder["none"]), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("none"));
        Assert.That(
            async () => await FileWatcher.StartAsync(_system.Actors, _folder.Root, new FileWatcherOptions { Capacity = 0 }),
            Throws.ArgumentException.With.Message.Contains("Capacity"));
        Assert.That(_system.Actors.Pool.Reactors.OpenCount, Is.Zero);
    }

    private static async Task<FileChange> Next(IAsyncEnumerator<FileChange> changes)
    {
        Assert.That(await Signal.Within(changes.MoveNextAsync().AsTask()), Is.True);
        return changes.Current;
    }

    private static async Task Until(IAsyncEnumerator<FileChange> changes, Predicate<FileChange> isWanted)
    {
        while (!isWanted(await Next(changes)))
        {
        }
    }

    private static async Task<List<FileChange>> UntilMark(FileWatcher watcher, string folder)
    {
        string mark = Path.Combine(folder, Mark);
        Directory.CreateDirectory(mark);
        var before = new List<FileChange>();
        await using var changes = watcher.GetAsyncEnumerator();
        while (await Next(changes) is var change && change.Path != mark)
            before.Add(change);
        return before;
    }
}
