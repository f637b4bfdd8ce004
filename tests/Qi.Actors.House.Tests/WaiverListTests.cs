namespace Qi.Actors.House.Tests;

internal sealed class WaiverListTests
{
    [Test]
    public void Covers_FileAndSubjectOfALine_StandsAndCountsAsNeeded()
    {
        WaiverList waivers = WaiverList.Parse("# a comment\n\nQueue.cs -> Item : the link is the item's own\n");

        Assert.That(waivers.Covers("src/Room/Queue.cs", "Item"), Is.True);
        Assert.That(waivers.Problems(), Is.Empty);
    }

    [TestCase("src/Room/Queue.cs", "Other")]
    [TestCase("src/Room/Queue.cs", null)]
    [TestCase("src/Room/OtherQueue.cs", "Item")]
    public void Covers_AnotherFileOrSubject_DoesNotStand(string path, string? subject)
        => Assert.That(WaiverList.Parse("Queue.cs -> Item : why").Covers(path, subject), Is.False);

    [Test]
    public void Problems_WaiverNobodyAskedFor_IsReported()
        => Assert.That(WaiverList.Parse("Queue.cs : long for a reason").Problems(), Has.One.Contains("not needed any more"));

    [TestCase("Queue.cs")]
    [TestCase("Queue.cs :")]
    public void Problems_LineWithoutReason_IsReported(string line)
        => Assert.That(WaiverList.Parse(line).Problems(), Has.One.Contains("not of the form"));
}
