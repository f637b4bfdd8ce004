using System.Threading.Channels;

namespace Qi.Actors.IO.Tests.Buffers;

/// <summary>Buffers that come back from other threads.</summary>
public sealed class ReturnTests
{
    private const int FourToAChunk = 65536;

    [Test]
    public void Return_ByAnotherThread_WaitsUntilTheOwnerHasNothingLeft()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer[] buffers = subject.Rent(4, FourToAChunk);
        nint address = buffers[0].Address;
        buffers[1].Return();
        Threads.Run(() =>
        {
            buffers[0].Return();
            buffers[2].Return();
        });
        Assert.That((subject.Slabs.ReturnsWaiting, subject.Size(2).InUse), Is.EqualTo((2, 3)));
        Assert.That(subject.Rent(FourToAChunk).Chunk.Index, Is.Zero);
        Assert.That(subject.Slabs.ReturnsWaiting, Is.EqualTo(2), "a buffer was left, nothing was taken back");
        Assert.That(new[] { subject.Rent(FourToAChunk).Address, subject.Rent(FourToAChunk).Address }, Does.Contain(address));
        Assert.That((subject.Slabs.ReturnsWaiting, subject.Size(2).InUse, subject.Size(2).Chunks), Is.EqualTo((0, 4, 1)));
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void Return_ByAnotherOwner_GoesToWhereItCameFrom()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer buffer = subject.Rent();
        Threads.Run(() =>
        {
            SlabPool other = subject.Pool.CreateOwner();
            other.Attach();
            buffer.Return();
            Assert.That(other.TryRent(1, out RentedBuffer own), Is.True);
            Assert.That(own.Chunk.Owner, Is.SameAs(other));
            own.Return();
            other.Close();
        });
        Assert.That(subject.Slabs.ReturnsWaiting, Is.EqualTo(1));
    }

    [Test]
    public void Return_ByTwoThreadsAtOnce_SucceedsOnce()
    {
        using var subject = new OwnedSlabs();
        for (int round = 0; round < 300; round++)
        {
            RentedBuffer buffer = subject.Rent();
            int successes = 0;
            using var barrier = new Barrier(2);
            void Race()
            {
                barrier.SignalAndWait();
                try
                {
                    buffer.Return();
                    Interlocked.Increment(ref successes);
                }
                catch (BufferMisuseException)
                {
                    // The other one was first.
                }
            }

            var other = new Thread(Race);
            other.Start();
            Race();
            other.Join();
            Assert.That(successes, Is.EqualTo(1));
        }

        subject.Slabs.Trim(0);
        Assert.That(subject.Size(0).InUse, Is.Zero);
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void Trim_TakesBackWhatOthersReturned()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer buffer = subject.Rent();
        Threads.Run(buffer.Return);
        subject.Slabs.Trim(0);
        Assert.That((subject.Slabs.ReturnsWaiting, subject.Size(0).InUse), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Close_WithBuffersOut_KeepsTheirChunksUntilTheyReturn()
    {
        var subject = new OwnedSlabs();
        RentedBuffer[] buffers = subject.Rent(5, FourToAChunk);
        RentedBuffer small = subject.Rent();
        Threads.Run(buffers[4].Return);
        subject.Slabs.Close();
        BufferPoolStatistics closed = subject.Pool.GetStatistics();
        Assert.That((closed.Sizes[2].InUse, closed.Sizes[2].Chunks, closed.Sizes[0].Chunks), Is.EqualTo((4, 1, 1)));
        buffers[0].Span.Fill(1);

        small.Return();
        foreach (RentedBuffer buffer in buffers[1..4])
            Threads.Run(buffer.Return);
        Assert.That((subject.Pool.GetStatistics().HeldBytes, subject.Pool.GetStatistics().Pools), Is.EqualTo((256 * 1024, 2)));
        buffers[0].Return();
        Assert.That((subject.Pool.GetStatistics().HeldBytes, subject.Pool.GetStatistics().Pools), Is.EqualTo((0, 1)));
        Assert.That(buffers[0].Return, Throws.TypeOf<BufferMisuseException>());
        subject.Dispose();
    }

    [Test]
    public void Close_Twice_DoesNothing()
    {
        var subject = new OwnedSlabs();
        subject.Slabs.Close();
        subject.Slabs.Close();
        Assert.That(SlabPool.Current, Is.Null);
        Assert.That(subject.Slabs.Attach, Throws.InvalidOperationException.With.Message.Contains("closed"));
    }

    [Test]
    [Category("Stress")]
    public void Return_ByOthers_WhileTheOwnerRents_LosesAndMixesNothing()
    {
        const int Count = 200_000;
        using var subject = new OwnedSlabs(OwnedSlabs.Unchecked with { ChunkBytes = 64 * 1024, MemoryLimitBytes = 1024 * 1024 });
        subject.Slabs.Detach();
        var channel = Channel.CreateUnbounded<(RentedBuffer Buffer, int Number)>(new UnboundedChannelOptions { SingleWriter = true });
        int[] returned = new int[2];
        int mixed = 0;
        int rented = 0;
        int refused = 0;
        void Consume(int consumer)
        {
            while (channel.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (channel.Reader.TryRead(out var item))
                {
                    if (BitConverter.ToInt32(item.Buffer.Span) != item.Number || BitConverter.ToInt32(item.Buffer.Span[^4..]) != item.Number)
                        Interlocked.Increment(ref mixed);
                    item.Buffer.Return();
                    returned[consumer]++;
                }
            }
        }

        void Produce()
        {
            int[] sizes = [1, 1, 1, 16384, 65536];
            subject.Slabs.Attach();
            for (int number = 0; number < Count; number++)
            {
                if (!subject.Slabs.TryRent(sizes[number % sizes.Length], out RentedBuffer buffer))
                {
                    refused++;
                    Thread.Yield();
                    continue;
                }

                rented++;
                BitConverter.TryWriteBytes(buffer.Span, number);
                BitConverter.TryWriteBytes(buffer.Span[^4..], number);
                channel.Writer.TryWrite((buffer, number));
                if (number % 1000 == 0)
                    subject.Slabs.Trim(number * 100_000_000L);
            }

            channel.Writer.Complete();
            subject.Slabs.Detach();
        }

        Threads.Run(Produce, () => Consume(0), () => Consume(1));
        Assert.That((mixed, returned.Sum(), rented + refused), Is.EqualTo((0, rented, Count)));
        subject.Slabs.Attach();
        subject.Slabs.Trim(0);
        subject.Slabs.AssertInvariants();
        BufferPoolStatistics after = subject.Pool.GetStatistics();
        Assert.That((after.InUseBytes, after.ReturnsWaiting), Is.EqualTo((0, 0)));
        Assert.That(after.PeakBytes, Is.LessThanOrEqualTo(1024 * 1024));
    }

    [Test]
    [Category("Stress")]
    public void Close_WhileOthersReturn_LetsAllMemoryGo()
    {
        var pool = new BufferPool(OwnedSlabs.Unchecked);
        for (int round = 0; round < 500; round++)
        {
            SlabPool slabs = pool.CreateOwner();
            slabs.Attach();
            var buffers = new RentedBuffer[40];
            for (int i = 0; i < buffers.Length; i++)
                Assert.That(slabs.TryRent(i % 2 == 0 ? 1 : FourToAChunk, out buffers[i]), Is.True);
            using var barrier = new Barrier(3);
            Thread[] returners =
            [
                .. Enumerable.Range(0, 2).Select(half => new Thread(() =>
                {
                    barrier.SignalAndWait();
                    for (int i = half; i < buffers.Length; i += 2)
                        buffers[i].Return();
                })),
            ];
            foreach (Thread returner in returners)
                returner.Start();
            barrier.SignalAndWait();
            slabs.Close();
            foreach (Thread returner in returners)
                returner.Join();
            BufferPoolStatistics after = pool.GetStatistics();
            Assert.That((after.HeldBytes, after.Pools), Is.EqualTo((0, 1)), $"Round {round}.");
        }
    }
}
