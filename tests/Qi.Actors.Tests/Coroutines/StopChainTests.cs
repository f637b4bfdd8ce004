using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>The stop of coroutines that wait for each other.</summary>
public sealed class StopChainTests
{
    [Test]
    public async Task Stop_OfALongChainOfJoinersThatOutlivesIt_TellsAllOfThem()
    {
        const int Length = 30_000;
        var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1 });
        int waiting = 0;
        var areWaiting = Signal.NewSource();

        async Coroutine Link(JoinHandle? before)
        {
            try
            {
                if (Atomic.Add(ref waiting, 1) == Length)
                    areWaiting.SetResult();
                await WaitFor(before);
            }
            finally
            {
                await WaitFor(before); // the cancel has thrown, and does so once
            }
        }

        async Coroutine WaitFor(JoinHandle? before)
        {
            if (before is { } target)
                await target;
            else
                await Coroutine.DelayAsync(TimeSpan.FromHours(1));
        }

        // The first of the chain is the first to be abandoned: each end wakes the next one, which is refused.
        JoinHandle? last = null;
        for (int i = 0; i < Length; i++)
            last = system.Spawn(Link(last));
        await Signal.Within(areWaiting.Task);
        var report = await Signal.Within(system.StopAsync(StopMode.Now, TimeSpan.FromSeconds(1)));

        Assert.That(report.CoroutinesLeft, Is.EqualTo(Length));
        Assert.That(last!.Value.State, Is.EqualTo(CoroutineState.Cancelled));
    }
}
