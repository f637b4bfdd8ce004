using Qi.Actors.Collections;

namespace Qi.Actors.Tests.Collections;

public sealed class StealHeadTests
{
    [TestCase(0u)]
    [TestCase(uint.MaxValue)]
    public void At_AnyPosition_HasNoThief(uint position)
    {
        StealHead subject = StealHead.At(position);
        Assert.That((subject.Steal, subject.Real, subject.IsBeingStolen), Is.EqualTo((position, position, false)));
    }

    [Test]
    public void Take_WithoutAThief_MovesBoth()
    {
        StealHead subject = StealHead.At(uint.MaxValue).Take(2);
        Assert.That((subject.Steal, subject.Real), Is.EqualTo((1u, 1u)));
    }

    [Test]
    public void Take_DuringASteal_LeavesTheThiefsSlotsAlone()
    {
        StealHead subject = StealHead.At(uint.MaxValue).Claim(2).Take(3);
        Assert.That((subject.Steal, subject.Real, subject.IsBeingStolen), Is.EqualTo((uint.MaxValue, 4u, true)));
    }

    [Test]
    public void Release_AfterTheOwnerTookMore_FreesAllOfThem()
    {
        StealHead subject = StealHead.At(5).Claim(2).Take(1).Release();
        Assert.That((subject.Steal, subject.Real, subject.IsBeingStolen), Is.EqualTo((8u, 8u, false)));
    }
}
