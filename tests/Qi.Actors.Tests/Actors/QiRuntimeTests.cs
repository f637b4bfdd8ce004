using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

public sealed class QiRuntimeTests
{
    [Test]
    public void Run_OfACoroutine_ReturnsItsResult()
        => Assert.That(QiRuntime.Run(async () => await Twice(21), new QiActorsOptions { WorkerThreads = 1 }), Is.EqualTo(42));

    [Test]
    public void Run_OfACoroutineThatFails_ThrowsItsException() => Assert.Throws<FormatException>(() => QiRuntime.Run(Fail));

    [Test]
    public void Constructor_WithBadOptions_NamesEachOfThem()
    {
        var options = new QiActorsOptions
        {
            Name = " ",
            WorkerThreads = 5000,
            MaxStackSize = 1,
            StackPoolSize = -1,
            PollInterval = TimeSpan.Zero,
            TurnBudgetMessages = 0,
            TurnBudgetTime = TimeSpan.Zero,
            BlockedTurnThreshold = TimeSpan.Zero,
            BlockingThreads = 0,
            SpinTime = TimeSpan.FromSeconds(-1),
            ShutdownTimeout = TimeSpan.FromDays(2),
            CpuAffinity = [100_000],
        };

        var error = Assert.Throws<ArgumentException>(() => new QiRuntime(options))!;

        Assert.That(error.Message.Split(Environment.NewLine), Has.Length.EqualTo(12));
        Assert.That(error.Message, Does.Contain("QiActors:MaxStackSize is 1. Allowed: 131072 to 1073741824."));
        Assert.That(error.Message, Does.Contain("QiActors:CpuAffinity is 100000. Allowed: the cores of this process:"));
    }

    [Test]
    public async Task Runtime_WithPinnedDispatchers_RunsOnThoseCores()
    {
        int core = Platform.Affinity.ProcessCores()[0];
        await using var runtime = new QiRuntime(new QiActorsOptions { WorkerThreads = 1, CpuAffinity = [core] });

        var cores = await runtime.Spawn(async () =>
        {
            await Coroutine.YieldAsync();
            return Platform.Affinity.GetCurrentThread();
        });

        Assert.That(cores, Is.EqualTo(new[] { core }));
    }

    [Test]
    public async Task Statistics_OfCoroutines_CountActiveAndCompleted()
    {
        await using var runtime = new QiRuntime(new QiActorsOptions { WorkerThreads = 2 });
        var parked = runtime.Spawn(async () => await Coroutine.SuspendAsync());
        await runtime.Spawn(async () => await Twice(1));

        Assert.That(runtime.Statistics.ActiveTasks, Is.EqualTo(1));
        Assert.That(runtime.Statistics.WorkerThreads, Is.EqualTo(2));

        parked.Resume();
        await parked;
        Assert.That(runtime.Statistics.CompletedTasks, Is.EqualTo(2));
    }

    [Test]
    public async Task BlockOn_OnADispatcher_IsRefused()
    {
        await using var runtime = new QiRuntime(new QiActorsOptions { WorkerThreads = 1 });

        var handle = runtime.Spawn(async () => runtime.BlockOn(async () => await Twice(1)));

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await handle);
    }

    [Test]
    public async Task Shutdown_WithASleepingCoroutine_CancelsIt()
    {
        var runtime = new QiRuntime(new QiActorsOptions { WorkerThreads = 1 });
        var sleeper = runtime.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.FromHours(1)));

        var report = await Signal.Within(runtime.ShutdownAsync(StopMode.Now));

        Assert.That(report.IsComplete, Is.True);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await sleeper);
        Assert.Throws<ObjectDisposedException>(() => _ = runtime.Spawn(async () => await Twice(1)));
    }

    private static async Coroutine<int> Twice(int number)
    {
        await Coroutine.YieldAsync();
        return number * 2;
    }

    private static async Coroutine Fail()
    {
        await Coroutine.YieldAsync();
        throw new FormatException();
    }
}
