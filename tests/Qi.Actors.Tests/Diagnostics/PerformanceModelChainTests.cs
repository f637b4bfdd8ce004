using Qi.Actors.Diagnostics;

namespace Qi.Actors.Tests.Diagnostics;

/// <summary>Closed chains from given costs: what goes as one clump, and when turns overlap. A turn shares after 20 µs.</summary>
public sealed class PerformanceModelChainTests
{
    private static readonly TimeSpan s_micro = TimeSpan.FromMicroseconds(1);

    private static readonly UnitCosts s_free = new()
    {
        TellNs = 0, HandleNs = 0, TurnNs = 0, YieldNs = 0, SpawnNs = 0, JoinNs = 0, AskNs = 0, PickUpNs = 0, WakeNs = 0, UnparkNs = 0,
    };

    private static readonly UnitCosts s_costs = s_free with { TellNs = 10, HandleNs = 10, TurnNs = 30 };

    private static PerformanceModel Free(int dispatchers) => new(s_free, dispatchers);

    private static PerformanceModel Costly(int dispatchers) => new(s_costs, dispatchers);

    [TestCase(1)]
    [TestCase(10)]
    public void Predict_RingWithFewMessages_IsOneClumpOnOneDispatcher(int messages)
    {
        var prediction = Costly(2).Predict(LoadDescription.Ring(100, messages, TimeSpan.Zero));
        double hopNs = 1e9 / prediction.ThroughputPerSecond;
        Assert.That(hopNs, Is.EqualTo(20 + (30.0 / messages)).Within(1e-9));
        Assert.That(prediction.MeanLatencyNs, Is.EqualTo(hopNs * messages).Within(1e-6), "Little's law");
        Assert.That(prediction.Utilisation, Is.EqualTo(0.5).Within(1e-9));
        Assert.That(prediction.Limit, Is.EqualTo(PerformanceLimit.MessagesInFlight));
        Assert.That(prediction.Bottleneck, Does.Contain("More than 128 in flight"));
    }

    [TestCase(1, 0.0)]
    [TestCase(2, 50.0)] // one begins a run
    [TestCase(15, 50.0)]
    [TestCase(16, 850.0)] // and the turn lingers
    [TestCase(127, 850.0)]
    [TestCase(128, 50.0)] // but not when its budget is used up
    public void Predict_ClumpOfSomeSize_PaysForItsRunAndForLingering(int messages, double moreNs)
    {
        var model = new PerformanceModel(s_costs with { RunNs = 50, LingerNs = 800 }, 1);
        double clumpNs = messages * 1e9 / model.Predict(LoadDescription.Ring(100, messages, TimeSpan.Zero)).ThroughputPerSecond;
        Assert.That(clumpNs, Is.EqualTo((messages * 20) + 30 + moreNs).Within(1e-6));
    }

    [TestCase(20, 1.0)] // the turn ends before it would share
    [TestCase(21, 42.0 / 40)] // each turn waits for the 20 µs of the one before
    [TestCase(39, 78.0 / 40)]
    [TestCase(40, 80.0 / 60)] // the other dispatcher is busy at the second look, and gets the next turn at the third
    [TestCase(64, 128.0 / 80)]
    [TestCase(100_000, 2.0)]
    public void Predict_PipelineWithMoreStagesThanDispatchers_OverlapsAsTheLooksAllow(int messages, double busy)
    {
        var prediction = Free(2).Predict(LoadDescription.Pipeline(messages, s_micro, s_micro, s_micro));
        Assert.That(prediction.Utilisation * 2, Is.EqualTo(busy).Within(1e-3));
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(busy * 1e9 / 3000).Within(1e-3).Percent);
        Assert.That(prediction.Limit, Is.EqualTo(busy < 1.99 ? PerformanceLimit.MessagesInFlight : PerformanceLimit.Dispatchers));
    }

    [Test]
    public void Predict_TurnsThatOverlap_SaysWhatTheyWaitFor()
        => Assert.That(
            Free(2).Predict(LoadDescription.Pipeline(64, s_micro, s_micro, s_micro)).Bottleneck,
            Does.Contain("keep 1.6 of 2 dispatchers busy").And.Contain("after 20 µs of a turn").And.Contain("More messages in flight would help."));

    [Test]
    public void Predict_ClumpThatIsTooShortToShare_SaysFromHowManyOnItWouldBe()
        => Assert.That(Free(2).Predict(LoadDescription.Pipeline(4, s_micro, s_micro, s_micro)).Bottleneck, Does.Contain("More than 20 in flight"));

    [Test]
    public void Predict_OneDispatcher_SharesWithNobody()
        => Assert.That(Free(1).Predict(LoadDescription.Pipeline(64, s_micro, s_micro, s_micro)).ThroughputPerSecond, Is.EqualTo(1e9 / 3000).Within(1));

    [TestCase(20, 1.0)]
    [TestCase(30, 30.0 / 20)] // the first turn ends before the third actor has one
    [TestCase(41, 3.0)] // each tells the next before its turn ends: no turn ends
    public void Predict_DispatcherForEachStage_KeepsAllTurnsGoing(int messages, double busy)
        => Assert.That(Free(4).Predict(LoadDescription.Pipeline(messages, s_micro, s_micro, s_micro)).Utilisation * 4, Is.EqualTo(busy).Within(1e-3));

    [Test]
    public void Predict_MessagesLongerThanTheLooks_ShareAfterTheSecond()
    {
        var work = 100 * s_micro;
        Assert.That(Free(2).Predict(LoadDescription.Pipeline(2, work, work, work)).Utilisation * 2, Is.EqualTo(1).Within(1e-6));
        Assert.That(Free(2).Predict(LoadDescription.Pipeline(3, work, work, work)).Utilisation * 2, Is.EqualTo(600.0 / 400).Within(1e-6));
    }

    [Test]
    public void Predict_TurnsThatOverlap_PayForThePickUpOrForWakingUp()
    {
        var costs = s_free with { PickUpNs = 1_000, WakeNs = 5_000 };
        var load = LoadDescription.Pipeline(64, s_micro, s_micro, s_micro);
        Assert.That(new PerformanceModel(costs, 2).Predict(load).Utilisation * 2, Is.EqualTo(128.0 / 82).Within(1e-6));
        var parking = new PerformanceModel(costs, 2, new QiActorsOptions { SpinTime = TimeSpan.Zero });
        Assert.That(parking.Predict(load).Utilisation * 2, Is.EqualTo(128.0 / 90).Within(1e-6));
    }

    [Test]
    public void Predict_TurnsThatOverlapWithASlowStage_AreNotFasterThanIt()
    {
        var prediction = Free(4).Predict(LoadDescription.Pipeline(64, s_micro, 10 * s_micro, s_micro));
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(1e5).Within(1));
        Assert.That(prediction.Limit, Is.EqualTo(PerformanceLimit.Actor));
    }

    [Test]
    public void Predict_TurnBudgetTime_LimitsAClump()
    {
        var work = s_micro / 10;
        var load = LoadDescription.Pipeline(64, work, work, work);
        Assert.That(Free(2).Predict(load).Utilisation, Is.EqualTo(0.5).Within(1e-6), "6.4 µs: one clump, not shared");
        var hasty = new PerformanceModel(s_free, 2, new QiActorsOptions { TurnBudgetTime = s_micro });
        Assert.That(hasty.Predict(load).Utilisation, Is.EqualTo(1).Within(1e-6), "ten messages use a turn up: there are six clumps");
    }
}
