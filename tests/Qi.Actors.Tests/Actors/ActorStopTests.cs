using Qi.Actors.Tests.Mailboxes;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class ActorStopTests
{
    private static readonly ActorOptions s_plain = new();

    [TestCase(StopMode.Drain, new[] { 0, 1, 2, 3 }, 0)]
    [TestCase(StopMode.Now, new[] { 0 }, 3)]
    public async Task StopAsync_WithMessagesWaiting_DrainsOrDrops(StopMode mode, int[] handled, int letters)
    {
        await using var busy = await BusyActor.Create(s_plain);
        for (int i = 1; i <= 3; i++)
            busy.Actor.Tell(i);

        var stopped = busy.Actor.StopAsync(mode);
        Assert.That(busy.Actor.Tell(99), Is.EqualTo(TellStatus.Stopped));
        Assert.That(stopped.IsCompleted, Is.False);
        busy.Gate.Set();
        await Signal.Within(stopped);

        Assert.That(busy.Seen, Is.EqualTo(handled));
        Assert.That(busy.System.LettersOf(DeadLetterReason.Stopped), Has.Length.EqualTo(letters + 1));
        Assert.That(busy.System.Actors.DeadLetters.Count, Is.EqualTo(letters + 1));
        Assert.That(busy.System.Actors.Statistics.DeadLetters, Is.EqualTo(letters + 1));
    }

    [Test]
    public async Task StopAsync_NowAfterDrain_DropsWhatWaits()
    {
        await using var busy = await BusyActor.Create(s_plain);
        busy.Actor.Tell(1);

        var drained = busy.Actor.StopAsync();
        var stopped = busy.Actor.StopAsync(StopMode.Now);
        busy.Gate.Set();
        await Signal.Within(Task.WhenAll(drained, stopped));

        Assert.That(busy.Seen, Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public async Task StopAsync_FromManyThreads_StopsOnceAndFreesTheName()
    {
        await using var system = new TestSystem();
        for (int round = 0; round < 200; round++)
        {
            int stops = 0;
            var actor = system.Actors.Spawn<int>(() => new StopCounter(() => Interlocked.Increment(ref stops)), "again");
            var all = Enumerable.Range(0, 8).Select(i => Task.Run(() => actor.StopAsync(i % 2 == 0 ? StopMode.Drain : StopMode.Now)));

            await Signal.Within(await Task.WhenAny(all));

            Assert.That(system.Actors.TryGet<int>("again", out _), Is.False, "the name is free when the first waiter goes on");
            Assert.That(stops, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task StopAsync_Cancelled_GivesOnlyTheWaitUp()
    {
        await using var busy = await BusyActor.Create(s_plain);
        using var cancel = new CancellationTokenSource();

        var stopped = busy.Actor.StopAsync(StopMode.Drain, cancel.Token);
        cancel.Cancel();

        Assert.That(async () => await Signal.Within(stopped), Throws.InstanceOf<OperationCanceledException>());
        busy.Gate.Set();
        await Signal.Within(busy.Actor.Completion);
    }

    [Test]
    public async Task StopAsync_OfAFailedActor_DoesNotThrow()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var actor = system.Actors.Spawn<int>(_ => throw new InvalidOperationException("handler"));
        actor.Tell(1);
        await Signal.Within(Task.WhenAny(actor.Completion));

        Assert.That(async () => await Signal.Within(actor.StopAsync()), Throws.Nothing);
    }

    [Test]
    public async Task StopAsync_WithUnknownMode_Throws()
    {
        await using var system = new TestSystem();
        var actor = system.Actors.Spawn<int>(_ => { });

        Assert.That(() => { _ = actor.StopAsync((StopMode)7); }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task StoppingToken_OnStopNow_IsCancelled()
    {
        await using var system = new TestSystem();
        var entered = Signal.NewSource();
        var ended = Signal.NewSource<bool>();
        var actor = system.Actors.Spawn<int>(() => new Patient(entered, ended));
        actor.Tell(1);
        await Signal.Within(entered.Task);

        await Signal.Within(actor.StopAsync(StopMode.Now));

        Assert.That(await Signal.Within(ended.Task), Is.True);
    }

    [Test]
    public async Task StoppingToken_FirstReadAfterStopNow_IsCancelled()
    {
        await using var system = new TestSystem();
        var seen = Signal.NewSource<bool>();
        var actor = system.Actors.Spawn<int>(() => new LateReader(seen));

        await Signal.Within(actor.StopAsync(StopMode.Now));

        Assert.That(await Signal.Within(seen.Task), Is.True);
    }

    [Test]
    public async Task StoppingToken_WithACallbackThatThrows_StillStopsTheActor()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var entered = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(() => new BadListener(entered));
        actor.Tell(1);
        await Signal.Within(entered.Task);

        await Signal.Within(actor.StopAsync(StopMode.Now));

        Assert.That(actor.Completion.IsFaulted, Is.True);
    }

    [Test]
    public async Task DeadLetters_WithAnObserverThatThrows_ReachTheOthers()
    {
        await using var system = new TestSystem();
        var letters = new List<DeadLetter>();
        system.Actors.DeadLetters.Observed += _ => throw new InvalidOperationException("observer");
        system.Actors.DeadLetters.Observed += letters.Add;
        var actor = system.Actors.Spawn<string>(_ => { }, "gone");
        await Signal.Within(actor.StopAsync());

        Assert.That(actor.Tell("late"), Is.EqualTo(TellStatus.Stopped));
        system.Actors.DeadLetters.Observed -= letters.Add;
        actor.Tell("later");

        Assert.That(letters, Is.EqualTo(new[] { new DeadLetter(ActorPath.ForUser("gone"), "late", DeadLetterReason.Stopped) }));
        Assert.That(system.Actors.DeadLetters.Count, Is.EqualTo(2));
    }

    private sealed class StopCounter(Action onStopped) : Actor<int>
    {
        protected override void OnStopped() => onStopped();

        protected override void Receive(int message)
        {
        }
    }

    private sealed class Patient(TaskCompletionSource entered, TaskCompletionSource<bool> ended) : AsyncActor<int>
    {
        protected override async ValueTask ReceiveAsync(int message)
        {
            entered.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, StoppingToken);
            }
            catch (OperationCanceledException)
            {
                ended.SetResult(StoppingToken.IsCancellationRequested);
            }
        }
    }

    private sealed class LateReader(TaskCompletionSource<bool> seen) : Actor<int>
    {
        protected override void OnStopped() => seen.SetResult(StoppingToken.IsCancellationRequested);

        protected override void Receive(int message)
        {
        }
    }

    private sealed class BadListener(TaskCompletionSource entered) : Actor<int>
    {
        protected override void Receive(int message)
        {
            StoppingToken.Register(() => throw new InvalidOperationException("listener"));
            entered.SetResult();
        }
    }
}
