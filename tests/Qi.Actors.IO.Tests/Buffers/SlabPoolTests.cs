namespace Qi.Actors.IO.Tests.Buffers;

/// <summary>What an owner does on its own thread.</summary>
public sealed class SlabPoolTests
{
    [TestCase(0, 4096)]
    [TestCase(1, 4096)]
    [TestCase(4096, 4096)]
    [TestCase(4097, 16384)]
    [TestCase(16384, 16384)]
    [TestCase(16385, 65536)]
    [TestCase(65536, 65536)]
    public void Rent_AnySize_GivesTheSmallestThatHoldsIt(int bytes, int expected)
    {
        using var subject = new OwnedSlabs();
        RentedBuffer buffer = subject.Rent(bytes);
        Assert.That((buffer.Length, buffer.Span.Length, buffer.Memory.Length), Is.EqualTo((expected, expected, expected)));
        buffer.Return();
    }

    [Test]
    public unsafe void Rent_Memory_IsPinnedAlignedAndTheSameInEveryForm()
    {
        using var subject = new OwnedSlabs();
        foreach (int bytes in (int[])[1, 16384, 65536])
        {
            RentedBuffer buffer = subject.Rent(bytes);
            GC.Collect();
            buffer.Memory.Span[0] = 1;
            buffer.Span[^1] = 2;
            byte* address = (byte*)buffer.Address;
            Assert.That((address[0], address[buffer.Length - 1], buffer.Address % 4096), Is.EqualTo(((byte)1, (byte)2, (nint)0)));
            Assert.That(buffer.Address - buffer.Chunk.Address, Is.InRange((nint)0, (nint)(buffer.Chunk.Length - buffer.Length)));
            buffer.Return();
        }
    }

    [TestCase(1)]
    [TestCase(5000)]
    [TestCase(65536)]
    public void Rent_ManyAtOnce_GivesMemoryThatNobodyElseHas(int bytes)
    {
        using var subject = new OwnedSlabs();
        RentedBuffer[] buffers = subject.Rent(200, bytes);
        for (int i = 0; i < buffers.Length; i++)
            buffers[i].Span.Fill((byte)i);
        for (int i = 0; i < buffers.Length; i++)
            Assert.That(buffers[i].Span.ContainsAnyExcept((byte)i), Is.False, $"Buffer {i} was written to by another.");
        subject.Slabs.AssertInvariants();
        foreach (RentedBuffer buffer in buffers)
            buffer.Return();
        subject.Slabs.AssertInvariants();
        Assert.That(subject.Pool.GetStatistics().InUseBytes, Is.Zero);
    }

