using System.Threading.Channels;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>What watchers tell actors, whatever room those have.</summary>
[TestFixture(ReactorChoice.Epoll)]
[TestFixture(ReactorChoice.Uring)]
[Platform("Linux")]
internal sealed class ActorWatcherTests(ReactorChoice reactor) : WatchFixture(reactor)
{
    [Test]
    public async Task Actor_IsToldOfEachChange_UntilItStops()
    {
        var told = new TaskCompletionSource<FileChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = System.Actors.Spawn<FileChange>(change => told.TrySetResult(change));
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root, actor);
        Directory.CreateDirectory(Folder["x"]);

        Assert.That(await Signal.Within(told.Task), Is.EqualTo(new FileChange(FileChangeKind.Created, Folder["x"], null, IsFolder: true)));
        Assert.That(async () => await watcher.GetAsyncEnumerator().MoveNextAsync(), Throws.InvalidOperationException);
    }

    // Another watcher, which is told after the actor's, says when the changes have come.
    [Test]
    public async Task Actor_WhoseMailboxWasFull_IsToldOfTheLossWithoutAnotherChange()
    {
        var gate = Signal.NewSource();
        var seen = Channel.CreateUnbounded<FileChange>();
        var actor = await SpawnBehind(gate.Task, seen, MailboxFullMode.Wait);
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root, actor);
        await using var other = await FileWatcher.StartAsync(System.Actors, Folder.Root);
        for (int i = 0; i < 10; i++)
            Directory.CreateDirectory(Folder[$"{i}"]);
        await UntilMark(other, Folder.Root);

        gate.SetResult();
        while ((await Signal.Within(seen.Reader.ReadAsync())).Kind != FileChangeKind.Overflow)
        {
            // What had room.
        }

        Directory.CreateDirectory(Folder["after"]);
        Assert.That((await Signal.Within(seen.Reader.ReadAsync())).Path, Is.EqualTo(Folder["after"]), "one overflow tells of all that was lost");
    }

    [Test]
    public async Task Actor_IsToldOfALossBeforeTheDisposal_AndOneThatStopsEndsTheWatcher([Values] bool stops)
    {
        var gate = Signal.NewSource();
        var seen = Channel.CreateUnbounded<FileChange>();
        var actor = await SpawnBehind(gate.Task, seen, MailboxFullMode.Wait);
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root, actor);
        await using (var other = await FileWatcher.StartAsync(System.Actors, Folder.Root))
        {
            for (int i = 0; i < 10; i++)
                Directory.CreateDirectory(Folder[$"{i}"]);
            await UntilMark(other, Folder.Root);
        }

        if (stops)
        {
            var stopped = actor.StopAsync(StopMode.Now);
            gate.SetResult();
            await Signal.Within(stopped);
            Directory.CreateDirectory(Folder["after"]);
        }
        else
        {
            watcher.Dispose();
            gate.SetResult();
            while ((await Signal.Within(seen.Reader.ReadAsync())).Kind != FileChangeKind.Overflow)
            {
                // What had room.
            }
        }

        Assert.That(SpinWait.SpinUntil(() => System.Actors.Pool.Reactors.OpenCount == 0, Signal.Bound), Is.True);
    }

    [TestCase(MailboxFullMode.Reject)]
    [TestCase(MailboxFullMode.DropNewest)]
    public async Task Actor_WhoseMailboxRefusesWhatIsNew_IsToldOfTheLossWithTheNextChange(MailboxFullMode mode)
    {
        var gate = Signal.NewSource();
        var seen = Channel.CreateUnbounded<FileChange>();
        var actor = await SpawnBehind(gate.Task, seen, mode);
        await using var watcher = await FileWatcher.StartAsync(System.Actors, Folder.Root, actor);
        await using var other = await FileWatcher.StartAsync(System.Actors, Folder.Root);
        for (int i = 0; i < 10; i++)
            Directory.CreateDirectory(Folder[$"{i}"]);
        await UntilMark(other, Folder.Root);

        gate.SetResult();
        for (int i = 0; i < 2; i++)
            Assert.That((await Signal.Within(seen.Reader.ReadAsync())).Path, Is.EqualTo(Folder[$"{i}"]));
        Directory.CreateDirectory(Folder["after"]);
        Assert.That((await Signal.Within(seen.Reader.ReadAsync())).Kind, Is.EqualTo(FileChangeKind.Overflow));
        Assert.That((await Signal.Within(seen.Reader.ReadAsync())).Path, Is.EqualTo(Folder["after"]));
    }

    // An actor with room for two changes, that has taken a message and waits.
    private async Task<ActorRef<FileChange>> SpawnBehind(Task gate, Channel<FileChange> seen, MailboxFullMode mode)
    {
        var isBusy = Signal.NewSource();
        var actor = System.Actors.Spawn<FileChange>(
            async change =>
            {
                isBusy.TrySetResult();
                await gate;
                if (change.Path is not null)
                    seen.Writer.TryWrite(change);
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Bounded(2, mode) });
        actor.Tell(default);
        await Signal.Within(isBusy.Task);
        return actor;
    }
}
