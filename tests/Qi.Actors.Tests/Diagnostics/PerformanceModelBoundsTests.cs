using Qi.Actors.Diagnostics;

namespace Qi.Actors.Tests.Diagnostics;

/// <summary>What must hold of every prediction, and what is refused.</summary>
public sealed class PerformanceModelBoundsTests
{
    private static readonly TimeSpan s_micro = TimeSpan.FromMicroseconds(1);

    private static readonly UnitCosts s_costs = new()
    {
        TellNs = 10, HandleNs = 10, TurnNs = 30, YieldNs = 20, SpawnNs = 30, JoinNs = 50, AskNs = 120, StealNs = 60, RemoteNs = 15,
        PickUpNs = 400, WakeNs = 6_000, UnparkNs = 3_000, Crowding = 1.2,
    };

    private static IEnumerable<TestCaseData> Loads()
    {
        foreach (int many in new[] { 1, 2, 3, 100, 129, 5000 })
        {
            foreach (double micros in new[] { 0, 0.1, 1, 50, 5000 })
            {
                var work = s_micro * micros;
                string suffix = $"({many},{micros})";
                yield return new TestCaseData(LoadDescription.Pipeline(many, work, 2 * work, s_micro)).SetArgDisplayNames("pipeline" + suffix);
                yield return new TestCaseData(LoadDescription.Ring(100, many, work)).SetArgDisplayNames("ring" + suffix);
                yield return new TestCaseData(LoadDescription.RequestReply(many, work)).SetArgDisplayNames("request" + suffix);
                yield return new TestCaseData(LoadDescription.FanIn(many, work)).SetArgDisplayNames("fan-in" + suffix);
                yield return new TestCaseData(LoadDescription.ForkJoin(many, work)).SetArgDisplayNames("fork" + suffix);
                yield return new TestCaseData(LoadDescription.Arrivals(100_000, many, work)).SetArgDisplayNames("arrivals" + suffix);
                yield return new TestCaseData(LoadDescription.ArrivalsAtPipeline(100_000, work, work)).SetArgDisplayNames("arrivals-pipeline" + suffix);
            }
        }
    }

    [TestCaseSource(nameof(Loads))]
    public void Predict_AnyLoad_StaysWithinWhatIsPossible(LoadDescription load)
    {
        double before = 0;
        foreach (int dispatchers in new[] { 1, 2, 3, 16, 128 })
        {
            var prediction = new PerformanceModel(s_costs with { StealNs = 0, RemoteNs = 0, Crowding = 1 }, dispatchers).Predict(load);
            double workNs = load.Work.Sum(work => work.TotalNanoseconds);
            Assert.That(prediction.ThroughputPerSecond, Is.GreaterThan(0).And.LessThan(double.PositiveInfinity));
            Assert.That(prediction.ThroughputPerSecond * workNs / 1e9, Is.LessThanOrEqualTo(dispatchers + 1e-6), "there is no more time than all dispatchers have");
            Assert.That(prediction.Utilisation, Is.InRange(0, 1));
            Assert.That(prediction.MeanLatencyNs, Is.GreaterThanOrEqualTo(workNs / (load.Shape == LoadShape.ForkJoin ? 1 : load.Work.Count) * 0.99));
            Assert.That(prediction.Bottleneck, Does.EndWith(".").And.Not.Contain("NaN"));
            Assert.That(prediction.ThroughputPerSecond, Is.GreaterThanOrEqualTo(before * 0.95), "more dispatchers are not slower");
            before = prediction.ThroughputPerSecond;
        }
    }

    [Test]
    public void Predict_MoreArrivals_WaitLonger()
    {
        var model = new PerformanceModel(s_costs with { PickUpNs = 0, WakeNs = 0 }, 4);
        double[] latencies = [.. Enumerable.Range(1, 20).Select(i => model.Predict(LoadDescription.Arrivals(i * 1e5, 64, s_micro)).MeanLatencyNs)];
        Assert.That(latencies, Is.Ordered);
    }

    // Of messages in flight there are as many in a turn as make the same part of the time between two looks: else one more can cost a look.
    [Test]
    public void Predict_MoreInFlightOrMoreClients_IsNotSlower()
    {
        var model = new PerformanceModel(s_costs with { Crowding = 1, StealNs = 0 }, 3);
        int[] counts = [1, 2, 10, 50, 70, 110, 130, 210, 250, 310, 1010, 100_010];
        Assert.That(counts.Select(n => model.Predict(LoadDescription.Pipeline(n, s_micro, s_micro, s_micro, s_micro)).ThroughputPerSecond), Is.Ordered);
        Assert.That(counts.Select(n => model.Predict(LoadDescription.RequestReply(n, s_micro) with { PartyWork = s_micro }).ThroughputPerSecond), Is.Ordered);
    }

