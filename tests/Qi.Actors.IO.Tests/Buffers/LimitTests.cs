namespace Qi.Actors.IO.Tests.Buffers;

/// <summary>The memory limit, and memory that is let go.</summary>
public sealed class LimitTests
{
    private const int Chunk = 256 * 1024;
    private const long Second = 1_000_000_000;

    private static readonly BufferPoolOptions s_twoChunks = OwnedSlabs.Unchecked with { MemoryLimitBytes = (2 * Chunk) + 1 };

    [Test]
    public void Rent_BeyondTheLimit_IsRefusedWithTheNumbers()
    {
        using var subject = new OwnedSlabs(s_twoChunks);
        RentedBuffer[] buffers = subject.Rent(8, 65536);
        Assert.That(subject.Slabs.TryRent(65536, out RentedBuffer none), Is.False);
        Assert.That(none.IsEmpty, Is.True);
        Assert.That(subject.Pool.TryRent(1, out var noOwner), Is.False, "the size makes no difference: all chunks are out");
        Assert.That(noOwner, Is.Null);
        BufferLimitException refusal = Assert.Throws<BufferLimitException>(() => subject.Pool.Rent(5000))!;
        Assert.That((refusal.RequestedBytes, refusal.LimitBytes, refusal.HeldBytes, refusal.InUseBytes), Is.EqualTo((5000, (2 * Chunk) + 1, 2 * Chunk, 2 * Chunk)));
        Assert.That(refusal.Message, Does.Contain("5000 bytes").And.Contain("524288 of at most 524289").And.Contain("MemoryLimitBytes"));
        Assert.That(subject.Pool.GetStatistics().Refusals, Is.EqualTo(3));
        nint address = buffers[0].Address;
        buffers[0].Return();
        Assert.That(subject.Rent(65536).Address, Is.EqualTo(address));
    }

