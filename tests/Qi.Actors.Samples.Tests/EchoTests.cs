namespace Qi.Actors.Samples.Tests;

internal sealed class EchoTests
{
    private const string Text = "qi\nand all that follows\n";

    private static readonly string s_long = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"line {number}\n"));

    private string _path = null!;
    private SampleProcess _echo = null!;
    private string _port = null!;

    [OneTimeSetUp]
    public async Task StartEcho()
    {
        _path = Path.Combine(Path.GetTempPath(), $"qi-echo-{Guid.NewGuid():N}");
        _echo = SampleProcess.Start("Echo", "--port", "0", "--path", _path);
        string line = await _echo.WaitForLineAsync("Listening on ");
        _port = line["Listening on 127.0.0.1:".Length..line.IndexOf(" over", StringComparison.Ordinal)];
    }

    [OneTimeTearDown]
    public async Task KillEcho()
    {
        if (_echo is not null)
            await _echo.DisposeAsync();
        File.Delete(_path);
    }

    [Test]
    public async Task Echo_Alone_ChecksItself()
    {
        var result = await SampleProcess.RunAsync("Echo");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("over TCP 1000, over the Unix socket 1000, over UDP 1000."));
    }

    [Test]
    public async Task Echo_NetcatOverTcp_SendsBack()
        => Assert.That(await ForeignClient.RunAsync("nc", "netcat-openbsd", s_long, "-N", "127.0.0.1", _port), Is.EqualTo(s_long));

    [Test]
    public async Task Echo_NetcatOverUnix_SendsBack()
        => Assert.That(await ForeignClient.RunAsync("nc", "netcat-openbsd", s_long, "-N", "-U", _path), Is.EqualTo(s_long));

    // A datagram has no end to wait for: netcat is told to go when nothing has come for a second.
    [Test]
    public async Task Echo_NetcatOverUdp_SendsBack()
        => Assert.That(await ForeignClient.RunAsync("nc", "netcat-openbsd", Text, "-u", "-w", "1", "127.0.0.1", _port), Is.EqualTo(Text));

    [TestCase("--port", "x", "--path", "p")]
    [TestCase("--port", "1")]
    public async Task Arguments_Wrong_AreExplained(params string[] args)
    {
        var result = await SampleProcess.RunAsync("Echo", args);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Errors, Does.Contain("--port N --path FILE"));
    }
}
