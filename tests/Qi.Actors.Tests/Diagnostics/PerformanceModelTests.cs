using System.Text.Json;

using Qi.Actors.Diagnostics;

namespace Qi.Actors.Tests.Diagnostics;

/// <summary>Predictions from given costs: no time is measured.</summary>
public sealed class PerformanceModelTests
{
    private static readonly TimeSpan s_micro = TimeSpan.FromMicroseconds(1);

    private static readonly UnitCosts s_free = new()
    {
        TellNs = 0, HandleNs = 0, TurnNs = 0, YieldNs = 0, SpawnNs = 0, JoinNs = 0, AskNs = 0, PickUpNs = 0, WakeNs = 0, UnparkNs = 0,
    };

    private static readonly UnitCosts s_costs = new()
    {
        TellNs = 10, HandleNs = 10, TurnNs = 30, YieldNs = 20, SpawnNs = 30, JoinNs = 50, AskNs = 120, StealNs = 60, RemoteNs = 15,
        PickUpNs = 400, WakeNs = 6_000, UnparkNs = 3_000, Crowding = 1.1,
    };

    private static PerformanceModel Free(int dispatchers) => new(s_free, dispatchers);

    private static PerformanceModel Costly(int dispatchers) => new(s_costs, dispatchers);

    [TestCase(0.5, 2.0)] // M/M/1: 1 / (1 - ρ) service times
    [TestCase(0.8, 5.0)]
    public void Predict_ArrivalsWithExponentialWork_IsMM1(double utilisation, double services)
    {
        var load = LoadDescription.Arrivals(utilisation * 1e6, 1, s_micro) with { WorkVariability = 1 };
        var prediction = Free(1).Predict(load);
        Assert.That(prediction.MeanLatencyNs, Is.EqualTo(1000 * services).Within(1e-6));
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(utilisation * 1e6).Within(1e-3));
        Assert.That(prediction.Utilisation, Is.EqualTo(utilisation).Within(1e-9));
        Assert.That(prediction.Limit, Is.EqualTo(PerformanceLimit.Arrivals));
        Assert.That(prediction.IsSaturated, Is.False);
    }

    [Test]
    public void Predict_ArrivalsAtManyActors_IsMMc()
    {
        var load = LoadDescription.Arrivals(1e6, 1_000_000, s_micro) with { WorkVariability = 1 };
        Assert.That(Free(2).Predict(load).MeanLatencyNs, Is.EqualTo(4000.0 / 3).Within(1e-6));
    }

    [Test]
    public void Predict_ArrivalsAtOneActor_UseOneDispatcherHoweverManyThereAre()
    {
        var load = LoadDescription.Arrivals(0.8e6, 1, s_micro);
        Assert.That(Free(8).Predict(load).MeanLatencyNs, Is.EqualTo(Free(1).Predict(load).MeanLatencyNs).Within(1e-6));
        Assert.That(Free(8).Predict(load).Utilisation, Is.EqualTo(0.1).Within(1e-9));
    }

    [Test]
    public void Predict_RareArrivals_WaitUntilADispatcherWakesUp()
    {
        var prediction = Costly(2).Predict(LoadDescription.Arrivals(1, 10, s_micro));
        Assert.That(prediction.MeanLatencyNs, Is.EqualTo(6_000 + 1_000 + 40).Within(10));
    }

    [Test]
    public void Predict_SpinTimeAboveEveryPause_NobodyParks()
    {
        var load = LoadDescription.Arrivals(1000, 10, s_micro);
        var model = new PerformanceModel(s_costs, 2, new QiActorsOptions { SpinTime = TimeSpan.FromSeconds(1) });
        Assert.That(model.Predict(load).MeanLatencyNs, Is.EqualTo(400 + 1_000 + 40).Within(10));
    }

    [TestCase(1, 1, PerformanceLimit.Dispatchers)]
    [TestCase(2, 1, PerformanceLimit.Actor)]
    [TestCase(2, 100, PerformanceLimit.Dispatchers)]
    public void Predict_MoreArrivalsThanCanBeDone_IsSaturated(int dispatchers, int actors, PerformanceLimit limit)
    {
        var prediction = Free(dispatchers).Predict(LoadDescription.Arrivals(5e6, actors, s_micro));
        Assert.That(prediction.IsSaturated, Is.True);
        Assert.That(prediction.MeanLatencyNs, Is.EqualTo(double.PositiveInfinity));
        Assert.That(prediction.MeanLatency, Is.EqualTo(TimeSpan.MaxValue));
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(Math.Min(dispatchers, actors) * 1e6).Within(1));
        Assert.That(prediction.Utilisation, Is.EqualTo((double)Math.Min(dispatchers, actors) / dispatchers).Within(1e-9));
        Assert.That(prediction.Limit, Is.EqualTo(limit));
        Assert.That(prediction.Bottleneck, Does.Contain("5,000,000 a second").And.Contain("without end"));
    }

    [Test]
    public void Predict_ArrivalsAtAPipeline_AreLimitedByTheSlowestStage()
    {
        var prediction = Free(4).Predict(LoadDescription.ArrivalsAtPipeline(1e6, s_micro / 2, 2 * s_micro, s_micro / 2));
        Assert.That(prediction.IsSaturated, Is.True);
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(0.5e6).Within(1));
        Assert.That(prediction.Bottleneck, Does.Contain("Stage 2"));
    }

    [Test]
    public void Predict_ArrivalsAtAPipelineOnOneDispatcher_IsOneQueueWithTheSumOfTheWork()
    {
        var pipeline = Free(1).Predict(LoadDescription.ArrivalsAtPipeline(250_000, s_micro, s_micro));
        var whole = Free(1).Predict(LoadDescription.Arrivals(250_000, 1, 2 * s_micro));
        Assert.That(pipeline.MeanLatencyNs, Is.EqualTo(whole.MeanLatencyNs).Within(1e-6));
    }

    [Test]
    public void Predict_PipelineWithASlowStage_NamesIt()
    {
        var prediction = Free(4).Predict(LoadDescription.Pipeline(100_000, s_micro, 10 * s_micro, s_micro));
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(1e5).Within(0.01 * 1e5));
        Assert.That(prediction.Limit, Is.EqualTo(PerformanceLimit.Actor));
        Assert.That(prediction.Bottleneck, Does.Contain("Stage 2"));
    }

    [Test]
    public void Predict_OneClient_WaitsForBothSides()
    {
        var prediction = Costly(2).Predict(LoadDescription.RequestReply(1, s_micro) with { PartyWork = 3 * s_micro });
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(1e9 / 4120).Within(1e-3));
        Assert.That(prediction.MeanLatencyNs, Is.EqualTo(1120).Within(1e-6));
        Assert.That(prediction.Limit, Is.EqualTo(PerformanceLimit.MessagesInFlight));
    }

    [Test]
    public void Predict_ManyClients_AreLimitedByTheActorOrByTheDispatchers()
    {
        var actor = Free(4).Predict(LoadDescription.RequestReply(1000, s_micro) with { PartyWork = s_micro });
        Assert.That((actor.Limit, actor.ThroughputPerSecond), Is.EqualTo((PerformanceLimit.Actor, 1e6)).Using<(PerformanceLimit, double)>(IsAlmost));
        var dispatchers = Free(4).Predict(LoadDescription.RequestReply(1000, s_micro) with { PartyWork = 7 * s_micro });
        Assert.That((dispatchers.Limit, dispatchers.ThroughputPerSecond), Is.EqualTo((PerformanceLimit.Dispatchers, 0.5e6)).Using<(PerformanceLimit, double)>(IsAlmost));
    }

    [Test]
    public void Predict_FanInOfFastSenders_FloodsTheActor()
    {
        var prediction = Costly(2).Predict(LoadDescription.FanIn(8, s_micro));
        Assert.That(prediction.Limit, Is.EqualTo(PerformanceLimit.Actor));
        Assert.That(prediction.IsSaturated, Is.True);
        Assert.That(prediction.Bottleneck, Does.Contain("MailboxOptions.Bounded"));
    }

    [Test]
    public void Predict_FanInOfASlowSender_IsNotSaturated()
    {
        var prediction = Costly(2).Predict(LoadDescription.FanIn(1, s_micro) with { PartyWork = 10 * s_micro });
        Assert.That(prediction.Limit, Is.EqualTo(PerformanceLimit.Senders));
        Assert.That(prediction.ThroughputPerSecond, Is.EqualTo(1e5).Within(2e3));
        Assert.That(prediction.MeanLatencyNs, Is.InRange(1000, 1300));
    }

    [Test]
    public void Predict_ForkJoin_SharesTasksAmongDispatchers()
    {
        var one = Costly(1).Predict(LoadDescription.ForkJoin(1000, 10 * s_micro));
        Assert.That(one.MeanLatencyNs, Is.EqualTo(1000 * 10_080).Within(1e-3));
        var two = Free(2).Predict(LoadDescription.ForkJoin(1000, 10 * s_micro));
        Assert.That(two.MeanLatencyNs, Is.EqualTo(5_005_000).Within(1), "half of the tasks, and half of one for the last dispatcher to end");
        var tiny = Costly(64).Predict(LoadDescription.ForkJoin(1_000_000, TimeSpan.Zero));
        Assert.That(tiny.Limit, Is.EqualTo(PerformanceLimit.Senders));
        var yielding = Costly(1).Predict(LoadDescription.ForkJoin(1000, TimeSpan.Zero) with { YieldsPerTask = 10 });
        Assert.That(yielding.MeanLatencyNs, Is.EqualTo(1000 * (80 + 200)).Within(1e-3));
    }

    private static bool IsAlmost((PerformanceLimit Limit, double Rate) left, (PerformanceLimit Limit, double Rate) right)
        => left.Limit == right.Limit && Math.Abs(left.Rate - right.Rate) < 0.01 * right.Rate;

    [Test]
    public void UnitCosts_AsJson_ComeBackEqual()
        => Assert.That(JsonSerializer.Deserialize<UnitCosts>(JsonSerializer.Serialize(s_costs)), Is.EqualTo(s_costs));
}
