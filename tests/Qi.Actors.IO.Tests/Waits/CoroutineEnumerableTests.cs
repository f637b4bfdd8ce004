using System.Runtime.InteropServices;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Waits;

/// <summary>Items that a coroutine waits for: its cancel ends the wait, and the iterator in order.</summary>
internal sealed class CoroutineEnumerableTests
{
    [Test]
    public async Task Cancel_WhileTheNextItemIsAwaited_EndsTheIteratorInOrder()
    {
        await using var system = new TestSystem();
        bool isOver = false;
        bool hasCleanedUp = false;

        async IAsyncEnumerator<int> Items(CancellationToken cancellationToken)
        {
            try
            {
                yield return 1;
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                isOver = true;
            }
        }

        var handle = system.Actors.Spawn(async () =>
        {
            try
            {
                await foreach (int item in new CoroutineEnumerable<int>(Items))
                    Assert.That(item, Is.EqualTo(1));
            }
            finally
            {
                await Coroutine.YieldAsync(); // the cancel has thrown already
                hasCleanedUp = true;
            }
        });
        await CancelWhenWaiting(handle);
        Assert.That((isOver, hasCleanedUp), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task Signals_AwaitedByACancelledCoroutine_EndIt([Values] bool isOne)
    {
        await using var system = new TestSystem();
        using var signals = SystemSignals.Watch(PosixSignal.SIGHUP);
        var handle = system.Actors.Spawn(async () =>
        {
            if (isOne)
                await signals.NextAsync();
            await foreach (var signal in signals)
                Assert.Fail($"{signal} was not expected.");
        });
        await CancelWhenWaiting(handle);
    }

    [Test]
    [Platform("Linux")]
    public async Task Changes_AwaitedByACancelledCoroutine_EndIt()
    {
        Assume.That(TestSystem.Reactor, Is.Not.EqualTo(Platform.ReactorChoice.Portable), "needs a reactor of the kernel's");
        await using var system = new TestSystem();
        using var folder = new Folder();
        await using var watcher = await FileWatcher.StartAsync(system.Actors, folder.Root);
        var handle = system.Actors.Spawn(async () =>
        {
            await foreach (var change in watcher)
                Assert.Fail($"{change} was not expected.");
        });
        await CancelWhenWaiting(handle);
    }

    [Test]
    [Platform("Linux")]
    public async Task Replace_ByACancelledCoroutine_EndsBeforeItGoesOn()
    {
        await using var system = new TestSystem();
        using var folder = new Folder();
        string path = folder.Write("x", [1]);
        var begun = Signal.NewSource();
        var gate = Signal.NewSource();
        var handle = system.Actors.Spawn(async () => await FileTree.ReplaceAsync(system.Actors, path, async (_, _) =>
        {
            begun.SetResult();
            await gate.Task;
        }));
        await Signal.Within(begun.Task);
        handle.Cancel();
        Assert.That(handle.AsTask().Wait(TimeSpan.FromMilliseconds(20)), Is.False, "It still writes.");
        gate.SetResult();

        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFiles(folder.Root), Is.EqualTo(new[] { path }), "It has cleaned up.");
        Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(new byte[] { 1 }));
    }

    private static async Task CancelWhenWaiting(JoinHandle handle)
    {
        SpinWait.SpinUntil(() => handle.State == CoroutineState.Waiting);
        handle.Cancel();
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Cancelled));
    }
}
