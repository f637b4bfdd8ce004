using Qi.Actors.Load.Contenders;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load;

/// <summary>What a comparison is asked to do.</summary>
internal sealed record CompareOptions
{
    private const int LeastRounds = 5;
    private const int QuickRounds = 3;
    private const double QuickSize = 0.05;
    private const int LeastSize = 100;
    private const int WarmUpMs = 700;
    private const int QuickWarmUpMs = 300;

    public required IReadOnlyList<Workload> Workloads { get; init; }

    /// <summary>The words for those who take part; empty for all.</summary>
    public required string[] Peers { get; init; }

    public required PeerFolder Folder { get; init; }

    public required int Rounds { get; init; }

    /// <summary>The part of each workload's size that is done.</summary>
    public required double Size { get; init; }

    /// <summary>A look, not a measurement.</summary>
    public required bool IsQuick { get; init; }

    /// <summary>How long a contender may take for one round.</summary>
    public required TimeSpan Patience { get; init; }

    public string? JsonPath { get; init; }

    public string? ChartPath { get; init; }

    /// <summary>How long each contender runs, at least, before it is measured.</summary>
    public required TimeSpan WarmUp { get; init; }

    public static CompareOptions From(Arguments arguments)
    {
        arguments.Allow("workloads", "peers", "rounds", "size", "quick", "json", "chart", "patience", "warm-up", "peers-folder");
        bool isQuick = arguments.Has("quick");
        return new CompareOptions
        {
            Workloads = ChooseWorkloads(arguments.Words("workloads")),
            Peers = arguments.Words("peers"),
            Folder = new PeerFolder(arguments.Text("peers-folder")),
            IsQuick = isQuick,
            Rounds = RoundsOf(arguments, isQuick),
            Size = arguments.Factor("size", isQuick ? QuickSize : 1.0),
            WarmUp = TimeSpan.FromMilliseconds(arguments.Number("warm-up", isQuick ? QuickWarmUpMs : WarmUpMs, isQuick ? 0 : WarmUpMs)),
            Patience = TimeSpan.FromSeconds(arguments.Number("patience", 120)),
            JsonPath = Writable(arguments, "json"),
            ChartPath = Writable(arguments, "chart"),
        };
    }

    /// <summary>How many operations a round of a workload has.</summary>
    public int SizeOf(Workload workload) => workload.Fit((int)Math.Clamp(workload.Size * Size, LeastSize, int.MaxValue));

    private static Workload[] ChooseWorkloads(string[] words)
    {
        foreach (string word in words.Where(word => !Catalogue.All.Any(workload => IsMeant(workload, word))))
            throw new UsageException($"There is no workload '{word}'. There are: {string.Join(", ", Catalogue.All.Select(workload => workload.Name))}.");
        return [.. Catalogue.All.Where(workload => words.Length == 0 || words.Any(word => IsMeant(workload, word)))];
    }

    // A star at the end stands for anything.
    private static bool IsMeant(Workload workload, string word)
        => word.EndsWith('*')
            ? workload.Name.StartsWith(word[..^1], StringComparison.Ordinal)
            : string.Equals(workload.Name, word, StringComparison.Ordinal);

    /// <summary>How many rounds are asked for, and whether that is enough.</summary>
    public static int RoundsOf(Arguments arguments, bool isQuick)
    {
        int rounds = (int)Math.Min(arguments.Number("rounds", isQuick ? QuickRounds : LeastRounds), int.MaxValue);
        return isQuick || rounds >= LeastRounds
            ? rounds
            : throw new UsageException($"--rounds is {rounds}. Fewer than {LeastRounds} say nothing about noise; add --quick if a look is enough.");
    }

    /// <summary>The path of a file that is to be written; a long measurement must not fail at its end for want of a folder.</summary>
    public static string? Writable(Arguments arguments, string name)
    {
        if (arguments.Text(name) is not { } path)
            return null;
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return Directory.Exists(folder) && !Directory.Exists(path)
            ? path
            : throw new UsageException($"--{name} is '{path}'. It must be a file in a folder that exists.");
    }
}
