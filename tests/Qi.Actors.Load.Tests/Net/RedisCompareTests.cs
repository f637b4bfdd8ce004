using Qi.Actors.Load.Net.Redis;

namespace Qi.Actors.Load.Tests.Net;

internal sealed class RedisCompareTests
{
    [Test]
    public void FiguresOf_ALineOfTheTest_AreItsNumbers()
    {
        double[]? figures = RedisRunner.FiguresOf("\"GET\",\"66225.16\",\"0.440\",\"0.100\",\"0.431\",\"0.623\",\"0.775\",\"1.319\"", "get");

        Assert.That(figures, Is.EqualTo(new[] { 66225.16, 0.44, 0.1, 0.431, 0.623, 0.775, 1.319 }));
    }

    [TestCase("\"test\",\"rps\",\"avg_latency_ms\",\"min_latency_ms\",\"p50_latency_ms\"")]
    [TestCase("\"SET\",\"66225.16\",\"0.440\",\"0.100\",\"0.431\"")]
    [TestCase("")]
    public void FiguresOf_AnotherLine_AreNone(string line) => Assert.That(RedisRunner.FiguresOf(line, "get"), Is.Null);

    [TestCase("--layouts", "alone", "apart, shared")]
    [TestCase("--client-core", "0", "On one core")]
    [TestCase("--rounds", "2", "--quick")]
    public async Task Arguments_Wrong_AreExplained(string option, string value, string named)
    {
        var result = await LoadProgram.RunAsync("redis-compare", option, value);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Errors, Does.Contain(named));
    }
}
