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

    [TestCase("Mailbox", 3, 0)]
    [TestCase("SleepOutside2", 1, 0)]
    [TestCase("StealQueueEmpty", 2, 1)]
    [TestCase("StealQueueFull", 3, 0)]
    [TestCase("Lease", 3, 1)]
    public void Search_WithAndWithoutReductions_EndsInTheSameOutcomes(string name, int preemptions, int delays)
    {
        var bounds = new Bounds(preemptions, delays);
        var all = OutcomesOf(name, bounds, Reductions.None);

        Assert.Multiple(() =>
        {
            Assert.That(all, Has.Count.GreaterThan(1));
            foreach (var reductions in new[] { Reductions.Cache, Reductions.Sleep, Reductions.Conflicts, Reductions.All })
                Assert.That(OutcomesOf(name, bounds, reductions), Is.EquivalentTo(all), $"{reductions}");
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

    private HashSet<string> OutcomesOf(string name, Bounds bounds, Reductions reductions)
    {
        var outcomes = new HashSet<string>(StringComparer.Ordinal);
        _explorer.Ended = scenario => outcomes.Add(scenario.Outcome);
        var found = _explorer.Search(ScenarioList.Named(name), bounds, reductions);
        _explorer.Ended = null;
        TestContext.Out.WriteLine($"{found}, {outcomes.Count} outcomes");
        Assert.That(found.Failure, Is.Null);
        return outcomes;
    }
}
