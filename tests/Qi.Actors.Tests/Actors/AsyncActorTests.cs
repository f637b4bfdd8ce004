using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class AsyncActorTests
{
    [Test]
    public async Task Handler_ThatAwaits_HoldsTheMailbox()
    {
        await using var system = new TestSystem();
        var gates = new[] { Signal.NewSource(), Signal.NewSource() };
        var entered = new SemaphoreSlim(0);
        var log = new List<string>();
        var actor = system.Actors.Spawn<int>(async number =>
        {
            log.Add($"{number}<");
            entered.Release();
            await gates[number].Task;
            log.Add($"{number}>");
        });
        actor.Tell(0);
        actor.Tell(1);
        await Signal.Within(entered);

        gates[1].SetResult();
        gates[0].SetResult();
        await Signal.Within(actor.StopAsync());

        Assert.That(log, Is.EqualTo(new[] { "0<", "0>", "1<", "1>" }));
    }

    [Test]
    public async Task Handler_OfAReentrantActor_LetsTheNextMessageIn()
    {
        await using var system = new TestSystem();
        var gates = new[] { Signal.NewSource(), Signal.NewSource() };
        var entered = new SemaphoreSlim(0);
        var log = new List<string>();
        var actor = system.Actors.Spawn<int>(
            async number =>
            {
                log.Add($"{number}<");
                entered.Release();
                await gates[number].Task;
                log.Add($"{number}>");
                entered.Release();
            },
            null,
            new ActorOptions { IsReentrant = true });
        actor.Tell(0);
        actor.Tell(1);
        await Signal.Within(entered);
        await Signal.Within(entered, "the second message while the first one awaits");

        gates[1].SetResult();
        await Signal.Within(entered);
        var stopped = actor.StopAsync();
        Assert.That(stopped.IsCompleted, Is.False, "a handler is still in flight");
        gates[0].SetResult();
        await Signal.Within(stopped);

        Assert.That(log, Is.EqualTo(new[] { "0<", "1<", "1>", "0>" }));
    }

    [TestCase(false)]
    [TestCase(true)]
    [Category("Stress")]
    public async Task Handlers_ThatAwaitOften_AreNeverInTwoTurns(bool isReentrant)
    {
        const int Messages = 2_000;
        await using var system = new TestSystem();
        var probe = new TurnProbe();
        int left = Messages;
        var done = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(
            async number =>
            {
                for (int i = 0; i < 5; i++)
                {
                    probe.Pass();
                    if (number % 2 == 0)
                        await Task.Yield();
                    else
                        await Task.Run(() => { });
                }

                probe.Pass();
                if (--left == 0)
                    done.SetResult();
            },
            null,
            new ActorOptions { IsReentrant = isReentrant });

        await Task.WhenAll(Enumerable.Range(0, 2).Select(sender => Task.Run(() =>
        {
            for (int i = 0; i < Messages / 2; i++)
                actor.Tell(i + sender);
        })));
        await Signal.Within(done.Task);

        Assert.That(probe.Overlaps, Is.Zero);
        Assert.That(probe.Count, Is.EqualTo(Messages * 6), "unsynchronized: turns are ordered after one another");
    }

    [Test]
    public async Task Continuation_OfAnAwait_RunsInTheActorsTurn()
    {
        await using var system = new TestSystem();
        var contexts = Signal.NewSource<(SynchronizationContext? Before, SynchronizationContext? After, bool IsDispatcher)>();
        var gate = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(async _ =>
        {
            var before = SynchronizationContext.Current;
            await gate.Task;
            contexts.SetResult((before, SynchronizationContext.Current, Thread.CurrentThread.Name?.StartsWith("test-dispatcher", StringComparison.Ordinal) ?? false));
        });
        actor.Tell(1);
        gate.SetResult();

        var (before, after, isDispatcher) = await Signal.Within(contexts.Task);

        Assert.That(before, Is.Not.Null.And.SameAs(after));
        Assert.That(isDispatcher, Is.True);
    }

    [Test]
    public async Task Continuation_AfterConfigureAwaitFalse_LeavesTheTurn()
    {
        await using var system = new TestSystem();
        var context = Signal.NewSource<SynchronizationContext?>();
        var gate = Signal.NewSource();
        var entered = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(async _ =>
        {
            entered.TrySetResult();
            await gate.Task.ConfigureAwait(false);
            context.SetResult(SynchronizationContext.Current);
        });
        actor.Tell(1);
        await Signal.Within(entered.Task);

        gate.SetResult();

        Assert.That(await Signal.Within(context.Task), Is.Not.InstanceOf<ActorSynchronizationContext>());
        await Signal.Within(actor.StopAsync());
    }

    [Test]
    public async Task Send_OnTheActorsContext_IsRefused()
    {
        await using var system = new TestSystem();
        var context = Signal.NewSource<SynchronizationContext>();
        var actor = system.Actors.Spawn<int>(_ =>
        {
            context.SetResult(SynchronizationContext.Current!);
            return default;
        });
        actor.Tell(1);
        var actors = await Signal.Within(context.Task);

        Assert.That(() => actors.Send(_ => { }, null), Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public async Task Post_OfACallbackThatThrows_FaultsTheActor()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var context = Signal.NewSource<SynchronizationContext>();
        var actor = system.Actors.Spawn<int>(_ =>
        {
            context.SetResult(SynchronizationContext.Current!);
            return default;
        });
        actor.Tell(1);

        (await Signal.Within(context.Task)).Post(_ => throw new FormatException("posted"), null);

        Assert.That(async () => await Signal.Within(actor.Completion), Throws.InstanceOf<FormatException>());
    }

    [Test]
    public async Task AsyncLocals_OfAHandler_StayInIt()
    {
        await using var system = new TestSystem();
        var local = new AsyncLocal<int>();
        var seen = new List<int>();
        var actor = system.Actors.Spawn<int>(async number =>
        {
            seen.Add(local.Value);
            local.Value = number;
            await Task.Yield();
            seen.Add(local.Value);
        });
        actor.Tell(1);
        actor.Tell(2);
        await Signal.Within(actor.StopAsync());

        Assert.That(seen, Is.EqualTo(new[] { 0, 1, 0, 2 }));
    }

    // Counts without synchronization, and notes two threads that are in it at once.
    private sealed class TurnProbe
    {
        private int _inside;

        public int Overlaps { get; private set; }

        public int Count { get; private set; }

        public void Pass()
        {
            if (Interlocked.Increment(ref _inside) != 1)
                Overlaps++;
            Count++;
            Thread.SpinWait(20);
            Interlocked.Decrement(ref _inside);
        }
    }
}
