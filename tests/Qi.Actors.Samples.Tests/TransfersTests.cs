namespace Qi.Actors.Samples.Tests;

internal sealed class TransfersTests
{
    [Test]
    public async Task Transfers_Run_FindsTheRaceRepeatsAndMendsIt()
    {
        var result = await SampleProcess.RunAsync("Transfers");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("10 of 10 runs failed in the same way").And.Contain("no failure in 1000 seeds"));
    }

    [Test]
    public async Task Transfers_TwoProcesses_FindTheSameSeedFaultAndOrder()
    {
        string first = await FoundByAsync();

        Assert.That(await FoundByAsync(), Is.EqualTo(first));
    }

    // What was found, and in which order: lines 2 and 3. The others tell times.
    private static async Task<string> FoundByAsync()
    {
        var result = await SampleProcess.RunAsync("Transfers");
        var lines = result.Output.Split('\n').SkipWhile(line => !line.StartsWith("2 ", StringComparison.Ordinal)).Take(3);
        Assert.That(lines.Count(), Is.EqualTo(3), result.ToString());
        return string.Join('\n', lines);
    }
}
