using System.Globalization;

using Qi.Actors.Platform;

namespace Qi.Actors.Load.Soak;

/// <summary>What a soak is about.</summary>
/// <param name="Command">Its word on the command line.</param>
/// <param name="Noun">What it counts, in the plural.</param>
/// <param name="Totals">The sums as a line of the report.</param>
internal sealed record SoakKind(string Command, string Noun, Func<SoakTotals, string> Totals)
{
    public static SoakKind Messages { get; } = new(
        "soak",
        "messages",
        static totals => $"Messages: {totals.Sent:N0} sent = {totals.Handled:N0} handled + {totals.Dead:N0} dead letters + {totals.Refused:N0} refused.");
}

/// <summary>What a soak is asked to do.</summary>
internal sealed record SoakOptions
{
    // A rise that is no leak takes place in the beginning, while code is compiled and pools fill. A long run does that before it begins; in a
    // short one it is a third of it.
    private const double LongRunMinutes = 10;
    private const double WarmUpMinutes = 5;
    private const int LeastWarmUpRounds = 1_500;
    private const double LongRunBar = 0.05;
    private const double ShortRunBar = 0.50;

    /// <summary>What it is about. Default: messages.</summary>
    public SoakKind Kind { get; init; } = SoakKind.Messages;

    /// <summary>What the systems wait in for input and output. Default: what suits the machine.</summary>
    public ReactorChoice Reactor { get; init; }

    /// <summary>How long it goes on, after <see cref="WarmUp"/>.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The least time before, in which memory is looked at but not compared.</summary>
    public TimeSpan WarmUp => IsLong ? TimeSpan.FromMinutes(WarmUpMinutes) : TimeSpan.Zero;

    /// <summary>The least number of rounds before: a slow or busy machine takes longer to come to its most.</summary>
    public int WarmUpRounds => IsLong ? LeastWarmUpRounds : 0;

    public required int Seed { get; init; }

    /// <summary>What nothing in an episode takes unless something is lost.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>The names of the episodes to draw from; empty for all.</summary>
    public IReadOnlyList<string> Episodes { get; init; } = [];

    /// <summary>Only this round; 0 for all.</summary>
    public int OnlyRound { get; init; }

    public string? JsonPath { get; init; }

    /// <summary>How often memory is measured: thirty times, but at least each minute and at most four times a second.</summary>
    public TimeSpan SampleEvery => TimeSpan.FromTicks(Math.Clamp(Duration.Ticks / 30, TimeSpan.TicksPerMillisecond * 250, TimeSpan.TicksPerMinute));

    /// <summary>How much more memory the last third may have than the first.</summary>
    public double MemoryBar => IsLong ? LongRunBar : ShortRunBar;

    /// <summary>A growth below this is none: pages of code, a few buffers of the harness; in a short run, pools that fill.</summary>
    public long IgnoredBytes => (IsLong ? 2L : 16L) << 20;

    private bool IsLong => Duration.TotalMinutes >= LongRunMinutes;

    public static SoakOptions From(Arguments arguments)
    {
        arguments.Allow("minutes", "seed", "patience", "episodes", "round", "json");
        return Read(arguments);
    }

    /// <summary>What all kinds of soaks have in common.</summary>
    public static SoakOptions Read(Arguments arguments)
        => new()
        {
            Duration = TimeSpan.FromMinutes(arguments.Factor("minutes", 1)),
            Seed = (int)(arguments.Number("seed", Environment.TickCount64 & int.MaxValue, least: 0) & int.MaxValue),
            Patience = TimeSpan.FromSeconds(arguments.Number("patience", 20)),
            Episodes = arguments.Words("episodes"),
            OnlyRound = (int)Math.Min(arguments.Number("round", 0, least: 0), int.MaxValue),
            JsonPath = arguments.Text("json"),
        };

    /// <summary>The command that does a round again.</summary>
    public string Replay(int round)
    {
        string chosen = Episodes.Count == 0 ? "" : $" --episodes {string.Join(',', Episodes)}";
        string reactor = Reactor == ReactorChoice.Auto ? "" : $" --reactor {Reactor}";
        return string.Create(CultureInfo.InvariantCulture, $"{Kind.Command} --seed {Seed} --round {round}{chosen}{reactor}");
    }
}
