using Qi.Actors.Load.Net;

namespace Qi.Actors.Load.Tests.Net;

internal sealed class SaturationTests
{
    [TestCase(1.00, 0.50, nameof(Verdict.Measured))]
    [TestCase(0.95, 0.99, nameof(Verdict.Measured))]
    [TestCase(0.94, 0.99, nameof(Verdict.Floor))]
    [TestCase(0.50, 0.90, nameof(Verdict.Floor))]
    [TestCase(0.92, 0.50, nameof(Verdict.Floor))]
    [TestCase(0.89, 0.89, nameof(Verdict.Unsaturated))]
    [TestCase(0.10, 0.10, nameof(Verdict.Unsaturated))]
    public void Judge_Rate_AsksWhoHadNoTimeLeft(double serverUse, double clientUse, string verdict)
        => Assert.That(Saturation.Judge(NetGauge.Rate, NetSpecimen.Report(serverUse, clientUse)).ToString(), Is.EqualTo(verdict));

    [Test]
    public void Judge_Latency_NeedsNobodyBusy()
        => Assert.That(Saturation.Judge(NetGauge.Latency, NetSpecimen.Report(0.3, 0.3)), Is.EqualTo(Verdict.Measured));

    // Somebody else had the core for half of the second: the server could not have used more than the other half.
    [Test]
    public void ServerUse_CoreThatOthersUseToo_IsThePartOfWhatWasLeft()
    {
        var report = NetSpecimen.Report(1, 0.5) with { ServerCpuNs = 480_000_000, ServerCoreIdleNs = 20_000_000 };

        Assert.That(report.ServerUse, Is.EqualTo(0.96));
        Assert.That(report.Disturbance, Is.EqualTo(0.5));
        Assert.That(Saturation.Judge(NetGauge.Rate, report), Is.EqualTo(Verdict.Disturbed));
        Assert.That(Saturation.Judge(NetGauge.Latency, report), Is.EqualTo(Verdict.Disturbed));
    }

    [Test]
    public void Judge_OthersOnTheClientsCore_AreADisturbanceToo()
    {
        var report = NetSpecimen.Report(1, 0.5);

        Assert.That(Saturation.Judge(NetGauge.Rate, report with { CoreIdleNs = 460_000_000 }), Is.EqualTo(Verdict.Measured));
        Assert.That(Saturation.Judge(NetGauge.Rate, report with { CoreIdleNs = 440_000_000 }), Is.EqualTo(Verdict.Disturbed));
    }

    // What others had counts as if both had wanted it, and they were still not busy.
    [Test]
    public void Judge_DisturbedAndUnsaturated_IsThrownOut()
    {
        var report = NetSpecimen.Report(0.2, 0.2) with { ServerCoreIdleNs = 500_000_000 };

        Assert.That(Saturation.Judge(NetGauge.Rate, report), Is.EqualTo(Verdict.Unsaturated));
    }

    [Test]
    public void Use_KernelThatTellsNoIdleTime_IsThePartOfTheWindow()
    {
        var report = new ClientReport { Ns = 1000, RoundTrips = 1, ServerCpuNs = 480, CpuNs = 970 };

        Assert.That((report.ServerUse, report.ClientUse, report.Disturbance), Is.EqualTo((0.48, 0.97, (double?)null)));
    }

    [Test]
    public void Use_NothingUsed_IsZero()
        => Assert.That(new ClientReport { Ns = 1000, RoundTrips = 1, CoreIdleNs = 0 }.ClientUse, Is.Zero);
}
