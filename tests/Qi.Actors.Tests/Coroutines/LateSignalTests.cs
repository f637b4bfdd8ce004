using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>Cancels and resumes whose sender is slow between its two steps: leaving the note, and waking the waiter.</summary>
public sealed class LateSignalTests
{
    [Test]
    public async Task Cancel_WhoseSenderIsHeldUpUntilTheCleanupWaits_DoesNotEndTheCleanupsWait()
    {
        var clock = new VirtualTimeProvider();
        await using var system = new TestSystem(timeProvider: clock);
        var isRunning = Signal.NewSource();
        using var isInCleanup = new ManualResetEventSlim();
        bool isCleanupOver = false;

        async Coroutine Body()
        {
            // Runs on the canceller's thread, in the middle of its Cancel.
            using var registration = Coroutine.CancellationToken.Register(() => Signal.Block(isInCleanup, "the cleanup"));
            isRunning.SetResult();
            try
            {
                while (true)
                    await Coroutine.YieldAsync(); // sees the cancel before its sender goes on
            }
            finally
            {
                await Cleanup();
            }
        }

        async Coroutine Cleanup()
        {
            await Coroutine.DelayAsync(TimeSpan.FromHours(1));
            isCleanupOver = true;
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(isRunning.Task);
        var canceller = Task.Run(() => handle.Cancel());
        await WaitUntil(() => handle.State == CoroutineState.Waiting);
        isInCleanup.Set();
        await Signal.Within(canceller);

        // What the canceller may have scheduled has run before this does, the dispatchers being idle otherwise.
        for (int i = 0; i < 100; i++)
            await Signal.Within(system.Actors.Spawn(Yields).AsTask());
        Assert.That(isCleanupOver, Is.False, "an hour has not passed");
        Assert.That(handle.IsDone, Is.False);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(isCleanupOver, Is.True);
    }

    [Test]
    [Category("Stress")]
    public async Task Resume_ManyTimesFromOneThread_EndsNoMoreSuspensionsThanThereWereResumes()
    {
        const int Resumes = 300_000;
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 2 });
        long returned = 0;

        async Coroutine Body()
        {
            while (true)
            {
                await Coroutine.SuspendAsync();
                Atomic.Add(ref returned, 1);
            }
        }

        var handle = system.Actors.Spawn(Body);
        long tooMany = await Signal.Within(Task.Run(() =>
        {
            for (int sent = 1; sent <= Resumes; sent++)
            {
                handle.Resume();
                if (Atomic.Read(ref returned) > sent)
                    return Atomic.Read(ref returned) - sent;
            }

            return 0L;
        }));
        Assert.That(tooMany, Is.Zero, "more suspensions ended than resumes were sent");
        handle.Cancel();
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(returned, Is.LessThanOrEqualTo(Resumes));
    }

    [Test]
    public async Task Cancel_WithATokenCallbackThatThrows_StillCancels()
    {
        await using var system = new TestSystem();
        var isWaiting = Signal.NewSource();

        async Coroutine Body()
        {
            using var registration = Coroutine.CancellationToken.Register(() => throw new InvalidOperationException("callback"));
            isWaiting.SetResult();
            await Coroutine.SuspendAsync();
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(isWaiting.Task);
        system.ExpectErrors(1);
        Assert.That(handle.Cancel(), Is.True);
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Stop_WithATokenCallbackThatThrows_StillStopsTheOthers()
    {
        await using var system = new TestSystem();
        var isWaiting = Signal.NewSource();

        async Coroutine Body()
        {
            using var registration = Coroutine.CancellationToken.Register(() => throw new InvalidOperationException("callback"));
            isWaiting.SetResult();
            await Coroutine.SuspendAsync();
        }

        _ = system.Actors.Spawn(Body);
        var other = system.Actors.Spawn(Suspends);
        await Signal.Within(isWaiting.Task);
        system.ExpectErrors(1);
        var report = await Signal.Within(system.Actors.StopAsync(StopMode.Now, Signal.Bound));
        Assert.That(report.IsComplete, Is.True);
        Assert.That(other.State, Is.EqualTo(CoroutineState.Cancelled));
    }

    internal static async Coroutine Suspends() => await Coroutine.SuspendAsync();

    internal static async Coroutine Yields() => await Coroutine.YieldAsync();

    /// <summary>Gives the processor away until something has become true.</summary>
    internal static async Task WaitUntil(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        long deadlineNs = Clock.NowNs() + Clock.TimeSpanToNs(Signal.Bound);
        while (!condition())
        {
            Assert.That(Clock.NowNs(), Is.LessThan(deadlineNs), $"waited in vain for: {what}");
            await Task.Yield();
        }
    }
}