    [Test]
    public void Rent_AtTheLimit_TakesIdleChunksOfOtherSizes()
    {
        using var subject = new OwnedSlabs(s_twoChunks);
        RentedBuffer kept = subject.Rent(1);
        subject.Rent(16384).Return();
        RentedBuffer large = subject.Rent(65536);
        Assert.That(large.Length, Is.EqualTo(65536));
        Assert.That((subject.Size(0).Chunks, subject.Size(1).Chunks, subject.Size(2).Chunks), Is.EqualTo((1, 0, 1)));
        Assert.That((subject.Pool.GetStatistics().Refusals, kept.IsRented), Is.EqualTo((0, true)));
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void Trim_AfterARefusalElsewhere_LetsIdleMemoryGoAtOnce()
    {
        using var subject = new OwnedSlabs(s_twoChunks);
        subject.Rent(1).Return();
        subject.Rent(16384).Return();
        Threads.Run(() => Assert.That(subject.Pool.TryRent(1, out _), Is.False));
        Assert.That(subject.Slabs.Trim(0), Is.EqualTo(2 * Chunk));
        Threads.Run(() => Assert.That(subject.Pool.TryRent(1, out _), Is.True));
        subject.Rent(1).Return();
        Assert.That(subject.Slabs.Trim(1), Is.Zero, "the refusal has been seen to");
    }

    [Test]
    public void Trim_IdleChunk_IsLetGoAfterTheIdleTime()
    {
        using var subject = new OwnedSlabs();
        subject.Rent(1).Return();
        Assert.That(subject.Slabs.Trim(100 * Second), Is.Zero);
        Assert.That(subject.Slabs.Trim((130 * Second) - 1), Is.Zero);
        Assert.That(subject.Slabs.Trim(130 * Second), Is.EqualTo(Chunk));
        Assert.That((subject.Pool.GetStatistics().HeldBytes, subject.Size(0).Chunks, subject.Size(0).Pooled), Is.EqualTo((0, 0, 0)));
        Assert.That(subject.Pool.GetStatistics().PeakBytes, Is.EqualTo(Chunk));
        subject.Rent(1).Return();
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void Trim_ChunkThatWasUsedBetween_BeginsAnew()
    {
        using var subject = new OwnedSlabs();
        subject.Rent(1).Return();
        subject.Slabs.Trim(0);
        subject.Rent(1).Return();
        Assert.That(subject.Slabs.Trim(30 * Second), Is.Zero);
        Assert.That(subject.Slabs.Trim(59 * Second), Is.Zero);
        Assert.That(subject.Slabs.Trim(60 * Second), Is.EqualTo(Chunk));
    }

    [Test]
    public void Trim_ChunkWithARentedBuffer_Stays()
    {
        using var subject = new OwnedSlabs(OwnedSlabs.Unchecked with { IdleTime = TimeSpan.Zero });
        RentedBuffer[] buffers = subject.Rent(8, 65536);
        foreach (RentedBuffer buffer in buffers[..7])
            buffer.Return();
        Assert.That(subject.Pool.GetStatistics().Fragmentation, Is.EqualTo(3.0 / 8));
        Assert.That(subject.Slabs.Trim(0), Is.EqualTo(Chunk));
        Assert.That(buffers[7].Span.Length, Is.EqualTo(65536));
        Assert.That(subject.Pool.GetStatistics().Fragmentation, Is.EqualTo(3.0 / 4));
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void Trim_UnderASmallLoad_LetsAllButOneChunkGo()
    {
        using var subject = new OwnedSlabs();
        foreach (RentedBuffer buffer in subject.Rent(20, 65536))
            buffer.Return();
        for (int second = 0; second <= 30; second++)
        {
            RentedBuffer[] two = subject.Rent(2, 65536);
            two[0].Return();
            two[1].Return();
            subject.Slabs.Trim(second * Second);
        }

        Assert.That(subject.Size(2).Chunks, Is.EqualTo(1));
    }

    [Test]
    public void Trim_PutsIdleChunksBehindUsedOnes()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer[] buffers = subject.Rent(8, 65536);
        foreach (RentedBuffer buffer in buffers.Skip(1).Reverse())
            buffer.Return(); // the second chunk first; then the first, which so is in front
        buffers[0].Return();
        RentedBuffer kept = subject.Rent(65536);
        RentedBuffer[] rest = subject.Rent(7, 65536);
        foreach (RentedBuffer buffer in rest.Where(buffer => buffer.Chunk == kept.Chunk))
            buffer.Return();
        foreach (RentedBuffer buffer in rest.Where(buffer => buffer.IsRented))
            buffer.Return(); // now the idle chunk is in front
        subject.Slabs.Trim(0);
        Assert.That(subject.Rent(65536).Chunk, Is.SameAs(kept.Chunk));
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void Observer_IsToldOfEachChunkOnce()
    {
        var observer = new Observer();
        using var subject = new OwnedSlabs(OwnedSlabs.Unchecked with { IdleTime = TimeSpan.Zero }, observer);
        RentedBuffer small = subject.Rent(1);
        RentedBuffer large = subject.Rent(65536);
        small.Return();
        subject.Slabs.Trim(0);
        _ = subject.Rent(16384);
        subject.Slabs.Close();
        large.Return();
        Assert.That(observer.Calls, Is.EqualTo((string[])["+0 4096", "+1 65536", "-0 4096", "+0 16384", "-0 16384", "-1 65536"]));
    }

    [Test]
    public void Observer_ThatThrows_FailsTheRentAndCostsNothing()
    {
        var observer = new Observer { Failure = new InvalidTimeZoneException("no room") };
        using var subject = new OwnedSlabs(observer: observer);
        Assert.That(() => subject.Slabs.TryRent(1, out _), Throws.TypeOf<InvalidTimeZoneException>());
        Assert.That(subject.Pool.GetStatistics().HeldBytes, Is.Zero);
        subject.Slabs.AssertInvariants();
        observer.Failure = null;
        Assert.That(subject.Rent(1).Chunk.Index, Is.Zero);
    }

    private sealed class Observer : IChunkObserver
    {
        public List<string> Calls { get; } = [];

        public Exception? Failure { get; set; }

        public void OnChunkCreated(BufferChunk chunk)
        {
            if (Failure is not null)
                throw Failure;
            Calls.Add($"+{chunk.Index} {chunk.SlabBytes}");
        }

        public void OnChunkReleased(BufferChunk chunk) => Calls.Add($"-{chunk.Index} {chunk.SlabBytes}");
    }
}
