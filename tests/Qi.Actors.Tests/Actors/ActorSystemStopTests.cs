using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class ActorSystemStopTests
{
    [Test]
    public async Task StopAsync_WithNothingToDo_IsComplete()
    {
        await using var system = new TestSystem();
        system.Actors.Spawn<int>(_ => { });

        var report = await Signal.Within(system.Actors.StopAsync());

        Assert.That((report.IsComplete, report.MessagesLeft, report.ActorsLeft, report.CoroutinesLeft), Is.EqualTo((true, 0L, 0L, 0L)));
        Assert.That(await Signal.Within(system.Actors.StopAsync(StopMode.Now)), Is.SameAs(report));
    }

    [Test]
    public async Task StopAsync_WithADrain_HandlesWhatActorsSendEachOther()
    {
        await using var system = new TestSystem();
        int handled = 0;
        var second = system.Actors.Spawn<int>(_ => handled++);
        var first = system.Actors.Spawn<int>(number => second.Tell(number));
        for (int i = 0; i < 20_000; i++)
            first.Tell(i);

        var report = await Signal.Within(system.Actors.StopAsync(StopMode.Drain, Signal.Bound));

        Assert.That(report.IsComplete, Is.True);
        Assert.That(handled, Is.EqualTo(20_000));
    }

    [Test]
    public async Task StopAsync_WithADrain_WaitsForATurnThatHasLostItsDispatcher()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = new TestSystem();
        var entered = Signal.NewSource();
        int handled = 0;
        var second = system.Actors.Spawn<int>(_ => handled++);
        var first = system.Actors.Spawn<int>(number =>
        {
            entered.TrySetResult();
            Signal.Block(gate);
            second.Tell(number);
        });
        first.Tell(1);
        await Signal.Within(entered.Task);
        var pool = system.Actors.Pool;
        Assert.That(SpinWait.SpinUntil(() => pool.HandOffs > 0 && pool.Idle.ParkedCount == 2 && pool.QueuedCount == 0, Signal.Bound), Is.True);

        Assert.That(system.Actors.IsAtRest(), Is.False, "the handler will go on");
        var stopped = system.Actors.StopAsync(StopMode.Drain, Signal.Bound);
        gate.Set();
        await Signal.Within(stopped);

        Assert.That(handled, Is.EqualTo(1));
        Assert.That(system.Actors.DeadLetters.Count, Is.Zero);
    }

    [Test]
    [Category("Stress")]
    public async Task StopAsync_WithAMillionMessagesBehindABlockedHandler_ReturnsInTimeAndCountsThem()
    {
        const int Messages = 1_000_000;
        using var gate = new ManualResetEventSlim();
        await using var system = new TestSystem();
        var entered = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(_ =>
        {
            entered.TrySetResult();
            Signal.Block(gate);
        });

        // The count walks the list from where the turn began: here that is the message being handled.
        var idle = system.Actors.Pool.Idle;
        Assert.That(SpinWait.SpinUntil(() => idle.ParkedCount == 2, Signal.Bound), Is.True);
        actor.Tell(0);
        await Signal.Within(entered.Task);
        for (int i = 0; i < Messages / 2; i++)
            actor.Tell(i);
        var completion = actor.Completion;

        var report = await Signal.Within(system.Actors.StopAsync(StopMode.Drain, TimeSpan.FromMilliseconds(500)));

        Assert.That((report.IsComplete, report.ActorsLeft), Is.EqualTo((false, 1L)));
        Assert.That(report.MessagesLeft, Is.InRange(Messages / 2, (Messages / 2) + 2));
        Assert.That(report.Elapsed, Is.LessThan(TimeSpan.FromSeconds(15)));
        Assert.That(async () => await Signal.Within(completion), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(system.Log.Entries.Any(entry => entry.Id == 303), Is.True);
        gate.Set();
    }

    [Test]
    [Category("Stress")]
    public async Task StopAsync_Now_BuriesAMillionMessages()
    {
        const int Messages = 1_000_000;
        using var gate = new ManualResetEventSlim();
        await using var actors = new ActorSystem(new QiActorsOptions { WorkerThreads = 2 });
        var entered = Signal.NewSource();
        int handled = 0;
        var actor = actors.Spawn<int>(_ =>
        {
            handled++;
            entered.TrySetResult();
            Signal.Block(gate);
        });
        actor.Tell(0);
        await Signal.Within(entered.Task);
        for (int i = 0; i < Messages; i++)
            actor.Tell(i);

        var stopped = actors.StopAsync(StopMode.Now, Signal.Bound);
        gate.Set();
        var report = await Signal.Within(stopped);

        Assert.That(report.IsComplete, Is.True);
        Assert.That(actors.DeadLetters.Count + handled, Is.EqualTo(Messages + 1));
    }

    [Test]
    public async Task Spawn_AfterAStop_NamesTheSystem()
    {
        await using var system = new TestSystem();
        await Signal.Within(system.Actors.StopAsync());

        Assert.That(() => system.Actors.Spawn<int>(_ => { }), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("test"));
        Assert.That(() => system.Actors.RunBlocking(() => { }), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Tell_AfterAStop_IsADeadLetter()
    {
        await using var system = new TestSystem();
        var actor = system.Actors.Spawn<int>(_ => { });
        await Signal.Within(system.Actors.StopAsync());

        Assert.That(actor.Tell(1), Is.EqualTo(TellStatus.Stopped));
        Assert.That(async () => await Signal.Within(actor.AskAsync<int>(_ => 1)), Throws.InstanceOf<AskRefusedException>());
        Assert.That(await Signal.Within(actor.SendAsync(1)), Is.False);
        Assert.That(system.LettersOf(DeadLetterReason.Stopped), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task StopAsync_WithANegativeTimeout_Throws()
    {
        await using var system = new TestSystem();

        Assert.That(() => system.Actors.StopAsync(StopMode.Now, TimeSpan.FromSeconds(-1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task StopAsync_WhileOthersSpawnAndTell_Completes()
    {
        for (int round = 0; round < 20; round++)
        {
            await using var system = new TestSystem();
            var spawner = Task.Run(() =>
            {
                int spawned = 0;
                try
                {
                    while (true)
                    {
                        system.Actors.Spawn<int>(_ => { }).Tell(1);
                        spawned++;
                    }
                }
                catch (ObjectDisposedException)
                {
                    return spawned;
                }
            });

            var report = await Signal.Within(system.Actors.StopAsync(StopMode.Now, TimeSpan.FromSeconds(20)));
            await Signal.Within(spawner);

            Assert.That(report.Elapsed, Is.LessThan(TimeSpan.FromSeconds(15)), $"round {round}: {report}");
        }
    }
}
