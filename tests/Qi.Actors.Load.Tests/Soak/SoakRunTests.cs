using System.Text.Json;

using Qi.Actors.Load.Soak;

namespace Qi.Actors.Load.Tests.Soak;

internal sealed class SoakRunTests
{
    private static readonly SoakEpisode s_good = new("good", "nothing", static context =>
    {
        context.Ledger.NewMessage().Settle(Fate.Handled);
        return Task.CompletedTask;
    });

    [Test]
    public async Task Run_OfEveryEpisode_LosesAndLeavesNothing()
    {
        var lines = new List<string>();

        var result = await Run(SoakCatalogue.All, Options(seconds: 2) with { Patience = TimeSpan.FromSeconds(10) }, lines.Add);

        Assert.That(result.Violations, Is.Empty);
        Assert.That(result.Episodes.Values, Is.All.Positive);
        Assert.That(result.Messages.Sent, Is.EqualTo(result.Messages.Handled + result.Messages.Dead + result.Messages.Refused).And.GreaterThan(1_000));
        Assert.That(result.Memory.All, Is.Not.Empty);
        Assert.That(lines, Has.Some.Contains("memory at"));
    }

    [Test]
    public async Task Run_WithALostMessage_FailsWithItsRound()
    {
        var bad = new SoakEpisode("losing", "nothing", static context =>
        {
            context.Ledger.NewMessage();
            return Task.CompletedTask;
        });

        var result = await Run([s_good, bad]);

        Assert.That(result.Violations, Has.One.EqualTo("losing: 1 sent, but 0 handled, 0 dead letters and 0 refused"));
        Assert.That(result.Replay, Is.EqualTo("soak --seed 7 --round 2"));
    }

    [Test]
    public async Task Run_WithADoubledMessage_Fails()
    {
        var bad = new SoakEpisode("doubling", "nothing", static context =>
        {
            var message = context.Ledger.NewMessage(3, 4);
            message.Settle(Fate.Handled);
            message.Settle(Fate.Dead);
            return Task.CompletedTask;
        });

        Assert.That((await Run([bad])).Violations, Has.One.EqualTo("doubling: message 4 of edge 3 is Dead after it was Handled"));
    }

    [TestCase("actors", "1 actors")]
    [TestCase("coroutines", "1 coroutines")]
    [TestCase("timers", " timers")]
    public async Task Run_WithALeak_FailsByItsName(string what, string expected)
    {
        var bad = new SoakEpisode("leaking", "nothing", context =>
        {
            switch (what)
            {
                case "actors":
                    context.System.Spawn<int>(static _ => { });
                    break;
                case "coroutines":
                    _ = context.System.Spawn(static async Coroutine () => await Coroutine.SuspendAsync());
                    break;
                default:
                    var actor = context.System.Spawn<int>(static _ => { });
                    context.System.Schedule(actor, 1, TimeSpan.FromHours(1));
                    return actor.StopAsync();
            }

            return Task.CompletedTask;
        });

        Assert.That((await Run([bad])).Violations, Has.One.Contains("left behind").And.Contains(expected));
    }

    [Test]
    public async Task Run_WithMemoryThatGrows_Fails()
    {
        var kept = new List<byte[]>();
        var bad = new SoakEpisode("hoarding", "nothing", async _ =>
        {
            kept.Add(new byte[100_000]);
            await Task.Yield();
        });

        var result = await Run([bad], Options(seconds: 3));

        Assert.That(result.Violations, Has.Some.Contains("the heap grew by"));
        Assert.That(kept, Is.Not.Empty);
    }

    [Test]
    public async Task Run_WithAnEpisodeThatFails_SaysHow()
    {
        var bad = new SoakEpisode("failing", "nothing", static _ => throw new FormatException("planned"));

        Assert.That((await Run([bad])).Violations, Has.One.Contains("failing: it failed: System.FormatException: planned"));
    }

    [Test]
    public async Task Run_OfOneRound_DoesNoOther()
    {
        var result = await Run([s_good, s_good with { Name = "other" }], Options(seconds: 60) with { OnlyRound = 2 });

        Assert.That((result.Episodes["good"], result.Episodes["other"], result.HasPassed), Is.EqualTo((0L, 1L, true)));
    }

    [Test]
    public async Task Run_Interrupted_EndsWithItsReport()
    {
        using var end = new CancellationTokenSource();
        await end.CancelAsync();

        var result = await SoakRun.Of(Options(seconds: 600), [s_good], static _ => { }, end.Token);

        Assert.That(result.HasPassed, Is.True);
        using var json = JsonDocument.Parse(SoakReport.Of(result));
        Assert.That(json.RootElement.GetProperty("messages").GetProperty("handled").GetInt64(), Is.EqualTo(1));
        Assert.That(SoakReport.Lines(result, isInterrupted: true).Last(), Does.StartWith("PASS").And.Contain("interrupted").And.Contain("seed 7"));
    }

    [Test]
    public void Options_Default_AreAMinute()
    {
        var options = SoakOptions.From(Arguments.Parse(["soak"]));

        Assert.That((options.Duration, options.SampleEvery), Is.EqualTo((TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(2))));
        var longer = SoakOptions.From(Arguments.Parse(["soak", "--minutes", "30"]));
        Assert.That((longer.MemoryBar, longer.WarmUp, longer.WarmUpRounds), Is.EqualTo((0.05, TimeSpan.FromMinutes(5), 1_500)));
        Assert.That((options.WarmUp, options.WarmUpRounds), Is.EqualTo((TimeSpan.Zero, 0)));
    }

    [Test]
    public void Growth_IsThatAfterTheWarmUp()
    {
        using var system = new ActorSystem(new QiActorsOptions { Name = "samples", WorkerThreads = 1 });
        var samples = new MemorySamples();
        for (int i = 0; i < 6; i++)
            samples.Take(TimeSpan.FromSeconds(i), system, rounds: i * 100, isWarm: i >= 3);

        Assert.That(samples.GrowthOf(static sample => sample.Rounds, ignoredBytes: 0), Is.EqualTo(2 / 3.0).Within(1e-9));
    }

    private static SoakOptions Options(double seconds) => new()
    {
        Duration = TimeSpan.FromSeconds(seconds),
        Seed = 7,
        Patience = TimeSpan.FromMilliseconds(500),
    };

    private static Task<SoakResult> Run(IReadOnlyList<SoakEpisode> catalogue, SoakOptions? options = null, Action<string>? print = null)
        => SoakRun.Of(options ?? Options(seconds: 0.2), catalogue, print ?? (static _ => { }), CancellationToken.None);
}
