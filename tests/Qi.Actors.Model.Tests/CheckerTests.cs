using Qi.Actors.Model.Controller;
using Qi.Actors.Model.Scenarios;

namespace Qi.Actors.Model;

/// <summary>The checker itself, on scenarios with a known bug.</summary>
[Category("Model")]
internal sealed class CheckerTests
{
    private Explorer _explorer = null!;

    [OneTimeSetUp]
    public void MakeExplorer() => _explorer = new Explorer();

    [OneTimeTearDown]
    public void DisposeExplorer() => _explorer.Dispose();

    [TestCase("LostUpdate", 0, 0, null)]
    [TestCase("LostUpdate", 1, 0, "An update was lost.")]
    [TestCase("StoreThenLoad", 3, 0, null)]
    [TestCase("StoreThenLoad", 0, 1, "Neither has seen the other.")]
    [TestCase("StoreThenLoadFenced", 3, 2, null)]
    [TestCase("ReleaseThenLoad", 3, 0, null)]
    [TestCase("ReleaseThenLoad", 3, 2, "Neither has seen the other.")]
    [TestCase("Deadlock", 0, 0, null)]
    [TestCase("Deadlock", 1, 0, "Deadlock")]
    [TestCase("Livelock", 0, 0, "Livelock")]
    [TestCase("Undecided", 1, 0, "not deterministic")]
    public void Search_WithinTheseBounds_FindsWhatIsThere(string name, int preemptions, int delays, string? failure)
    {
        foreach (var reductions in Enum.GetValues<Reductions>())
        {
            var found = _explorer.Search(Specimens.Named(name), new Bounds(preemptions, delays), reductions);
            TestContext.Out.WriteLine(found);
            Assert.That(found.Failure ?? "none", Does.Contain(failure ?? "none"));
        }
    }

    [Test]
    public void Search_WithAndWithoutReductions_EndsInTheSameOutcomes()
    {
        var all = OutcomesOf(Reductions.None);

        Assert.Multiple(() =>
        {
            Assert.That(OutcomesOf(Reductions.Cache), Is.EquivalentTo(all));
            Assert.That(OutcomesOf(Reductions.Sleep), Is.EquivalentTo(all));
            Assert.That(OutcomesOf(Reductions.All), Is.EquivalentTo(all));
        });
    }

    [Test]
    public void Sample_OfARareBug_FindsItAndNamesTheSeed()
    {
        var found = _explorer.Sample(Specimens.Named("LostUpdate"), firstSeed: 1, count: 1_000, hasDelays: false);

        Assert.That(found.Failure, Does.Contain("An update was lost. (seed "));
    }

    [Test]
    public void Replay_OfAReport_FailsInTheSameWayAndNamesEachStep()
    {
        var found = _explorer.Search(Specimens.Named("LostUpdate"), new Bounds(1, 0));
        string name = ReplayTests.NameIn(found.Failure!);

        string steps = ReplayTests.Replay(_explorer, name, out string? failure);

        Assert.That(failure, Is.EqualTo("An update was lost."));
        Assert.That(steps, Does.Match("T0 a +Specimens.cs:[0-9]+ Read #0 → 0").And.Match("T1 b +Specimens.cs:[0-9]+ Write #0 := 1"));
    }

    private HashSet<string> OutcomesOf(Reductions reductions)
    {
        var outcomes = new HashSet<string>(StringComparer.Ordinal);
        var entry = new ScenarioEntry("Outcomes", "", () => new MailboxScenario { Outcomes = outcomes }, new Bounds(3, 1));
        var found = _explorer.Search(entry, entry.Bounds, reductions);
        TestContext.Out.WriteLine(found);
        Assert.That(found.Failure, Is.Null);
        return outcomes;
    }
}
