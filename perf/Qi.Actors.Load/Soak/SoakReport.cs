using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qi.Actors.Load.Soak;

/// <summary>What a soak has found, for readers and for programs.</summary>
internal static class SoakReport
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IEnumerable<string> Lines(SoakResult result, bool isInterrupted)
    {
        var totals = result.Messages;
        yield return $"Episodes: {string.Join(", ", result.Episodes.Select(static episode => $"{episode.Key} {episode.Value:N0}"))}.";
        yield return result.Options.Kind.Totals(totals);
        yield return $"Memory, last third against first: heap {Percent(result.HeapGrowth)}, resident {Percent(result.ResidentGrowth)} (at most {result.Options.MemoryBar:P0}; a growth below {result.Options.IgnoredBytes >> 20} MB is none).";
        foreach (string violation in result.Violations)
            yield return $"  VIOLATED {violation}";
        string again = result.Replay is { } replay ? $" Again with: {replay}" : "";
        yield return $"{(result.HasPassed ? "PASS" : "FAIL")} {result.Rounds:N0} rounds in {result.Elapsed.TotalSeconds:0.0} s{(isInterrupted ? ", interrupted" : "")}, seed {result.Options.Seed}.{again}";
    }

    public static string Of(SoakResult result) => JsonSerializer.Serialize(
        new
        {
            result.HasPassed,
            WarmUpMinutes = result.Options.WarmUp.TotalMinutes,
            Minutes = result.Options.Duration.TotalMinutes,
            result.Options.Seed,
            Seconds = result.Elapsed.TotalSeconds,
            result.Rounds,
            result.Episodes,
            result.Messages,
            result.Options.MemoryBar,
            result.Options.IgnoredBytes,
            result.HeapGrowth,
            result.ResidentGrowth,
            Samples = result.Memory.All,
            result.Violations,
            result.Replay,
            Processors = Environment.ProcessorCount,
            Runtime = $".NET {Environment.Version}",
        },
        s_json) + "\n";

    private static string Percent(double? growth) => growth is { } part ? $"{part:+0.0 %;-0.0 %;0.0 %}" : "unknown (too few samples)";
}
