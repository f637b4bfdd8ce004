using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>A turn that blocks keeps nobody else from reading.</summary>
internal sealed class BlockedTurnTests
{
    [Test]
    public async Task Read_OnADispatcherWhoseTurnBlocksUntilItHasRead_Ends([Values(1, 2)] int dispatchers)
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = dispatchers });
        for (int round = 0; round < 5; round++)
        {
            var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
            await using var end = ours;
            using var other = theirs;
            using var areBlocking = new CountdownEvent(dispatchers);
            using var hasRead = new ManualResetEventSlim();
            var isReading = Signal.NewSource();

            async Coroutine Reads()
            {
                var read = ours.ReadAsync(new byte[1]);
                isReading.SetResult();
                await read;
                hasRead.Set();
            }

            async Coroutine Blocks()
            {
                areBlocking.Signal();
                Signal.Block(hasRead, "the read on a blocked dispatcher");
            }

            var reader = system.Actors.Spawn(Reads).AsTask();
            await Signal.Within(isReading.Task);
            var blocked = Enumerable.Range(0, dispatchers).Select(_ => system.Actors.Spawn(Blocks).AsTask()).ToArray();
            Signal.Block(areBlocking);
            theirs.Send([1]);
            await Signal.Within(Task.WhenAll([reader, .. blocked]));
        }
    }
}
