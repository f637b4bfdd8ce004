namespace Qi.Actors.Samples.Tests;

internal sealed class RedisTests
{
    private SampleProcess _redis = null!;
    private string _port = null!;

    [OneTimeSetUp]
    public async Task StartRedis()
    {
        _redis = SampleProcess.Start("Redis", "--port", "0");
        string line = await _redis.WaitForLineAsync("Ready to accept connections at ");
        _port = line[(line.LastIndexOf(':') + 1)..].TrimEnd('.');
    }

    [OneTimeTearDown]
    public async Task KillRedis()
    {
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    [TestCase("ping", "PONG")]
    [TestCase("set cli:a 5", "OK")]
    [TestCase("incrby cli:b 7", "7")]
    [TestCase("get cli:none", "")]
    [TestCase("ttl cli:none", "-2")]
    [TestCase("command count", "21")]
    [TestCase("config get appendonly", "appendonly\nno")]
    [TestCase("get a b", "ERR wrong number of arguments for 'get' command\n")]
    public async Task Cli_Command_IsAnswered(string command, string reply)
        => Assert.That(await CliAsync("", command.Split(' ')), Is.EqualTo(reply + "\n"));

    [Test]
    public async Task Cli_Script_IsDoneInOrder()
    {
        string output = await CliAsync("mset script:a 1 script:b 2\nmget script:a script:c script:b\nset script:a 'two words' ex 100\nget script:a\nttl script:a\ndel script:a script:b\n");

        Assert.That(output, Is.EqualTo("OK\n1\n\n2\nOK\ntwo words\n100\n2\n"));
    }

    [Test]
    public async Task Cli_BinaryValue_ComesBack()
    {
        string value = string.Concat(Enumerable.Repeat("l'été\r\n气 \"quoted\"\t\\", 10_000));

        Assert.That(await CliAsync(value, "-x", "set", "binary"), Is.EqualTo("OK\n"));
        Assert.That(await CliAsync("", "get", "binary"), Is.EqualTo(value + "\n"));
    }

    // The commands as bytes, which the client sends as fast as it can and counts the replies to.
    [Test]
    public async Task Cli_Pipe_CountsAllReplies()
    {
        string commands = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"*3\r\n$3\r\nSET\r\n$9\r\npipe{number:00000}\r\n$1\r\nv\r\n"));

        Assert.That(await CliAsync(commands, "--pipe"), Does.Contain("errors: 0, replies: 20000"));
    }

    [Test]
    public async Task Netcat_InlineCommands_AreAnswered()
        => Assert.That(await ForeignClient.RunAsync("nc", "netcat-openbsd", "ping\r\nset nc \"a b\"\nget nc\nquit\n", "127.0.0.1", _port), Is.EqualTo("+PONG\r\n+OK\r\n$3\r\na b\r\n+OK\r\n"));

    [TestCase("1")]
    [TestCase("16")]
    public async Task Benchmark_KnownTests_RunWithoutError(string pipeline)
    {
        string output = await ForeignClient.RunAsync(
            "redis-benchmark", "redis-tools", "", "-p", _port, "-n", "2000", "-P", pipeline, "-r", "100", "-d", "100", "--csv", "-t", "ping_inline,ping_mbulk,set,get,incr,mset");

        Assert.That(output, Does.Contain("\"GET\"").And.Contain("\"MSET (10 keys)\"").And.Not.Contain("ERR"));
    }

    [TestCase("--port", "x")]
    [TestCase("--save", "1")]
    public async Task Arguments_Wrong_AreExplained(params string[] args)
    {
        var result = await SampleProcess.RunAsync("Redis", args);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Errors, Does.Contain(args[0]).And.Contain("--help"));
    }

    [Test]
    public async Task Start_PortTaken_SaysSo()
    {
        var result = await SampleProcess.RunAsync("Redis", "--port", _port);

        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString());
        Assert.That(result.Errors, Does.Contain(_port).And.Contain("--port"));
    }

    private Task<string> CliAsync(string input, params string[] args) => ForeignClient.RunAsync("redis-cli", "redis-tools", input, ["-p", _port, .. args]);
}
