using System.Buffers;
using System.Runtime.InteropServices;

namespace Qi.Actors.IO.Tests.Buffers;

/// <summary>The public face, on threads that own no slabs.</summary>
public sealed class BufferPoolTests
{
    [TestCase(-1, 4096)]
    [TestCase(0, 4096)]
    [TestCase(9000, 16384)]
    [TestCase(65536, 65536)]
    public void Rent_AnySize_GivesMemoryOfTheNextSize(int bytes, int expected)
    {
        using var subject = new BufferPool();
        using IMemoryOwner<byte> buffer = subject.Rent(bytes);
        Assert.That(buffer.Memory.Length, Is.EqualTo(expected));
        Assert.That(MemoryMarshal.TryGetArray<byte>(buffer.Memory, out var segment), Is.True);
        buffer.Memory.Span[1] = 5;
        Assert.That((segment.Count, segment[1]), Is.EqualTo((expected, (byte)5)));
    }

    [TestCase(-2)]
    [TestCase(65537)]
    [TestCase(int.MinValue)]
    [TestCase(int.MaxValue)]
    public void Rent_SizeThatThereIsNot_IsRefused(int bytes)
    {
        using var subject = new BufferPool();
        Assert.That(() => subject.Rent(bytes), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("up to 65536"));
        Assert.That(() => subject.TryRent(bytes, out _), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That((subject.MaxBufferSize, subject.GetStatistics().HeldBytes), Is.EqualTo((65536, 0)));
    }

    [Test]
    public void TryRent_MinusOne_IsRefused()
    {
        using var subject = new BufferPool();
        Assert.That(() => subject.TryRent(-1, out _), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Dispose_OfABufferTwice_IsRefused()
    {
        using var subject = new BufferPool(OwnedSlabs.Unchecked);
        IMemoryOwner<byte> buffer = subject.Rent();
        buffer.Dispose();
        Assert.That(buffer.Dispose, Throws.TypeOf<BufferMisuseException>());
        Assert.That(() => buffer.Memory, Throws.TypeOf<BufferMisuseException>());
        Assert.That(subject.GetStatistics().ReturnsWaiting, Is.EqualTo(1));
    }

    [Test]
    public void Rent_AfterReturns_UsesThemAgain()
    {
        using var subject = new BufferPool(OwnedSlabs.Unchecked);
        var owners = new HashSet<IMemoryOwner<byte>>();
        for (int i = 0; i < 1_000; i++)
        {
            IMemoryOwner<byte> buffer = subject.Rent(65536);
            owners.Add(buffer);
            buffer.Dispose();
        }

        Assert.That(owners, Has.Count.LessThanOrEqualTo(4));
        Assert.That(subject.GetStatistics().HeldBytes, Is.EqualTo(256 * 1024));
    }

    [Test]
    public void Rent_OnAThreadThatOwnsSlabs_TakesThose()
    {
        using var owned = new OwnedSlabs();
        Assert.That(owned.Pool.TryRentBuffer(1, out RentedBuffer buffer), Is.True);
        Assert.That(buffer.Chunk.Owner, Is.SameAs(owned.Slabs));
        using var other = new BufferPool();
        Assert.That(other.RentBuffer(1).Chunk.Owner, Is.Not.SameAs(owned.Slabs), "they belong to another pool");
        Threads.Run(() => Assert.That(owned.Pool.RentBuffer(1).Chunk.Owner, Is.Not.SameAs(owned.Slabs)));
    }

    [Test]
    [Category("Stress")]
    public void Rent_ByManyThreadsWithoutSlabs_GivesEachItsOwn()
    {
        using var subject = new BufferPool(OwnedSlabs.Unchecked);
        void Use(byte mark)
        {
            for (int i = 0; i < 30_000; i++)
            {
                using IMemoryOwner<byte> first = subject.Rent(1);
                using IMemoryOwner<byte> second = subject.Rent(16384);
                first.Memory.Span.Fill(mark);
                second.Memory.Span[..64].Fill(mark);
                if (first.Memory.Span.ContainsAnyExcept(mark) || second.Memory.Span[..64].ContainsAnyExcept(mark))
                    throw new InvalidOperationException("Two have the same memory.");
            }
        }

        Threads.Run(() => Use(1), () => Use(2), () => Use(3));
        subject.Trim(0);
        Assert.That((subject.GetStatistics().InUseBytes, subject.GetStatistics().ReturnsWaiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Trim_LetsIdleMemoryGo()
    {
        using var subject = new BufferPool(OwnedSlabs.Unchecked with { IdleTime = TimeSpan.Zero });
        subject.Rent().Dispose();
        Assert.That((subject.Trim(), subject.GetStatistics().HeldBytes), Is.EqualTo((256 * 1024, 0)));
    }

    [Test]
    public void Trim_OnAThreadThatOwnsSlabs_TrimsThoseToo()
    {
        using var owned = new OwnedSlabs(OwnedSlabs.Unchecked with { IdleTime = TimeSpan.Zero });
        owned.Rent().Return();
        Assert.That(owned.Pool.Trim(), Is.EqualTo(256 * 1024));
    }

    [Test]
    public void GetStatistics_SumsOverOwners()
    {
        using var owned = new OwnedSlabs();
        RentedBuffer[] small = owned.Rent(3, 1);
        _ = owned.Rent(65536);
        Threads.Run(() => owned.Pool.RentBuffer(1).Return());
        small[0].Return();
        BufferPoolStatistics statistics = owned.Pool.GetStatistics();
        Assert.That(statistics.Sizes.Select(size => size.BufferBytes), Is.EqualTo((int[])[4096, 16384, 65536]));
        BufferSizeStatistics first = statistics.Sizes[0];
        Assert.That((first.InUse, first.Pooled, first.HighWater, first.Chunks, first.HeldBytes, first.IdleBytes), Is.EqualTo((3, 125, 4, 2, 512L * 1024, 0L)));
        Assert.That((statistics.ReturnsWaiting, statistics.Pools, statistics.LimitBytes), Is.EqualTo((1, 2, 0L)));
        Assert.That((statistics.HeldBytes, statistics.InUseBytes, statistics.PooledBytes), Is.EqualTo((768L * 1024, (3 * 4096) + 65536L, (125 * 4096) + (3 * 65536L))));
        Assert.That(statistics.Fragmentation, Is.EqualTo(statistics.PooledBytes / (768.0 * 1024)));
    }

    [Test]
    public void GetStatistics_OfAnEmptyPool_IsZero()
    {
        using var subject = new BufferPool();
        BufferPoolStatistics statistics = subject.GetStatistics();
        Assert.That((statistics.HeldBytes, statistics.Fragmentation, statistics.ReturnsWaiting, statistics.Pools), Is.EqualTo((0L, 0.0, 0, 1)));
    }

    [Test]
    public void Dispose_RefusesRentsAndTakesReturns()
    {
        var subject = new BufferPool(OwnedSlabs.Unchecked);
        IMemoryOwner<byte> buffer = subject.Rent();
        subject.Dispose();
        subject.Dispose();
        Assert.That(() => subject.Rent(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("pool was closed"));
        buffer.Memory.Span[0] = 1;
        buffer.Dispose();
        Assert.That((subject.GetStatistics().HeldBytes, subject.GetStatistics().Pools), Is.EqualTo((0, 0)));
    }

    [TestCase(32 * 1024)]
    [TestCase(32 * 1024 * 1024)]
    [TestCase(100_000)]
    public void ChunkBytes_OutOfRange_IsRefused(int bytes)
        => Assert.That(() => new BufferPoolOptions { ChunkBytes = bytes }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("65536 to 16777216"));

    [Test]
    public void Options_OutOfRange_AreRefused()
    {
        Assert.That(() => new BufferPoolOptions { MemoryLimitBytes = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BufferPoolOptions { IdleTime = TimeSpan.FromTicks(-1) }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BufferPool(new BufferPoolOptions { MemoryLimitBytes = 1000 }), Throws.ArgumentException.With.Message.Contains("262144"));
        Assert.That(() => new BufferPool(null!), Throws.ArgumentNullException);
    }
}
