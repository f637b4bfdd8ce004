using Microsoft.Extensions.Logging;

namespace Qi.Actors.Testing;

/// <summary>Which log messages are meant. What is null is not asked for.</summary>
internal sealed record LogFilter(LogLevel? Level, string? Containing, Type? ExceptionType)
{
    public bool Matches(LogEntry entry)
        => (Level ?? entry.Level) == entry.Level
            && (ExceptionType is null || ExceptionType.IsInstanceOfType(entry.Exception))
            && (Containing is null || Holds(entry.Message, Containing) || Holds(entry.Exception?.Message, Containing));

    public override string ToString()
        => (Level is null ? "a log message" : $"a log message of level {Level}")
            + (ExceptionType is null ? "" : $" with {Shown.AnyOf(ExceptionType)}")
            + (Containing is null ? "" : $" containing \"{Containing}\"");

    private static bool Holds(string? text, string part) => text?.Contains(part, StringComparison.Ordinal) ?? false;
}

/// <summary>A log message that is kept.</summary>
internal sealed class KeptLog(LogEntry entry)
{
    public LogEntry Entry => entry;

    /// <summary>True if the test knows of it: it was expected, or muted.</summary>
    public bool IsKnown { get; set; }
}

/// <summary>Collects what matches a filter, until it is disposed.</summary>
internal sealed class LogWatch(LogRecorder recorder, LogFilter filter, bool isMute) : IDisposable
{
    private readonly List<KeptLog> _found = [];

    /// <summary>How many there are. The simulation's thread.</summary>
    public int Count => _found.Count;

    /// <summary>Looks at a new message. The recorder's lock is held.</summary>
    public void SeeLocked(KeptLog kept)
    {
        if (!filter.Matches(kept.Entry))
            return;
        _found.Add(kept);
        kept.IsKnown |= isMute;
    }

    /// <summary>What was collected is known to the test.</summary>
    public IReadOnlyList<LogEntry> Take()
    {
        foreach (var kept in _found)
            kept.IsKnown = true;
        return _found.ConvertAll(kept => kept.Entry);
    }

    public void Dispose() => recorder.End(this);
}
