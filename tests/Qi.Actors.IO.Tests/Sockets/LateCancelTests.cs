using Qi.Actors.Coroutines;
using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Scheduling;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>A cancel that was on its way when its read ended does not hit the next read.</summary>
internal sealed class LateCancelTests
{
    [Test]
    public async Task CancelWait_OfAReadThatIsOver_LeavesTheNextReadAlone([Values] bool isOfACoroutine)
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        var (isReading, isReadingNext) = (Signal.NewSource(), Signal.NewSource());
        CoroutineBox? first = null;
        int epoch = 0;

        async Coroutine<int> Reads(TaskCompletionSource begun, bool isFirst)
        {
            var root = (CoroutineBox)ThreadContext.Instance.Coroutine!;
            if (isFirst)
                (first, epoch) = (root, root.NextEpoch);
            var read = ours.ReadAsync(new byte[1]);
            begun.SetResult();
            return await read;
        }

        var reader = system.Actors.Spawn(() => Reads(isReading, isFirst: true)).AsTask();
        await Signal.Within(isReading.Task);
        theirs.Send([1]);
        await Signal.Within(reader);
        var next = isOfACoroutine ? system.Actors.Spawn(() => Reads(isReadingNext, isFirst: false)).AsTask() : ours.ReadAsync(new byte[1]).AsTask();
        if (isOfACoroutine)
            await Signal.Within(isReadingNext.Task);
        for (int i = 0; i < 100_000; i++)
            ours.Reads.CancelWait(first!, epoch); // before, while and after the next one suspends, whose epoch is the same
        theirs.Send([2]);
        Assert.That(await Signal.Within(next), Is.EqualTo(1));
    }
}
