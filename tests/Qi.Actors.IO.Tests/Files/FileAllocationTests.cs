using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>Reads of what is in memory cost the collector nothing.</summary>
[NonParallelizable]
[Platform("Linux")]
internal sealed class FileAllocationTests
{
    private const int Count = 5_000;

    // Between two turns of each are those of all others.
    [Test]
    public async Task ReadAt_OfManyCoroutines_AllocatesNothing()
    {
        const int lanes = 32;
        await using var system = TestSystem.WithOneDispatcher();
        using var folder = new Folder();
        await using var file = await AsyncFile.OpenAsync(system.Actors, folder.Write("x", Wire.Pattern(8192)));

        async Coroutine Lane()
        {
            byte[] buffer = new byte[16];
            for (int i = 0; i < Count; i++)
                await file.ReadAtAsync(buffer, i % 4096);
        }

        async Coroutine<double> Body()
        {
            double best = double.MaxValue;
            for (int round = 0; round < 20 && best > 0.5; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                var handles = new JoinHandle[lanes];
                for (int lane = 0; lane < lanes; lane++)
                    handles[lane] = system.Actors.Spawn(Lane());
                foreach (var handle in handles)
                    await handle;
                best = Math.Min(best, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(lanes * Count));
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(2)); // the compiler has its turn
            }

            return best;
        }

        Task<double> body;
        using (ExecutionContext.SuppressFlow())
            body = system.Actors.Spawn(Body).AsTask();
        Assert.That(await Signal.Within(body), Is.LessThan(0.5), "the coroutines themselves are all there is");
    }

    [Test]
    public async Task ReadAt_OfACoroutine_AllocatesNothing()
    {
        await using var system = TestSystem.WithOneDispatcher();
        using var folder = new Folder();
        await using var file = await AsyncFile.OpenAsync(system.Actors, folder.Write("x", Wire.Pattern(8192)));
        byte[] buffer = new byte[4096];

        async Coroutine<double> Body()
        {
            double best = double.MaxValue;
            for (int round = 0; round < 100 && best > 0; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < Count; i++)
                    await file.ReadAtAsync(buffer, i % 4096);
                best = Math.Min(best, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Count);
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(2)); // the compiler has its turn
            }

            return best;
        }

        Task<double> body;
        using (ExecutionContext.SuppressFlow())
            body = system.Actors.Spawn(Body).AsTask();
        Assert.That(await Signal.Within(body), Is.Zero);
    }
}
