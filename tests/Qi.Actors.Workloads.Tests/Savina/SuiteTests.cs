using Qi.Actors.Workloads.Savina;

namespace Qi.Actors.Workloads.Tests.Savina;

internal sealed class SuiteTests
{
    private const int SmallSize = 480;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static IEnumerable<TestCaseData> Renderings()
        => from workload in Suite.All
           from rendering in workload.Renderings
           select new TestCaseData(workload, rendering).SetArgDisplayNames(workload.Name, rendering.Name);

    private static IEnumerable<TestCaseData> Workloads()
        => Suite.All.Select(static workload => new TestCaseData(workload).SetArgDisplayNames(workload.Name));

    [TestCaseSource(nameof(Renderings))]
    public async Task RunOnce_OfASmallSize_GivesTheExpectedAndLeavesNobody(Workload workload, Rendering rendering)
    {
        await using var system = new ActorSystem();

        for (int round = 0; round < 2; round++)
            workload.RunOnce(rendering, system, workload.Fit(SmallSize));

        Assert.Multiple(() =>
        {
            Assert.That(SpinWait.SpinUntil(() => system.Statistics.Actors == 0, s_patience), Is.True, "Actors are left.");
            Assert.That(system.DeadLetters.Count, Is.Zero);
        });
    }

    [TestCaseSource(nameof(Renderings))]
    public async Task RunOnce_OfTheSmallestSize_GivesTheExpected(Workload workload, Rendering rendering)
    {
        await using var system = new ActorSystem();

        Assert.That(() => workload.RunOnce(rendering, system, workload.Fit(1)), Throws.Nothing);
    }

    [TestCaseSource(nameof(Workloads))]
    public async Task RunOnce_WithAnotherResultThanExpected_Throws(Workload workload)
    {
        await using var system = new ActorSystem();
        int size = workload.Fit(SmallSize);
        var strict = workload with { Expected = of => workload.Expected(of) + 1 };

        Assert.That(
            () => strict.RunOnce(strict.Renderings[0], system, size),
            Throws.InvalidOperationException.With.Message.Contains(workload.Name));
    }

    // The defaults of the suite's configurations. The number of parties of fibonacci is that of the calls for n = 25.
    [TestCase("savina-pingpong", 40_000)]
    [TestCase("savina-counting", 1_000_000)]
    [TestCase("savina-fork-join-throughput", 60 * 10_000)]
    [TestCase("savina-fork-join-create", 40_000)]
    [TestCase("savina-thread-ring", 100_000)]
    [TestCase("savina-chameneos", 200_000)]
    [TestCase("savina-big", 120 * 20_000)]
    [TestCase("savina-concurrent-dictionary", 20 * 10_000)]
    [TestCase("savina-concurrent-sorted-list", 20 * 8_000)]
    [TestCase("savina-bounded-buffer", 40 * 1_000)]
    [TestCase("savina-philosophers", 20 * 10_000)]
    [TestCase("savina-sleeping-barber", 5_000)]
    [TestCase("savina-cigarette-smokers", 1_000)]
    [TestCase("savina-fibonacci", 150_049)]
    [TestCase("savina-logistic-map", 10 * 25_000)]
    [TestCase("savina-banking", 50_000)]
    public void Size_OfEachWorkload_IsTheSuitesDefaultAndFits(string name, int size)
    {
        var workload = Suite.All.Single(workload => workload.Name == name);

        Assert.Multiple(() =>
        {
            Assert.That(workload.Size, Is.EqualTo(size));
            Assert.That(workload.Fit(size), Is.EqualTo(size));
        });
    }

    [Test]
    public void Renderings_OfEachWorkload_AreQisFirstAndActionBlocks()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Suite.All, Has.Count.EqualTo(16));
            Assert.That(Suite.All.Select(static workload => workload.Name), Is.Unique);
            Assert.That(Suite.All.Select(static workload => workload.Renderings[0].Name), Is.All.EqualTo("Qi"));
            Assert.That(
                Suite.All.Select(static workload => workload.Renderings.Select(static rendering => rendering.Name)),
                Is.All.Contains("ActionBlock"));
        });
    }
}
