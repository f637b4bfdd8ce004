using System.Net;
using System.Runtime.Versioning;

using Qi.Actors.IO;
using Qi.Actors.Load.Soak;
using Qi.Actors.Load.Soak.Io;
using Qi.Actors.Platform;

namespace Qi.Actors.Load.Tests.Soak;

[Platform("Linux")]
[SupportedOSPlatform("linux")]
[NonParallelizable] // it counts the descriptors of the process
internal sealed class IoSoakTests
{
    private static readonly SoakEpisode s_good = new("good", "nothing", static async context =>
    {
        var (reading, writing) = PipeEnd.CreatePair(context.System);
        using var pipes = new PipesEnd(reading, writing);
        var flow = new Flow(context, "good", 100, 1);
        var transfer = context.Ledger.NewMessage();
        await context.Run(() => flow.SendAsync(pipes, new Random(1), Timeout.InfiniteTimeSpan, default));
        await context.Run(() => flow.ReceiveAsync(pipes, ReadStyle.Plain, new Random(1)));
        flow.Settle(transfer, isDisturbed: false);
    });

    [TestCase(ReactorChoice.Epoll)]
    [TestCase(ReactorChoice.Uring)]
    public async Task Run_OfEveryEpisode_LosesAndLeavesNothing(ReactorChoice reactor)
    {
        try
        {
            ReactorDetection.Resolve(reactor);
        }
        catch (PlatformException e)
        {
            Assert.Ignore(e.Message);
        }

        var result = await Run(IoCatalogue.Local, Options(reactor) with { Patience = TimeSpan.FromSeconds(20) });

        Assert.That(result.Violations, Is.Empty);
        Assert.That(result.Episodes.Values, Is.All.Positive);
        Assert.That(result.Messages.Sent, Is.EqualTo(result.Messages.Handled + result.Messages.Dead + result.Messages.Refused).And.GreaterThan(500));
        Assert.That(result.Messages.Bytes, Is.GreaterThan(1_000_000));
    }

    [Test]
    public async Task Stops_AmidTraffic_LeaveNoMemoryPinned()
    {
        var stop = IoCatalogue.Local.Single(static episode => episode.Name == "stop");

        var result = await Run([stop], Options() with { Duration = TimeSpan.FromSeconds(6), Patience = TimeSpan.FromSeconds(20) });

        Assert.That(result.Violations, Is.Empty);
        Assert.That(result.Rounds, Is.GreaterThan(20), "so many leave some, if they leave any");
    }

    [Test]
    public async Task Run_WithAConnectionThatWasNotSetUp_Fails()
    {
        // The runtime's own call, so that the soak knows the number that it is logged by.
        var log = typeof(SocketListener).Assembly.GetType("Qi.Actors.IO.IoLog", throwOnError: true)!.GetMethod("ConnectionNotSetUp")!;
        var bad = new SoakEpisode("refusing", "nothing", context =>
        {
            log.Invoke(null, [SoakLog.Instance.CreateLogger("x"), new IPEndPoint(IPAddress.Loopback, 4711), new IOException("planned")]);
            return Task.CompletedTask;
        });

        Assert.That((await Run([bad], Options())).Violations, Has.One.Contains("127.0.0.1:4711").And.Contains("planned"));
    }

    [Test]
    public async Task Churn_OfAFewThousandConnections_LeavesNothing()
    {
        var lines = new List<string>();
        string[] left = await ChurnCommand.RunAsync(3_000, parties: 16, ReactorChoice.Epoll, lines.Add, waitsForBuffers: false);
        Assert.That(left, Is.Empty);
        Assert.That(lines, Has.Some.Contains("3,000 opened and closed"));
    }

