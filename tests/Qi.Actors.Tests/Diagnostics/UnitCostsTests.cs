using Qi.Actors.Diagnostics;

namespace Qi.Actors.Tests.Diagnostics;

/// <summary>Measuring: that it ends and makes sense. How long anything takes is not tested.</summary>
public sealed class UnitCostsTests
{
    [TestCase(1)]
    [TestCase(2)]
    public async Task MeasureAsync_GivesCostsThatTheModelTakes(int dispatchers)
    {
        var progress = new Recorder();
        var costs = await UnitCosts.MeasureAsync(dispatchers, progress: progress);
        double[] positive = [costs.TellNs, costs.HandleNs, costs.YieldNs, costs.SpawnNs, costs.JoinNs, costs.AskNs, costs.PickUpNs, costs.WakeNs, costs.UnparkNs];
        Assert.That(positive, Has.All.GreaterThan(0).And.All.LessThan(1e9));
        Assert.That(costs.WakeNs, Is.GreaterThanOrEqualTo(costs.PickUpNs));
        Assert.That(costs.Crowding, Is.GreaterThanOrEqualTo(1));
        Assert.That(costs.RemoteNs > 0, Is.EqualTo(dispatchers > 1));
        Assert.That(progress.Values, Is.Ordered.And.Not.Empty);
        Assert.That(progress.Values[^1], Is.EqualTo(1));
        var prediction = new PerformanceModel(costs, dispatchers).Predict(LoadDescription.Ring(10, 1, TimeSpan.Zero));
        Assert.That(prediction.ThroughputPerSecond, Is.GreaterThan(0));
    }

    [Test]
    public void MeasureAsync_Cancelled_EndsWithoutAResult()
    {
        using var source = new CancellationTokenSource();
        var progress = new Recorder { OnReport = source.Cancel };
        Assert.That(async () => await UnitCosts.MeasureAsync(1, progress: progress, cancellationToken: source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(progress.Values, Has.Count.EqualTo(1));
    }

    [TestCase(-1)]
    [TestCase(1025)]
    public void MeasureAsync_WithSoManyDispatchers_IsRefused(int dispatchers)
        => Assert.That(() => UnitCosts.MeasureAsync(dispatchers), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"{dispatchers}"));

    [Test]
    public void MeasureAsync_WithACoarseClock_IsRefused()
        => Assert.That(() => UnitCosts.MeasureAsync(1, new CoarseClock()), Throws.ArgumentException.With.Message.Contains("1000 times a second"));

    private sealed class CoarseClock : TimeProvider
    {
        public override long TimestampFrequency => 1000;
    }

    private sealed class Recorder : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public Action? OnReport { get; init; }

        public void Report(double value)
        {
            Values.Add(value);
            OnReport?.Invoke();
        }
    }
}
