using System.Buffers;
using System.Runtime.InteropServices;

namespace Qi.Actors.IO.Tests.Buffers;

/// <summary>What is caught when use is checked.</summary>
public sealed class ChecksTests
{
    private static readonly BufferPoolOptions s_checked = new() { ChecksUse = true };

    [Test]
    public void Dispose_Twice_IsCaughtEvenWhenSomebodyElseHasTheBuffer()
    {
        using var subject = new OwnedSlabs(s_checked);
        IMemoryOwner<byte> first = subject.Pool.Rent();
        first.Dispose();
        IMemoryOwner<byte> second = subject.Pool.Rent();
        Assert.That(first.Dispose, Throws.TypeOf<BufferMisuseException>());
        second.Memory.Span[0] = 1;
        second.Dispose();
        subject.Slabs.AssertInvariants();
    }

    [Test]
    public void Memory_AfterTheReturn_IsCaughtInEveryForm()
    {
        using var subject = new OwnedSlabs(s_checked);
        IMemoryOwner<byte> buffer = subject.Pool.Rent();
        Memory<byte> memory = buffer.Memory;
        Memory<byte> part = memory[10..20];
        buffer.Dispose();
        _ = subject.Pool.Rent();
        Assert.That(() => memory.Span.Length, Throws.TypeOf<BufferMisuseException>());
        Assert.That(() => part.Span.Length, Throws.TypeOf<BufferMisuseException>());
        Assert.That(() => part.Pin(), Throws.TypeOf<BufferMisuseException>());
        Assert.That(() => MemoryMarshal.TryGetArray<byte>(memory, out _), Throws.TypeOf<BufferMisuseException>());
        Assert.That(() => buffer.Memory, Throws.TypeOf<BufferMisuseException>());
    }

    [Test]
    public unsafe void Memory_BeforeTheReturn_IsTheSameInEveryForm()
    {
        using var subject = new OwnedSlabs(s_checked);
        using IMemoryOwner<byte> buffer = subject.Pool.Rent(5000);
        Memory<byte> part = buffer.Memory[100..];
        part.Span[0] = 7;
        using MemoryHandle handle = part.Pin();
        Assert.That(MemoryMarshal.TryGetArray<byte>(part, out var segment), Is.True);
        Assert.That((*(byte*)handle.Pointer, segment[0], segment.Count), Is.EqualTo(((byte)7, (byte)7, 16384 - 100)));
    }

    [TestCase(0)]
    [TestCase(4095)]
    public void Write_AfterTheReturn_IsCaughtAtTheNextRent(int index)
    {
        using var subject = new OwnedSlabs(s_checked);
        RentedBuffer buffer = subject.Rent();
        Span<byte> span = buffer.Span;
        buffer.Return();
        span[index] = 1;
        Assert.That(() => subject.Slabs.TryRent(1, out _), Throws.TypeOf<BufferMisuseException>().With.Message.Contains("written to after its return"));
        Assert.That(subject.Size(0).InUse, Is.Zero);
        subject.Slabs.AssertInvariants();
        Assert.That(subject.Rent().IsRented, Is.True, "the buffer itself is sound");
    }

    [Test]
    public void Rent_FreshOrReturnedFromElsewhere_HoldsPoison()
    {
        using var subject = new OwnedSlabs(s_checked);
        RentedBuffer[] buffers = subject.Rent(4, 65536);
        foreach (RentedBuffer buffer in buffers)
        {
            Assert.That(buffer.Span.ContainsAnyExcept((byte)0xDD), Is.False);
            buffer.Span.Clear();
        }

        Threads.Run(buffers[1].Return);
        Assert.That(subject.Rent(65536).Span.ContainsAnyExcept((byte)0xDD), Is.False);
    }

    [Test]
    public void Rent_Unchecked_LeavesTheMemoryAlone()
    {
        using var subject = new OwnedSlabs();
        RentedBuffer buffer = subject.Rent();
        buffer.Span[17] = 99;
        buffer.Return();
        Assert.That(subject.Rent().Span[17], Is.EqualTo(99));
    }

    [Test]
    public void ChecksUse_Default_IsThatOfTheBuild()
    {
#if DEBUG
        Assert.That(BufferPoolOptions.Default.ChecksUse, Is.True);
#else
        Assert.That(BufferPoolOptions.Default.ChecksUse, Is.False);
#endif
    }
}