    [Test]
    public void Predict_OneMoreInFlight_CostsOneLookAtMost()
    {
        var model = new PerformanceModel(s_costs with { Crowding = 1, StealNs = 0 }, 2);
        double before = 0;
        for (int messages = 1; messages < 400; messages++)
        {
            double now = model.Predict(LoadDescription.Pipeline(messages, s_micro, s_micro, s_micro)).ThroughputPerSecond;
            Assert.That(now, Is.GreaterThan(before * Math.Min(0.99, messages / (messages + 21.0))), $"{messages} messages");
            before = now;
        }
    }

    [Test]
    public void Predict_Crowding_SlowsWhatUsesAllDispatchersOnly()
    {
        var crowded = new PerformanceModel(s_costs, 2);
        var roomy = new PerformanceModel(s_costs with { Crowding = 1 }, 2);
        var alone = LoadDescription.Ring(10, 1, s_micro);
        var all = LoadDescription.Pipeline(10_000, s_micro, s_micro, s_micro);
        Assert.That(crowded.Predict(alone).ThroughputPerSecond, Is.EqualTo(roomy.Predict(alone).ThroughputPerSecond));
        Assert.That(crowded.Predict(all).ThroughputPerSecond * 1.2, Is.EqualTo(roomy.Predict(all).ThroughputPerSecond).Within(1));
    }

    [Test]
    public void Predict_WorkInMilliseconds_HasTheSameUnitsAsInMicroseconds()
    {
        var model = new PerformanceModel(s_costs, 1);
        var prediction = model.Predict(LoadDescription.Pipeline(1, TimeSpan.FromMilliseconds(2)));
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(500).Within(0.1));
        Assert.That(prediction.MeanLatency.TotalMilliseconds, Is.EqualTo(2).Within(0.001));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1025)]
    public void Model_WithSoManyDispatchers_IsRefused(int dispatchers)
        => Assert.That(
            () => new PerformanceModel(s_costs, dispatchers),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"{dispatchers}").And.Message.Contains("1 to 1024"));

    [Test]
    public void Model_WithOptionsOutOfRange_IsRefused()
        => Assert.That(
            () => new PerformanceModel(s_costs, 1, new QiActorsOptions { TurnBudgetMessages = 0 }),
            Throws.ArgumentException.With.Message.Contains("TurnBudgetMessages is 0"));

    [Test]
    public void Model_WithNull_IsRefused()
    {
        Assert.That(() => new PerformanceModel(null!, 1), Throws.ArgumentNullException);
        Assert.That(() => new PerformanceModel(s_costs, 1).Predict(null!), Throws.ArgumentNullException);
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(-1)]
    public void UnitCosts_ThatAreNoTimes_AreRefused(double value)
    {
        Assert.That(() => s_costs with { TellNs = value }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("TellNs").And.Message.Contains("MeasureAsync"));
        Assert.That(() => s_costs with { Crowding = value }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Crowding"));
    }

    [Test]
    public void LoadDescription_OfNonsense_IsRefusedWithTheValueAndARemedy()
    {
        AssertRefused(() => LoadDescription.Pipeline(0, s_micro), "0", "Give 1 to");
        AssertRefused(() => LoadDescription.Ring(-3, 1, s_micro), "-3", "Give 1 to");
        AssertRefused(() => LoadDescription.Ring(3, 1, -s_micro), "-00:00:00.0000010", "zero or more");
        AssertRefused(() => LoadDescription.Arrivals(0, 1, s_micro), "0", "above zero");
        AssertRefused(() => LoadDescription.Arrivals(double.NaN, 1, s_micro), "NaN", "above zero");
        AssertRefused(() => LoadDescription.FanIn(1, s_micro) with { PartyWork = -s_micro }, "-00:00:00.0000010", "zero or more");
        AssertRefused(() => LoadDescription.FanIn(1, s_micro) with { WorkVariability = -1 }, "-1", "variance");
        AssertRefused(() => LoadDescription.ForkJoin(1, s_micro) with { YieldsPerTask = -1 }, "-1", "non-negative");
        Assert.That(() => LoadDescription.Pipeline(1), Throws.ArgumentException.With.Message.Contains("at least one stage"));
        Assert.That(() => LoadDescription.Pipeline(1, null!), Throws.ArgumentNullException);
    }

    private static void AssertRefused(Func<LoadDescription> make, string value, string remedy)
        => Assert.That(() => make(), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(value).And.Message.Contains(remedy));
}
