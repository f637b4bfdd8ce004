// Keeps what is logged, and lets a test say what it has expected of it. What was expected or muted is known; AssertNone looks for the rest.
//
// Any thread may log; a simulation's system does so on the simulation's own. The lists are written under the lock.

using Microsoft.Extensions.Logging;

using Qi.Actors.Testing.World;

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
/// <remarks>
/// A simulated system logs to one: <see cref="TestSystem.Logs"/>, <see cref="SimulationContext.Logs"/>. To see what a real system logs, make one and give it
/// to the system. <b>Threads</b>: any, but expectations are for the simulation's own.
/// </remarks>
public sealed class LogRecorder : ILoggerFactory
{
    private readonly Lock _lock = new();
    private readonly List<KeptLog> _entries = [];
    private readonly List<LogWatch> _watches = [];
    private readonly TimeProvider _time;
    private readonly SimulatedWorld? _world;
    private readonly long _start;

    /// <summary>Creates one for a system that is not simulated.</summary>
    /// <param name="time">The clock that messages are stamped with; null for the machine's.</param>
    public LogRecorder(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _start = _time.GetTimestamp();
    }

    internal LogRecorder(TimeProvider time, SimulatedWorld world)
        : this(time)
        => _world = world;

    /// <summary>A copy of what was logged so far, in order.</summary>
    public IReadOnlyList<LogEntry> Entries => Select(_ => true);

    internal SimulatedWorld World
        => _world ?? throw new InvalidOperationException("This LogRecorder belongs to no simulation, so it cannot let time pass until a message comes. Look at its Entries.");

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

    /// <summary>A copy of the messages of a level and above, in order.</summary>
    public IReadOnlyList<LogEntry> AtLeast(LogLevel level) => Select(kept => kept.Entry.Level >= level);

    /// <summary>Fails if a message of a level or above was logged that was neither expected nor muted. Looks, and runs nothing.</summary>
    /// <param name="atLeast">The level. Default Warning.</param>
    /// <exception cref="ExpectationException">There is one. The message lists ten of them at most.</exception>
    public void AssertNone(LogLevel atLeast = LogLevel.Warning)
    {
        var rest = Unknown(atLeast);
        if (rest.Count > 0)
            throw Failed($"No log message of level {atLeast} or above was expected, but there {(rest.Count == 1 ? "is one" : $"are {rest.Count}")}", WaitEnding.TimeUp, atLeast);
    }

    /// <summary>Expects a message to have been logged, or to be logged.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="containing">What stands in its text or in that of its exception; null for any.</param>
    /// <param name="within">How long to wait for it; null for <see cref="SimulationOptions.ExpectWithin"/>. <b>Units</b>: virtual time.</param>
    /// <returns>The oldest one that was neither expected before nor muted.</returns>
    /// <exception cref="ExpectationException">There is none.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's, or this recorder belongs to none.</exception>
    public Task<LogEntry> ExpectAsync(LogLevel level, string? containing = null, TimeSpan? within = null)
        => World.CallAsync(() => FindAsync(new LogFilter(level, containing, null), within));

    /// <inheritdoc cref="ExpectAsync"/>
    public LogEntry Expect(LogLevel level, string? containing = null, TimeSpan? within = null)
        => World.Call(() => ExpectAsync(level, containing, within), nameof(Expect));

    internal LogWatch Watch(LogFilter filter, bool isMute)
    {
        var watch = new LogWatch(this, filter, isMute);
        lock (_lock)
            _watches.Add(watch);
        return watch;
    }

    internal void End(LogWatch watch)
    {
        lock (_lock)
            _watches.Remove(watch);
    }

    internal ExpectationException Failed(string what, WaitEnding ending, LogLevel atLeast = LogLevel.Trace)
    {
        var now = _time.GetElapsedTime(_start);
        string rest = Shown.List("Logged and not expected so far, the oldest first:", [.. Unknown(atLeast).Select(entry => entry.ToString())]);
        return new ExpectationException($"{what}.{Shown.Moment(now, ending)}{rest}", now);
    }

    private async Task<LogEntry> FindAsync(LogFilter filter, TimeSpan? within)
    {
        var limit = World.LimitOf(within);
        KeptLog? found = null;
        int next = 0;
        var ending = await World.UntilAsync(
            () =>
            {
                lock (_lock)
                {
                    while (found is null && next < _entries.Count)
                    {
                        var kept = _entries[next++];
                        if (!kept.IsKnown && filter.Matches(kept.Entry))
                            found = kept;
                    }
                }

                return found is not null;
            },
            limit);
        if (found is null)
            throw Failed($"Expected {filter} within {limit.Within}, but none was logged", ending);
        found.IsKnown = true;
        return found.Entry;
    }

    private IReadOnlyList<LogEntry> Unknown(LogLevel atLeast) => Select(kept => !kept.IsKnown && kept.Entry.Level >= atLeast);

    private IReadOnlyList<LogEntry> Select(Func<KeptLog, bool> isWanted)
    {
        lock (_lock)
            return [.. _entries.Where(isWanted).Select(kept => kept.Entry)];
    }

    private void Add(LogLevel level, string category, EventId id, string message, Exception? exception)
    {
        var kept = new KeptLog(new LogEntry(_time.GetElapsedTime(_start), level, category, id, message, exception));
        lock (_lock)
        {
            _entries.Add(kept);
            foreach (var watch in _watches)
                watch.SeeLocked(kept);
        }
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
