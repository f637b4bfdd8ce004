using System.Diagnostics;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>AsyncLocal values, the current activity and the synchronization context: as in any async code.</summary>
public sealed class FlowTests
{
    private static readonly AsyncLocal<string?> s_local = new();

    [Test]
    public async Task AsyncLocal_FlowsIntoASpawnedCoroutineAndThroughItsAwaits()
    {
        await using var system = new TestSystem();
        s_local.Value = "spawner";
        var values = new List<string?>();

        async Coroutine Body()
        {
            values.Add(s_local.Value);
            await Coroutine.YieldAsync();
            values.Add(s_local.Value);
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(1));
            values.Add(s_local.Value);
            await Task.Run(() => s_local.Value = "task");
            values.Add(s_local.Value);
            s_local.Value = "own";
            await Task.Delay(Timeout.Infinite, new CancellationToken(canceled: true)).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
            values.Add(s_local.Value);
        }

        await Signal.Within(system.Actors.Spawn(Body).AsTask());
        Assert.That(values, Is.EqualTo(new[] { "spawner", "spawner", "spawner", "spawner", "own" }));
        Assert.That(s_local.Value, Is.EqualTo("spawner"), "nothing flows back");
    }

    [Test]
    public async Task AsyncLocal_ThatACalleeChanges_DoesNotReachItsCaller([Values] bool suspends, [Values] bool throws, [Values(null, "outer")] string? outer)
    {
        await using var system = new TestSystem();

        async Coroutine Callee()
        {
            Assert.That(s_local.Value, Is.EqualTo(outer));
            s_local.Value = "callee";
            if (suspends)
                await Coroutine.YieldAsync();
            Assert.That(s_local.Value, Is.EqualTo("callee"));
            if (throws)
                throw new FormatException();
        }

        async Coroutine<string?> Body()
        {
            s_local.Value = outer;
            try
            {
                await Callee();
            }
            catch (FormatException)
            {
                Assert.That(s_local.Value, Is.EqualTo(outer));
            }

            await Coroutine.YieldAsync();
            return s_local.Value;
        }

        s_local.Value = null;
        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.EqualTo(outer));
    }

    [Test]
    public async Task AsyncLocal_DoesNotLeakBetweenCoroutinesOfOneThread()
    {
        await using var system = TestSystem.WithOneDispatcher();

        async Coroutine<bool> Body(string? mine)
        {
            bool isClean = s_local.Value is null;
            s_local.Value = mine;
            for (int i = 0; i < 1_000; i++)
            {
                await Coroutine.YieldAsync();
                isClean &= s_local.Value == mine;
            }

            return isClean;
        }

        s_local.Value = null;
        var all = Enumerable.Range(0, 8).Select(i => system.Actors.Spawn(Body(i % 2 == 0 ? null : $"value {i}")).AsTask());
        Assert.That(await Signal.Within(Task.WhenAll(all)), Is.All.True);
    }

    [Test]
    public async Task AsyncLocal_OfTheSystemsCreator_IsNotSeenByItsTurns()
    {
        s_local.Value = "creator";
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });
        var seen = Signal.NewSource<string?>();
        var blocking = Signal.NewSource<string?>();
        using (ExecutionContext.SuppressFlow())
        {
            system.Actors.SynchronizationContext.Post(_ => seen.SetResult(s_local.Value), null);
            _ = system.Actors.RunBlocking(() => blocking.SetResult(s_local.Value));
        }

        Assert.That(await Signal.Within(seen.Task), Is.Null);
        Assert.That(await Signal.Within(blocking.Task), Is.Null);
    }

    [Test]
    public async Task AsyncLocal_FlowsIntoRunBlocking_CallByCall()
    {
        await using var system = new TestSystem();
        for (int i = 0; i < 20; i++)
        {
            s_local.Value = $"call {i}";
            string? seen = await Signal.Within(system.Actors.RunBlocking(() =>
            {
                string? value = s_local.Value;
                s_local.Value = "work's own";
                return value;
            }));
            Assert.That(seen, Is.EqualTo($"call {i}"));
        }
    }

    [Test]
    public async Task Activity_Current_FlowsAndIsRestored()
    {
        await using var system = new TestSystem();
        using var outer = new Activity("outer").Start();

        async Coroutine<string?> Child()
        {
            using var inner = new Activity("inner").Start();
            await Coroutine.YieldAsync();
            return Activity.Current!.Parent!.OperationName;
        }

        async Coroutine<(string?, string?)> Body()
        {
            string? parent = await Child();
            await Coroutine.YieldAsync();
            return (parent, Activity.Current?.OperationName);
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.EqualTo(("outer", "outer")));
        Assert.That(Activity.Current, Is.SameAs(outer));
    }

    [Test]
    public async Task Await_OfATask_ComesBackToTheDispatchers([Values] bool continueOnCapturedContext)
    {
        await using var system = new TestSystem();

        async Coroutine<bool> Body()
        {
            await Task.Run(() => { }).ConfigureAwait(continueOnCapturedContext);
            await new ValueTask<int>(Task.Run(() => 1)).ConfigureAwait(continueOnCapturedContext);
            return Coroutine.IsInside && SynchronizationContext.Current == system.Actors.SynchronizationContext;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.True);
    }

    [Test]
    public async Task PlainAsyncCode_InACoroutine_ComesBackToTheDispatchersUnlessConfiguredOtherwise()
    {
        await using var system = new TestSystem();

        async Task<(bool, bool)> Plain()
        {
            await Task.Run(() => { });
            bool isBack = SynchronizationContext.Current == system.Actors.SynchronizationContext;
            await Task.Run(() => { }).ConfigureAwait(false);
            return (isBack, SynchronizationContext.Current is null);
        }

        async Coroutine<(bool, bool)> Body() => await Plain();

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.EqualTo((true, true)));
    }
}
