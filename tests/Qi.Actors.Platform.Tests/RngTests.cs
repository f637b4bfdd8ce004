namespace Qi.Actors.Platform.Tests;

public sealed class RngTests
{
    [Test]
    public void Next_OfEqualSeeds_IsEqual()
    {
        var left = new Rng(42);
        var right = new Rng(42);
        for (int round = 0; round < 100; round++)
        {
            Assert.That(left.Next(), Is.EqualTo(right.Next()));
        }
    }

    [Test]
    public void Next_OfNearSeeds_Differs()
    {
        HashSet<uint> firsts = [];
        for (ulong seed = 0; seed < 1_000; seed++)
        {
            firsts.Add(new Rng(seed).Next());
        }

        Assert.That(firsts, Has.Count.GreaterThan(995));
    }

    [Test]
    public void Next_OfTheDefaultStruct_IsNotStuck()
    {
        Rng subject = default;
        HashSet<uint> seen = [];
        for (int round = 0; round < 1_000; round++)
        {
            seen.Add(subject.Next());
        }

        Assert.That(seen, Has.Count.GreaterThan(995));
    }

    [Test]
    public void Constructor_WhoseSpreadSeedIsZero_StillWorks()
    {
        // The one seed that the spreading function maps to zero.
        var subject = new Rng(unchecked(0UL - 0x9E37_79B9_7F4A_7C15UL));
        ulong first = subject.NextUInt64();
        Assert.That(first, Is.Not.Zero);
        Assert.That(subject.NextUInt64(), Is.Not.EqualTo(first));
    }

    [Test]
    public void NextUInt64_OverManyDraws_SetsEveryBitHalfTheTime()
    {
        const int Draws = 20_000;
        var subject = new Rng(7);
        int[] ones = new int[64];
        for (int draw = 0; draw < Draws; draw++)
        {
            ulong value = subject.NextUInt64();
            for (int bit = 0; bit < 64; bit++)
            {
                ones[bit] += (int)((value >> bit) & 1);
            }
        }

        Assert.That(ones, Has.All.InRange((Draws / 2) - 500, (Draws / 2) + 500));
    }

    [TestCase(1u)]
    [TestCase(2u)]
    [TestCase(3u)]
    [TestCase(10u)]
    [TestCase(uint.MaxValue)]
    public void Below_AnyBound_StaysBelow(uint bound)
    {
        var subject = new Rng(bound);
        for (int round = 0; round < 1_000; round++)
        {
            Assert.That(subject.Below(bound), Is.LessThan(bound));
        }
    }

    [Test]
    public void Below_Six_IsUniform()
    {
        const int Draws = 60_000;
        var subject = new Rng(6);
        int[] counts = new int[6];
        for (int draw = 0; draw < Draws; draw++)
        {
            counts[subject.Below(6)]++;
        }

        Assert.That(counts, Has.All.InRange(9_500, 10_500));
    }

    [Test]
    public void Below_Zero_Throws()
    {
        var subject = new Rng(1);
        Assert.That(() => subject.Below(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void NextDouble_Always_IsFromZeroToOne()
    {
        var subject = new Rng(9);
        double sum = 0;
        for (int draw = 0; draw < 10_000; draw++)
        {
            double value = subject.NextDouble();
            Assert.That(value, Is.GreaterThanOrEqualTo(0).And.LessThan(1));
            sum += value;
        }

        Assert.That(sum / 10_000, Is.EqualTo(0.5).Within(0.02));
    }

    [Test]
    public void FromEntropy_Twice_Differs_AndTellsItsSeed()
    {
        Rng left = Rng.FromEntropy(out ulong seed);
        Rng right = Rng.FromEntropy();
        var again = new Rng(seed);
        ulong first = left.NextUInt64();
        Assert.That(again.NextUInt64(), Is.EqualTo(first));
        Assert.That(right.NextUInt64(), Is.Not.EqualTo(first));
    }
}
