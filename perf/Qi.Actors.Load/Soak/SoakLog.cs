using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Qi.Actors.Load.Soak;

/// <summary>The log of the systems of a soak: what no episode plans is a finding, and nobody reads the rest.</summary>
internal sealed class SoakLog : ILoggerFactory, ILogger
{
    // A connection that was not set up (to whoever serves it, it looks like one that was cut off), a broken listener, a broken queue of changes.
    private static readonly int[] s_unplanned = [602, 603, 604];

    /// <summary>The one log; what it finds goes to <see cref="SoakContext.Report"/>.</summary>
    public static SoakLog Instance { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("A soak's log goes to nobody.");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => NullLogger.Instance.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (s_unplanned.Contains(eventId.Id))
            SoakContext.Report($"{formatter(state, exception)} {exception?.Message}");
    }

    public void Dispose()
    {
        // Nothing to give back.
    }
}
