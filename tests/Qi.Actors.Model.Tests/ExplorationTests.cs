using Qi.Actors.Model.Controller;
using Qi.Actors.Model.Scenarios;

namespace Qi.Actors.Model;

/// <summary>Every scenario, exhaustively within its bounds, and at random beyond them.</summary>
[Category("Model")]
internal sealed class ExplorationTests
{
    private const int RandomExecutions = 1_000;

    private Explorer _explorer = null!;

    public static IEnumerable<string> Names => ScenarioList.All.Select(entry => entry.Name);

    [OneTimeSetUp]
    public void MakeExplorer() => _explorer = new Explorer();

    [OneTimeTearDown]
    public void DisposeExplorer() => _explorer.Dispose();

    [TestCaseSource(nameof(Names))]
    public void Search_WithinTheBounds_FindsNoFailure(string name)
    {
        var entry = ScenarioList.Named(name);
        foreach (var bounds in entry.Searches)
            Check(_explorer.Search(entry, bounds));
    }

    [TestCaseSource(nameof(Names))]
    public void Sample_ByRandomPriorities_FindsNoFailure(string name)
    {
        ulong seed = (ulong)Environment.TickCount64;
        Check(_explorer.Sample(ScenarioList.Named(name), seed, RandomExecutions, hasDelays: true));
    }

    private static void Check(Exploration exploration)
    {
        TestContext.Out.WriteLine(exploration);
        Assert.That(exploration.Failure, Is.Null, exploration.Failure);
    }
}
