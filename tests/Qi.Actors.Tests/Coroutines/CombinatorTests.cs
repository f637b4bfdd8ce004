using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

public sealed class CombinatorTests
{
    private ActorSystem _system = null!;

    [SetUp]
    public void StartSystem() => _system = new ActorSystem(new QiActorsOptions { WorkerThreads = 2 });

    [TearDown]
    public async Task StopSystem() => await _system.DisposeAsync();

    [Test]
    public async Task All_OfSome_GivesResultsInTheOrderGiven()
    {
        var gate = new TaskCompletionSource();
        async Coroutine<int> Late()
        {
            await gate.Task;
            return 1;
        }

        async Coroutine<int> Early()
        {
            await Coroutine.YieldAsync();
            gate.SetResult();
            return 2;
        }

        Assert.That(await Run(() => Coroutine.All(Late(), Early())), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task All_OfNone_IsEmpty()
        => Assert.That(await Run(() => Coroutine.All<int>()), Is.Empty);

    [Test]
    public async Task All_WithAFailure_ThrowsItAtOnceAndCancelsTheOthers()
    {
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        async Coroutine<int> Sleeper()
        {
            try
            {
                started.SetResult();
                await Coroutine.SuspendAsync();
            }
            catch (OperationCanceledException)
            {
                cancelled.SetResult();
                throw;
            }

            return 0;
        }

        await Assert.ThrowsAsync<FormatException>(() => Run(() => Coroutine.All(Sleeper(), Failing<int>(started.Task))));
        await Signal.Within(cancelled.Task);
    }

    [Test]
    public async Task All_WithoutResults_WaitsForEach()
    {
        int ended = 0;
        async Coroutine One()
        {
            await Coroutine.YieldAsync();
            Interlocked.Increment(ref ended);
        }

        await Signal.Within(_system.Spawn(() => Coroutine.All(One(), One(), One())).AsTask());

        Assert.That(ended, Is.EqualTo(3));
    }

    [Test]
    public async Task Any_WithAFailureFirst_GivesTheFirstSuccess()
        => Assert.That(await Run(() => Coroutine.Any(Failing<int>(), Value(7), Never<int>())), Is.EqualTo(7));

    [Test]
    public async Task Any_WithFailuresOnly_ThrowsThemAll()
    {
        var error = (await Assert.ThrowsAsync<AggregateException>(() => Run(() => Coroutine.Any(Failing<int>(), Failing<int>()))))!;

        Assert.That(error.InnerExceptions, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Any_OfNone_Throws() => await Assert.ThrowsAsync<ArgumentException>(() => Run(() => Coroutine.Any<int>()));

    [Test]
    public async Task Race_WithAWinner_CancelsTheLosers()
    {
        var started = new TaskCompletionSource();
        var loser = new TaskCompletionSource();
        async Coroutine<int> Win()
        {
            await started.Task;
            return 3;
        }

        async Coroutine<int> Lose()
        {
            try
            {
                started.SetResult();
                await Coroutine.SuspendAsync();
            }
            finally
            {
                loser.SetResult();
            }

            return 0;
        }

        Assert.That(await Run(() => Coroutine.Race(Lose(), Win())), Is.EqualTo(3));
        await Signal.Within(loser.Task);
    }

    [Test]
    public async Task Race_WithAFailureFirst_ThrowsIt()
        => await Assert.ThrowsAsync<FormatException>(() => Run(() => Coroutine.Race(Never<int>(), Failing<int>())));

    [Test]
    public async Task Timeout_InTime_GivesTheResult()
        => Assert.That(await Run(() => Coroutine.Timeout(Value(5), TimeSpan.FromHours(1))), Is.EqualTo(5));

    [Test]
    public async Task Timeout_TooLate_ThrowsAndCancels()
    {
        var error = (await Assert.ThrowsAsync<TimeoutException>(() => Run(() => Coroutine.Timeout(Never<int>(), TimeSpan.FromMilliseconds(3)))))!;

        Assert.That(error.Message, Does.Contain("3 ms"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = Coroutine.Timeout(Value(1), TimeSpan.FromTicks(-1)));
    }

    [Test]
    public async Task Retry_AfterFailures_GivesTheFirstSuccess()
    {
        var numbers = new List<int>();
        int result = await Run(() => Coroutine.Retry(
            number =>
            {
                numbers.Add(number);
                return number < 3 ? Failing<int>() : Value(number * 10);
            },
            5,
            TimeSpan.FromMilliseconds(1)));

        Assert.That(result, Is.EqualTo(30));
        Assert.That(numbers, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Retry_WithFailuresOnly_ThrowsTheLast()
    {
        await Assert.ThrowsAsync<FormatException>(() => Run(() => Coroutine.Retry(_ => Failing<int>(), 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = Coroutine.Retry(_ => Failing<int>(), 0));
    }

    [Test]
    public async Task MapAndThen_InAChain_PassResultsOn()
    {
        int seen = 0;
        await Run(async () =>
        {
            await Value(4).Map(number => number + 1).Then(number => Value(number * 2)).Then(async number =>
            {
                await Coroutine.YieldAsync();
                seen = number;
            });
            return 0;
        });

        Assert.That(seen, Is.EqualTo(10));
    }

    [Test]
    public async Task From_OfTasks_BringsThemIn()
        => Assert.That(await Run(() => Coroutine.All(Coroutine.From(Task.FromResult(1)), Value(2))), Is.EqualTo(new[] { 1, 2 }));

    [Test]
    public async Task All_WhenItsCallerIsCancelled_CancelsItsParts()
    {
        using var started = new CountdownEvent(2);
        using var parts = new CountdownEvent(2);
        async Coroutine<int> Part()
        {
            try
            {
                started.Signal();
                await Coroutine.SuspendAsync();
            }
            finally
            {
                parts.Signal();
            }

            return 0;
        }

        var handle = _system.Spawn(() => Coroutine.All(Part(), Part()));
        Assert.That(started.Wait(TimeSpan.FromSeconds(30)));
        handle.Cancel();

        Assert.That(parts.Wait(TimeSpan.FromSeconds(30)));
        await Assert.CatchAsync<OperationCanceledException>(async () => await handle);
    }

    private Task<T> Run<T>(Func<Coroutine<T>> body) => Signal.Within(_system.Spawn(body).AsTask());

    private static async Coroutine<T> Value<T>(T value)
    {
        await Coroutine.YieldAsync();
        return value;
    }

    private static async Coroutine<T> Failing<T>(Task? after = null)
    {
        await Coroutine.YieldAsync();
        await (after ?? Task.CompletedTask);
        throw new FormatException("planted");
    }

    private static async Coroutine<T> Never<T>()
    {
        await Coroutine.SuspendAsync();
        return default!;
    }
}
