using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

public sealed class UnobservedFailureTests
{
    [Test]
    public async Task Failure_ThatNobodyJoins_IsLoggedWhenTheCoroutineIsCollected()
    {
        var log = new LogRecorder();
        await using (var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1 }, loggerFactory: log))
        {
            await SpawnAndForget(system);
            Collect(() => log.AtLeast(LogLevel.Warning).Count > 0);
        }

        Assert.That(log.AtLeast(LogLevel.Warning).Select(entry => entry.Exception?.Message), Is.EqualTo(new[] { "planted" }));
    }

    [Test]
    public async Task Failure_ThatIsJoinedLater_IsNotLogged()
    {
        var log = new LogRecorder();
        await using (var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1 }, loggerFactory: log))
        {
            await SpawnAndJoinLate(system);
            await SpawnAndForget(system);
            Collect(() => log.AtLeast(LogLevel.Warning).Count > 0);
        }

        Assert.That(log.AtLeast(LogLevel.Warning), Has.Count.EqualTo(1), "Only the one that was forgotten.");
    }

    // Ends when the coroutine has failed; its handle is gone by then.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task SpawnAndForget(ActorSystem system)
    {
        _ = system.Spawn(Fail);
        return Signal.Within(system.Spawn(async () => await Coroutine.YieldAsync(), Priority.Low).AsTask());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task SpawnAndJoinLate(ActorSystem system)
    {
        var failing = system.Spawn(Fail);
        await Signal.Within(system.Spawn(async () => await Coroutine.YieldAsync(), Priority.Low).AsTask());
        await Assert.ThrowsAsync<FormatException>(async () => await failing);
    }

    private static async Coroutine Fail()
    {
        await Coroutine.YieldAsync();
        throw new FormatException("planted");
    }

    // What a thread has touched last may be kept alive by its stack for a while: collected until it is gone, with a bound.
    private static void Collect(Func<bool> isDone)
        => SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return isDone();
            },
            TimeSpan.FromSeconds(20));
}