    [Test]
    public void Return_ThenRent_GivesTheWarmestBuffer()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer[] buffers = subject.Rent(3, 1);
        nint address = buffers[1].Address;
        buffers[1].Return();
        Assert.That(subject.Rent().Address, Is.EqualTo(address));
    }

    [Test]
    public void Return_ToAFullChunk_IsRentedBeforeEmptierChunks()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer[] buffers = subject.Rent(9, 65536); // four to a chunk
        nint address = buffers[2].Address;
        buffers[2].Return();
        Assert.That(subject.Rent(65536).Address, Is.EqualTo(address));
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void RentAndReturn_AtRandom_KeepTheInvariants()
    {
        var random = new Random(7);
        using var subject = new OwnedSlabs();
        List<RentedBuffer> rented = [];
        int[] sizes = [1, 16384, 65536];
        for (int step = 0; step < 5_000; step++)
        {
            if (rented.Count > 0 && random.Next(100) < (step / 1000 % 2 == 0 ? 40 : 60))
            {
                int index = random.Next(rented.Count);
                rented[index].Return();
                rented.RemoveAt(index);
            }
            else
            {
                rented.Add(subject.Rent(sizes[random.Next(3)]));
            }

            if (step % 100 == 0)
                subject.Slabs.Trim(step);
            subject.Slabs.AssertInvariants();
            Assert.That(subject.Pool.GetStatistics().Sizes.Sum(size => size.InUse), Is.EqualTo(rented.Count));
        }
    }

    [Test]
    public void Return_Twice_IsRefusedEvenAfterTheNextRent()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer first = subject.Rent();
        first.Return();
        Assert.That(first.Return, Throws.TypeOf<BufferMisuseException>().With.Message.Contains("returned twice"));
        RentedBuffer second = subject.Rent();
        Assert.That(second.IsRented, Is.True);
        Assert.That(first.Return, Throws.TypeOf<BufferMisuseException>().With.Property("LengthBytes").EqualTo(4096));
        Assert.That(second.IsRented, Is.True, "the later use has ended with the earlier one's return");
        Assert.That(subject.Rent().Address, Is.Not.EqualTo(second.Address));
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void Buffer_AfterItsReturn_GivesNothing()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer buffer = subject.Rent();
        buffer.Return();
        _ = subject.Rent();
        Assert.That(buffer.IsRented, Is.False);
        Assert.That(() => buffer.Span.Length, Throws.TypeOf<BufferMisuseException>().With.Message.Contains("used after its return"));
        Assert.That(() => buffer.Memory, Throws.TypeOf<BufferMisuseException>());
        Assert.That(() => buffer.Address, Throws.TypeOf<BufferMisuseException>());
        Assert.That(() => buffer.Chunk, Throws.TypeOf<BufferMisuseException>());
        Assert.That(() => buffer.Length, Throws.TypeOf<BufferMisuseException>());
    }

    [Test]
    public void Buffer_Default_IsNone()
    {
        RentedBuffer none = default;
        Assert.That((none.IsEmpty, none.IsRented), Is.EqualTo((true, false)));
        Assert.That(none.Return, Throws.InvalidOperationException.With.Message.Contains("holds no buffer"));
        Assert.That(() => none.Length, Throws.InvalidOperationException);
    }

    [Test]
    public void Attach_WhenOwned_IsRefused()
    {
        using var subject = new OwnedSlabs();
        Threads.Run(() => Assert.That(subject.Slabs.Attach, Throws.InvalidOperationException.With.Message.Contains("owned by thread")));
        Assert.That(subject.Pool.CreateOwner().Attach, Throws.InvalidOperationException.With.Message.Contains("owns a slab pool already"));
        Threads.Run(
            () => Assert.That(subject.Slabs.Close, Throws.InvalidOperationException.With.Message.Contains("owned by thread")),
            () => Assert.That(subject.Slabs.Detach, Throws.InvalidOperationException));
        Assert.That(SlabPool.Current, Is.SameAs(subject.Slabs));
    }

    [Test]
    public void Detach_ThenAttachElsewhere_MovesTheSlabs()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer buffer = subject.Rent();
        nint address = buffer.Address;
        subject.Slabs.Detach();
        Assert.That(SlabPool.Current, Is.Null);
        Threads.Run(() =>
        {
            subject.Slabs.Attach();
            buffer.Return();
            Assert.That(subject.Rent().Address, Is.EqualTo(address));
            subject.Slabs.Detach();
        });
        Assert.That(subject.Slabs.ReturnsWaiting, Is.Zero, "the new owner returns to its own list");
    }

    [Test]
    public void ChunkBytes_AsOptions_AreWhatIsMade()
    {
        using var subject = new OwnedSlabs(OwnedSlabs.Unchecked with { ChunkBytes = 64 * 1024 });
        RentedBuffer[] buffers = subject.Rent(2, 65536);
        Assert.That(buffers.Select(buffer => buffer.Chunk.Index), Is.EqualTo((int[])[0, 1]));
        Assert.That(buffers[0].Chunk.Length, Is.EqualTo(64 * 1024));
        Assert.That(subject.Pool.GetStatistics().HeldBytes, Is.EqualTo(128 * 1024));
        foreach (RentedBuffer buffer in buffers)
            buffer.Return();
        subject.Slabs.AssertInvariants();
        Assert.That(BufferPoolOptions.Default.ChunkBytes, Is.EqualTo(256 * 1024));
    }
}
