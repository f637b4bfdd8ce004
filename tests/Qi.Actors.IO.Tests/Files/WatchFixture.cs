using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>A system with one of the reactors that can watch, and a folder. A mark that is written last says that all before it has been told.</summary>
internal abstract class WatchFixture(ReactorChoice reactor)
{
    private const string Mark = "the mark";

    protected ReactorChoice Reactor => reactor;

    protected TestSystem System { get; private set; } = null!;

    protected Folder Folder { get; private set; } = null!;

    [SetUp]
    public void SetUp()
    {
        Assume.That(TestSystem.Reactor, Is.Not.EqualTo(ReactorChoice.Portable), "it serves sockets only: PortableRefusalTests");
        try
        {
            System = new TestSystem(new QiActorsOptions { WorkerThreads = 2, Reactor = reactor });
        }
        catch (Microsoft.Extensions.Options.OptionsValidationException e)
        {
            Assert.Ignore(e.Message);
        }

        Folder = new Folder();
    }

    [TearDown]
    public async Task TearDown()
    {
        if (Folder is null)
            return;
        await System.DisposeAsync();
        Folder.Dispose();
    }

    protected static async Task<FileChange> Next(IAsyncEnumerator<FileChange> changes)
    {
        Assert.That(await Signal.Within(changes.MoveNextAsync().AsTask()), Is.True);
        return changes.Current;
    }

    protected static async Task Until(IAsyncEnumerator<FileChange> changes, Predicate<FileChange> isWanted)
    {
        while (!isWanted(await Next(changes)))
        {
        }
    }

    protected static async Task<List<FileChange>> UntilMark(FileWatcher watcher, string folder)
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