    [Test]
    public async Task Program_AsRoot_CutsTheLineBetweenTwoNetworks()
    {
        var result = await LoadProgram.RunAsync("io-soak", "--minutes", "0.02", "--episodes", "udp,partition", "--seed", "5");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, result.Output.Contains("without partitions") ? Does.Contain("udp") : Does.Match("partition [1-9]"));
    }

    [TestCase("socket", " sockets, ")]
    [TestCase("file", "1 files that episodes have opened, 0 were there before")]
    [TestCase("pipe", "pipes, ")]
    [TestCase("buffer", "1 buffers in use, 0 were there before")]
    public async Task Run_WithALeak_FailsByItsName(string what, string expected)
    {
        var kept = new List<IDisposable>();
        using var scratch = new Scratch();
        var bad = new SoakEpisode("leaking", "nothing", async context =>
        {
            kept.Add(what switch
            {
                "socket" => DatagramSocket.Bind(context.System, new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0)),
                "file" => await AsyncFile.OpenAsync(context.System, scratch["a"], FileMode.OpenOrCreate, share: FileShare.ReadWrite),
                "pipe" => PipeEnd.CreatePair(context.System).Reading,
                _ => context.System.GetBuffers().Rent(1),
            });
        });

        var result = await Run([s_good, bad, s_good with { Name = "again" }], Options());

        kept.ForEach(static leak => leak.Dispose());
        Assert.That(result.Violations, Has.Some.Contains("left behind").And.Some.Contains(expected));
    }

    [TestCase(49)]
    [TestCase(51)]
    public void Flow_WithAByteThatIsLostOrDoubled_IsCaught(int goesOnAt)
    {
        var context = new SoakContext("flow", null!, 1, TimeSpan.FromSeconds(1));
        var flow = new Flow(context, "flow", 100, 7);
        byte[] bytes = new byte[100];
        SeedStream.Fill(7, 0, bytes);
        flow.Take(bytes, 50);

        Assert.That(() => flow.Take(bytes.AsMemory(goesOnAt), 49), Throws.InvalidOperationException);
        Assert.That(context.Ledger.Violations(), Has.One.Contains("byte 50 of 100 is not the one that was sent"));
        Assert.That(flow.Arrived, Is.EqualTo(50));
    }

    [Test]
    public void Flow_ThatEndsEarly_IsCaughtUnlessItWasDisturbed([Values] bool isDisturbed)
    {
        var context = new SoakContext("flow", null!, 1, TimeSpan.FromSeconds(1));
        var flow = new Flow(context, "flow", 100, 7);
        flow.ExpectAll();
        byte[] bytes = new byte[10];
        SeedStream.Fill(7, 0, bytes);
        flow.Take(bytes, 10);
        flow.Take(bytes, 0);

        flow.Settle(context.Ledger.NewMessage(), isDisturbed);

        Assert.That(context.Ledger.Violations(), isDisturbed ? Is.Empty : Has.One.Contains("10 of 100 bytes have arrived (100 were given to writes), with the end"));
    }

    [Test]
    public void SeedStream_AtAnyPlace_IsTheSame()
    {
        byte[] whole = new byte[10_000];
        SeedStream.Fill(3, 0, whole);
        for (int offset = 0; offset < 40; offset++)
        {
            Assert.That(SeedStream.FirstDifference(3, offset, whole.AsSpan(offset)), Is.EqualTo(-1));
            byte[] part = new byte[33];
            SeedStream.Fill(3, offset, part);
            Assert.That(part, Is.EqualTo(whole[offset..(offset + 33)]));
        }

        whole[9_000] ^= 1;
        Assert.That(SeedStream.FirstDifference(3, 0, whole), Is.EqualTo(9_000));
    }

    [Test]
    public void Options_SayWhichReactor()
    {
        var options = IoSoakCommand.OptionsFrom(Arguments.Parse(["io-soak", "--reactor", "uring", "--seed", "7"]));

        Assert.That((options.Reactor, options.Replay(3)), Is.EqualTo((ReactorChoice.Uring, "io-soak --seed 7 --round 3 --reactor Uring")));
        Assert.That(() => IoSoakCommand.OptionsFrom(Arguments.Parse(["io-soak", "--reactor", "select"])), Throws.InstanceOf<UsageException>().With.Message.Contains("Epoll"));
    }

    private static SoakOptions Options(ReactorChoice reactor = ReactorChoice.Epoll)
        => IoSoakCommand.OptionsFrom(Arguments.Parse(["io-soak", "--minutes", "0.03", "--seed", "7", "--patience", "1", "--reactor", reactor.ToString()]));

    private static Task<SoakResult> Run(IReadOnlyList<SoakEpisode> catalogue, SoakOptions options)
        => SoakRun.Of(options, catalogue, static _ => { }, CancellationToken.None, Descriptors.Gauges);
}
