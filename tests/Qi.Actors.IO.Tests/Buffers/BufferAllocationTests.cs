using System.Buffers;

namespace Qi.Actors.IO.Tests.Buffers;

/// <summary>A warm pool allocates nothing, whoever rents and whoever returns.</summary>
public sealed class BufferAllocationTests
{
    private const int Rounds = 1_000;

    [Test]
    public void RentAndReturn_OnTheOwnersThread_AllocateNothing()
    {
        using var subject = new OwnedSlabs();
        Assert.That(
            Allocated(() =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    subject.Slabs.TryRent(1, out RentedBuffer first);
                    subject.Slabs.TryRent(5000, out RentedBuffer second);
                    using IMemoryOwner<byte> third = subject.Pool.Rent(65536);
                    third.Memory.Span[0] = 1;
                    first.Return();
                    second.Return();
                    subject.Slabs.Trim(0);
                }
            }),
            Is.Zero);
    }

    [Test]
    public void RentAndReturn_OnAThreadWithoutSlabs_AllocateNothing()
    {
        using var subject = new BufferPool(OwnedSlabs.Unchecked);
        Assert.That(
            Allocated(() =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    using IMemoryOwner<byte> buffer = subject.Rent(1);
                    buffer.Memory.Span[0] = 1;
                }
            }),
            Is.Zero);
    }

    [Test]
    public void Return_ToAnotherOwner_AllocatesNothing()
    {
        using var subject = new OwnedSlabs();
        var buffers = new RentedBuffer[Rounds];
        long allocated = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            buffers = subject.Rent(Rounds, 1);
            Threads.Run(() =>
            {
                buffers[0].Return(); // a thread's first look at what it owns makes its thread statics
                long before = GC.GetAllocatedBytesForCurrentThread();
                foreach (RentedBuffer buffer in buffers.AsSpan(1))
                    buffer.Return();
                allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            });
        }

        Assert.That(allocated, Is.Zero);
    }

    // The runtime itself allocates a little now and then on whatever thread runs; the pool would do so in every round.
    private static long Allocated(Action action)
    {
        action();
        long least = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
