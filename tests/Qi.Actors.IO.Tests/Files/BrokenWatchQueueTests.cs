using System.Collections.Concurrent;
using System.Threading.Channels;

using Microsoft.Extensions.Logging;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>Watchers whose queue of changes fails under them.</summary>
[Platform("Linux")]
internal sealed class BrokenWatchQueueTests
{
    private const int InputOutputError = 5;

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<int> _failures = new();
    private TestSystem _system = null!;
    private Folder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _failures.Clear();
        _system = new TestSystem(FailingReactor.OptionsFor(_failures, kind: IoKind.Receive));
        _system.ExpectErrors(1);
        _folder = new Folder();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _system.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Enumeration_EndsWithTheReason_AndAnotherWatcherWorks()
    {
        await using var watcher = await FileWatcher.StartAsync(_system.Actors, _folder.Root);
        Break();

        Assert.That(() => Signal.Within(TakeAll(watcher)), Throws.InstanceOf<IOException>().With.Message.Contains(_folder.Root).And.InnerException.InstanceOf<IOException>());
        await using var another = await FileWatcher.StartAsync(_system.Actors, _folder.Root);
        await using var changes = another.GetAsyncEnumerator();
        _folder.Write("b", [1]);
        Assert.That(await Signal.Within(changes.MoveNextAsync().AsTask()), Is.True);
    }

    [Test]
    public async Task Actor_WhoseMailboxIsFull_IsToldOfTheEndAllTheSame()
    {
        var seen = Channel.CreateUnbounded<FileChange>();
        var gate = Signal.NewSource();
        var actor = _system.Actors.Spawn<FileChange>(
            async change =>
            {
                await gate.Task;
                seen.Writer.TryWrite(change);
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
        await using var watcher = await FileWatcher.StartAsync(_system.Actors, _folder.Root, actor);
        Break();
        Assert.That(SpinWait.SpinUntil(() => _system.Log.AtLeast(LogLevel.Error).Any(), s_bound), Is.True);
        gate.SetResult();

        FileChange last;
        do
            last = await Signal.Within(seen.Reader.ReadAsync().AsTask());
        while (last.Kind != FileChangeKind.Ended);
        Assert.That(last.Path, Is.EqualTo(_folder.Root));
    }

    // The read that waits ends with a change, and the next one fails.
    private void Break()
    {
        _failures.Enqueue(InputOutputError);
        _folder.Write("a", [1]);
    }

    private static async Task TakeAll(FileWatcher watcher)
    {
        await foreach (var _ in watcher)
        {
        }
    }
}
