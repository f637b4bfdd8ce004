using Microsoft.Extensions.Logging;

using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

/// <summary>Says which log messages are meant: the beginning of an expectation such as <c>EventFilter.Error("failed").ExpectOne(() => actor.Tell(1))</c>.</summary>
/// <remarks><b>Threads</b>: the simulation's own.</remarks>
public sealed class EventFilters
{
    private readonly LogRecorder _logs;

    internal EventFilters(LogRecorder logs) => _logs = logs;

    /// <summary>Messages of level Debug.</summary>
    /// <param name="containing">What stands in the text, or in that of the exception; null for any.</param>
    public EventFilter Debug(string? containing = null) => Level(LogLevel.Debug, containing);

    /// <summary>Messages of level Information.</summary>
    /// <inheritdoc cref="Debug"/>
    public EventFilter Information(string? containing = null) => Level(LogLevel.Information, containing);

    /// <summary>Messages of level Warning.</summary>
    /// <inheritdoc cref="Debug"/>
    public EventFilter Warning(string? containing = null) => Level(LogLevel.Warning, containing);

    /// <summary>Messages of level Error.</summary>
    /// <inheritdoc cref="Debug"/>
    public EventFilter Error(string? containing = null) => Level(LogLevel.Error, containing);

    /// <summary>Messages of level Critical.</summary>
    /// <inheritdoc cref="Debug"/>
    public EventFilter Critical(string? containing = null) => Level(LogLevel.Critical, containing);

    /// <summary>Messages of a level.</summary>
    /// <param name="level">The level, exactly.</param>
    /// <param name="containing">What stands in the text, or in that of the exception; null for any.</param>
    public EventFilter Level(LogLevel level, string? containing = null) => new(_logs, new LogFilter(level, containing, null));

    /// <summary>Messages of any level that came with an exception of a type.</summary>
    /// <param name="containing">What stands in the text, or in that of the exception; null for any.</param>
    /// <typeparam name="TException">The type, or a type that it is derived from.</typeparam>
    public EventFilter Exception<TException>(string? containing = null)
        where TException : Exception
        => new(_logs, new LogFilter(null, containing, typeof(TException)));
}

/// <summary>Expects log messages while something is done, or mutes them.</summary>
/// <remarks>
/// What was expected or muted, <see cref="LogRecorder.AssertNone"/> does not count. Each method has a form that runs the simulation, for a
/// <see cref="TestSystem"/>, and one to be awaited inside of a simulation. <b>Threads</b>: the simulation's own. <b>Units</b>: all times are virtual.
/// </remarks>
public sealed class EventFilter
{
    private readonly LogRecorder _logs;
    private readonly LogFilter _filter;

    internal EventFilter(LogRecorder logs, LogFilter filter)
    {
        _logs = logs;
        _filter = filter;
    }

    private SimulatedWorld World => _logs.World;

    /// <summary>Expects exactly one message from the beginning of an action on.</summary>
    /// <param name="action">What is to be logged about. What it throws is thrown.</param>
    /// <param name="within">How long to wait after the action; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <returns>The message.</returns>
    /// <exception cref="ExpectationException">None was logged, or more.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public async Task<LogEntry> ExpectOneAsync(Func<Task> action, TimeSpan? within = null) => (await ExpectAsync(1, action, within))[0];

    /// <inheritdoc cref="ExpectOneAsync(Func{Task}, TimeSpan?)"/>
    public Task<LogEntry> ExpectOneAsync(Action action, TimeSpan? within = null) => ExpectOneAsync(Async(action), within);

    /// <inheritdoc cref="ExpectOneAsync(Func{Task}, TimeSpan?)"/>
    public LogEntry ExpectOne(Action action, TimeSpan? within = null) => World.Call(() => ExpectOneAsync(action, within), nameof(ExpectOne));

    /// <summary>Expects exactly a number of messages from the beginning of an action on.</summary>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="action">What is to be logged about. What it throws is thrown.</param>
    /// <param name="within">How long to wait after the action; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <returns>The messages, in order.</returns>
    /// <exception cref="ExpectationException">Fewer were logged, or more.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task<IReadOnlyList<LogEntry>> ExpectAsync(int count, Func<Task> action, TimeSpan? within = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(action);
        return World.CallAsync(async () =>
        {
            using var watch = _logs.Watch(_filter, isMute: false);
            await action();
            var limit = World.LimitOf(within);
            var ending = await World.UntilAsync(() => watch.Count >= count, limit);
            if (watch.Count >= count)
                await World.UntilAsync(() => watch.Count > count, World.LimitOf(TimeSpan.Zero)); // one too many comes at the same moment
            if (watch.Count != count)
                throw _logs.Failed($"Expected {_filter}, {(count == 1 ? "once" : $"{count} times")}, within {limit.Within}, but {CountOf(watch.Count)} logged", ending);
            return watch.Take();
        });
    }

    /// <inheritdoc cref="ExpectAsync(int, Func{Task}, TimeSpan?)"/>
    public Task<IReadOnlyList<LogEntry>> ExpectAsync(int count, Action action, TimeSpan? within = null) => ExpectAsync(count, Async(action), within);

    /// <inheritdoc cref="ExpectAsync(int, Func{Task}, TimeSpan?)"/>
    public IReadOnlyList<LogEntry> Expect(int count, Action action, TimeSpan? within = null)
        => World.Call(() => ExpectAsync(count, action, within), nameof(Expect));

    /// <summary>Expects no message from the beginning of an action on.</summary>
    /// <param name="action">What is not to be logged about. What it throws is thrown.</param>
    /// <param name="within">How long to wait after the action; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <exception cref="ExpectationException">One was logged.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task ExpectNoneAsync(Func<Task> action, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        return World.CallAsync(async () =>
        {
            using var watch = _logs.Watch(_filter, isMute: false);
            await action();
            var limit = World.LimitOf(within);
            await World.UntilAsync(() => watch.Count > 0, limit);
            if (watch.Count > 0)
                throw _logs.Failed($"Did not expect {_filter} within {limit.Within}, but {CountOf(watch.Count)} logged", WaitEnding.TimeUp);
        });
    }

    /// <inheritdoc cref="ExpectNoneAsync(Func{Task}, TimeSpan?)"/>
    public Task ExpectNoneAsync(Action action, TimeSpan? within = null) => ExpectNoneAsync(Async(action), within);

    /// <inheritdoc cref="ExpectNoneAsync(Func{Task}, TimeSpan?)"/>
    public void ExpectNone(Action action, TimeSpan? within = null) => World.Call(() => ExpectNoneAsync(action, within), nameof(ExpectNone));

    /// <summary>Mutes messages from now on, until what is returned is disposed.</summary>
    public IDisposable Mute() => _logs.Watch(_filter, isMute: true);

    /// <summary>Mutes messages while an action is done, and until nothing is runnable then.</summary>
    /// <param name="action">What is logged about. What it throws is thrown.</param>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task MuteAsync(Func<Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return World.CallAsync(async () =>
        {
            using var mute = Mute();
            await action();
            await World.UntilIdleAsync();
        });
    }

    /// <inheritdoc cref="MuteAsync(Func{Task})"/>
    public Task MuteAsync(Action action) => MuteAsync(Async(action));

    /// <inheritdoc cref="MuteAsync(Func{Task})"/>
    public void Mute(Action action) => World.Call(() => MuteAsync(action), nameof(Mute));

    private static Func<Task> Async(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return () =>
        {
            action();
            return Task.CompletedTask;
        };
    }

    private static string CountOf(int count) => count switch
    {
        0 => "none was",
        1 => "one was",
        _ => $"{count} were",
    };
}
