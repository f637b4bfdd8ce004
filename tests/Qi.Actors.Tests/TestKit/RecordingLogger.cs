using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace Qi.Actors.Tests.TestKit;

/// <summary>One log message.</summary>
internal sealed record LogEntry(LogLevel Level, int Id, string Text, Exception? Exception)
{
    public override string ToString() => $"[{Level} {Id}] {Text}{(Exception is null ? "" : $" {Exception}")}";
}

/// <summary>Keeps every log message.</summary>
internal sealed class RecordingLogger : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    /// <summary>The messages of a level and above.</summary>
    public IReadOnlyList<LogEntry> AtLeast(LogLevel level) => [.. _entries.Where(entry => entry.Level >= level)];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _entries.Enqueue(new LogEntry(logLevel, eventId.Id, formatter(state, exception), exception));
}
