using Microsoft.Extensions.Logging;

namespace Qi.Actors.Testing;

/// <summary>One written log message.</summary>
/// <param name="Time">When, since the start of the simulation.</param>
/// <param name="Level">How grave.</param>
/// <param name="Category">The logger's name.</param>
/// <param name="Id">Which message.</param>
/// <param name="Message">Its text.</param>
/// <param name="Exception">The exception it came with; null if none.</param>
public sealed record LogEntry(TimeSpan Time, LogLevel Level, string Category, EventId Id, string Message, Exception? Exception)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Time} [{Level}] {Message}{(Exception is null ? "" : $" ({Exception.GetType().Name}: {Exception.Message})")}";
}

/// <summary>Keeps what is logged.</summary>
/// <remarks><b>Threads</b>: any.</remarks>
public sealed class LogRecorder : ILoggerFactory
{
    private readonly Lock _lock = new();
    private readonly List<LogEntry> _entries = [];
    private readonly TimeProvider _time;
    private readonly long _start;

    internal LogRecorder(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>A copy of what was logged so far, in order.</summary>
    public IReadOnlyList<LogEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <summary>Not supported: this keeps the messages itself.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void AddProvider(ILoggerProvider provider)
        => throw new NotSupportedException("A LogRecorder keeps the messages itself and takes no providers.");

    /// <summary>Nothing is held.</summary>
    public void Dispose()
    {
    }

    private void Add(LogLevel level, string category, EventId id, string message, Exception? exception)
    {
        var entry = new LogEntry(_time.GetElapsedTime(_start), level, category, id, message, exception);
        lock (_lock)
            _entries.Add(entry);
    }

    private sealed class Logger(LogRecorder recorder, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => recorder.Add(logLevel, category, eventId, formatter(state, exception), exception);
    }
}
