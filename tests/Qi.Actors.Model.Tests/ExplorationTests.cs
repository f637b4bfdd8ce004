using System.Collections.Concurrent;

using Qi.Actors.Model.Controller;
using Qi.Actors.Model.Scenarios;

namespace Qi.Actors.Model;

/// <summary>Every scenario, exhaustively within its bounds, and at random beyond them. Two at a time, each in a copy of this assembly: the runtime has statics.</summary>
[Category("Model")]
[Parallelizable(ParallelScope.Children)]
internal sealed class ExplorationTests
{
    private const int RandomExecutions = 1_000;

    private readonly ConcurrentBag<AssemblyCopy> _free = [];

    public static IEnumerable<string> Names => ScenarioList.All.Select(entry => entry.Name);

    [OneTimeTearDown]
    public void DisposeCopies()
    {
        foreach (var copy in _free)
            copy.Dispose();
    }

    [TestCaseSource(nameof(Names))]
    public void Search_WithinTheBounds_FindsNoFailure(string name) => Check(copy => copy.Search(name));

    [TestCaseSource(nameof(Names))]
    public void Sample_ByRandomPriorities_FindsNoFailure(string name)
    {
        ulong seed = (ulong)Environment.TickCount64;
        Check(copy => copy.Sample(name, seed, RandomExecutions));
    }

    private void Check(Func<AssemblyCopy, (string Report, string? Failure)> explore)
    {
        if (!_free.TryTake(out var copy))
            copy = new AssemblyCopy();
        var (report, failure) = explore(copy);
        _free.Add(copy);
        TestContext.Out.WriteLine(report);
        Assert.That(failure, Is.Null, failure);
    }
}
