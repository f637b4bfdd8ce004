namespace Qi.Actors.Samples.Tests;

internal sealed class TourTests
{
    [Test]
    public async Task Tour_Run_AllChecksPass()
    {
        var result = await SampleProcess.RunAsync("Tour");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("checks passed."));
    }
}
