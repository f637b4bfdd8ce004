using Qi.Actors.Diagnostics;

namespace Qi.Actors.Tests.Diagnostics;

/// <summary>The formulas against results that are known in closed form.</summary>
public sealed class QueueingTests
{
    private const double Tolerance = 1e-9;

    [TestCase(1, 0.5, 0.5)]
    [TestCase(2, 1.0, 1.0 / 3)]
    [TestCase(3, 2.0, 4.0 / 9)]
    [TestCase(2, 0.0, 0.0)]
    public void ErlangC_OfSmallSystems_IsThatOfTheTables(int servers, double load, double expected)
        => Assert.That(Queueing.ErlangC(servers, load), Is.EqualTo(expected).Within(Tolerance));

    [Test]
    public void ErlangC_OfManyServers_DoesNotOverflow()
        => Assert.That(Queueing.ErlangC(1000, 900), Is.GreaterThan(0).And.LessThan(0.01));

    [TestCase(0.5, 1.0)] // M/M/1: ρ / (1 - ρ) service times
    [TestCase(0.8, 4.0)]
    [TestCase(0.9, 9.0)]
    public void MeanWait_OfOneExponentialServer_IsThatOfMM1(double rate, double expected)
        => Assert.That(Queueing.MeanWait(1, rate, 1, 1, 1), Is.EqualTo(expected).Within(Tolerance));

    [TestCase(0.5, 0.5)] // M/D/1: half of M/M/1
    [TestCase(0.8, 2.0)]
    public void MeanWait_OfOneConstantServer_IsThatOfMD1(double rate, double expected)
        => Assert.That(Queueing.MeanWait(1, rate, 1, 1, 0), Is.EqualTo(expected).Within(Tolerance));

    [Test]
    public void MeanWait_OfTwoExponentialServers_IsThatOfMM2()
        => Assert.That(Queueing.MeanWait(2, 1, 1, 1, 1), Is.EqualTo(1.0 / 3).Within(Tolerance)); // ρ² / (1 - ρ²) service times, ρ = 0.5

    [Test]
    public void MeanWait_OfAClockedLoadWithConstantService_IsZero()
        => Assert.That(Queueing.MeanWait(1, 0.9, 1, 0, 0), Is.Zero);

    [TestCase(1.0)]
    [TestCase(1.5)]
    public void MeanWait_AtAndAboveCapacity_IsInfinite(double rate)
        => Assert.That(Queueing.MeanWait(1, rate, 1, 1, 1), Is.EqualTo(double.PositiveInfinity));

    [Test]
    public void SetUpWait_OfAConstantSetUp_IsWelchs()
    {
        Assert.That(Queueing.SetUpWait(1e-12, 3, 9), Is.EqualTo(3).Within(1e-6), "rare arrivals wait for the whole of it");
        Assert.That(Queueing.SetUpWait(1, 1, 1), Is.EqualTo(0.75).Within(Tolerance));
        Assert.That(Queueing.SetUpWait(1, 0, 0), Is.Zero);
    }

    // Two exponential stations with demands 1 and 2, worked by hand: R(1) = 3, X(1) = 1/3, Q = (1/3, 2/3); R(2) = 4/3 + 10/3 = 14/3,
    // X(2) = 3/7, Q = (4/7, 10/7); R(3) = 11/7 + 34/7 = 45/7, X(3) = 7/15.
    [TestCase(1, 1.0 / 3)]
    [TestCase(2, 3.0 / 7)]
    [TestCase(3, 7.0 / 15)]
    [TestCase(2.5, ((3.0 / 7) + (7.0 / 15)) / 2)]
    public void ClosedThroughput_OfTwoExponentialStations_IsThatOfMeanValueAnalysis(double customers, double expected)
        => Assert.That(Queueing.ClosedThroughput(customers, 0, [new(1, 1), new(2, 1)], 1), Is.EqualTo(expected).Within(Tolerance));

    [Test]
    public void ClosedThroughput_OfEqualExponentialStations_IsCustomersOverCustomersPlusStationsLessOne(
        [Values(1, 2, 5, 20)] int customers,
        [Values(1, 3, 10)] int stations)
        => Assert.That(
            Queueing.ClosedThroughput(customers, 0, [new(1, stations)], 1),
            Is.EqualTo((double)customers / (customers + stations - 1)).Within(Tolerance));

    // Machine repair: Erlang's loss formula gives 1 - B for N customers that think for Z and one server: N = 2, Z = 1, D = 1 has
    // states 0, 1, 2 in the queue with weights 1, 2, 2: it is busy for 4/5 of the time.
    [Test]
    public void ClosedThroughput_WithADelay_IsThatOfTheMachineRepairModel()
        => Assert.That(Queueing.ClosedThroughput(2, 1, [new(1, 1)], 1), Is.EqualTo(0.8).Within(Tolerance));

    [Test]
    public void ClosedThroughput_AnyVariability_StaysWithinTheAsymptoticBounds(
        [Values(1, 2, 7, 50)] int customers,
        [Values(0, 0.5, 1, 4)] double variability)
    {
        double throughput = Queueing.ClosedThroughput(customers, 2, [new(1, 2), new(3, 1)], variability);
        Assert.That(throughput, Is.LessThanOrEqualTo(Math.Min(1.0 / 3, customers / 7.0) + Tolerance).And.GreaterThan(0));
    }

    [Test]
    public void ClosedThroughput_LessVariability_IsNotSlower()
    {
        double[] rates = [.. new[] { 4, 1, 0.5, 0 }.Select(variability => Queueing.ClosedThroughput(3, 0, [new(1, 3)], variability))];
        Assert.That(rates, Is.Ordered);
    }
}
