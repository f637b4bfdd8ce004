using System.Runtime.CompilerServices;

namespace Qi.Actors.Platform.Tests;

public sealed class PaddedTests
{
    private sealed class Neighbours
    {
        public PaddedReference<string> FirstReference;
        public PaddedReference<string> SecondReference;
        public PaddedInt First;
        public PaddedLong Second;
        public PaddedUInt Third;
        public PaddedULong Fourth;
        public int Plain;
    }

    [Test]
    public void Size_OfPaddedValues_IsTwoLines()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Unsafe.SizeOf<PaddedInt>(), Is.EqualTo(CacheLine.PaddedSize));
            Assert.That(Unsafe.SizeOf<PaddedUInt>(), Is.EqualTo(CacheLine.PaddedSize));
            Assert.That(Unsafe.SizeOf<PaddedLong>(), Is.EqualTo(CacheLine.PaddedSize));
            Assert.That(Unsafe.SizeOf<PaddedULong>(), Is.EqualTo(CacheLine.PaddedSize));
            Assert.That(Unsafe.SizeOf<CacheLinePadding>(), Is.EqualTo(CacheLine.Size));
        });
    }

    [Test]
    public void Values_InOneObject_AreAtLeastALineApart()
    {
        var subject = new Neighbours();
        ref byte origin = ref Unsafe.As<int, byte>(ref subject.Plain);
        long[] offsets =
        [
            0,
            Unsafe.ByteOffset(ref origin, ref Unsafe.As<int, byte>(ref subject.First.Value)),
            Unsafe.ByteOffset(ref origin, ref Unsafe.As<long, byte>(ref subject.Second.Value)),
            Unsafe.ByteOffset(ref origin, ref Unsafe.As<uint, byte>(ref subject.Third.Value)),
            Unsafe.ByteOffset(ref origin, ref Unsafe.As<ulong, byte>(ref subject.Fourth.Value)),
            Unsafe.ByteOffset(ref origin, ref Unsafe.As<string?, byte>(ref subject.FirstReference.Value)),
            Unsafe.ByteOffset(ref origin, ref Unsafe.As<string?, byte>(ref subject.SecondReference.Value)),
        ];

        Array.Sort(offsets);
        for (int index = 1; index < offsets.Length; index++)
        {
            Assert.That(offsets[index] - offsets[index - 1], Is.GreaterThanOrEqualTo(CacheLine.Size));
        }
    }
}
