using System.Runtime.CompilerServices;

using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

public sealed partial class TestProbe<T>
{
    /// <summary>Expects a message, whatever it is.</summary>
    /// <param name="within">How long to wait for it; null for <see cref="SimulationOptions.ExpectWithin"/>. <b>Units</b>: virtual time; what comes exactly then counts.</param>
    /// <returns>The next message. It is taken: the next expectation sees the one after it.</returns>
    /// <exception cref="ExpectationException">None has come.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task<T> ExpectAsync(TimeSpan? within = null)
        => _world.CallAsync(() => NextAsync(Shown.AnyOf(typeof(T)), within));

    /// <summary>Expects the next message to equal another.</summary>
    /// <param name="expected">What it equals.</param>
    /// <param name="within">How long to wait for it.</param>
    /// <inheritdoc cref="ExpectAsync(TimeSpan?)"/>
    /// <exception cref="ExpectationException">None has come, or the next one is another.</exception>
    public Task<T> ExpectAsync(T expected, TimeSpan? within = null)
        => _world.CallAsync(() => NextAsync(Shown.Value(expected), within, message => EqualityComparer<T>.Default.Equals(message, expected)));

    /// <summary>Expects a condition to hold for the next message.</summary>
    /// <param name="predicate">The condition.</param>
    /// <param name="within">How long to wait for the message.</param>
    /// <param name="condition">Leave it out: the compiler gives the condition's text, for the failure's message.</param>
    /// <inheritdoc cref="ExpectAsync(TimeSpan?)"/>
    /// <exception cref="ExpectationException">None has come, or it does not hold for the next one.</exception>
    public Task<T> ExpectAsync(Func<T, bool> predicate, TimeSpan? within = null, [CallerArgumentExpression(nameof(predicate))] string condition = "")
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return _world.CallAsync(() => NextAsync(Where(Shown.AnyOf(typeof(T)), condition), within, predicate));
    }

    /// <summary>Expects the next message to be of a type.</summary>
    /// <typeparam name="TMessage">The type, or a type that it is derived from.</typeparam>
    /// <inheritdoc cref="ExpectAsync(TimeSpan?)"/>
    /// <exception cref="ExpectationException">None has come, or the next one is of another type.</exception>
    public Task<TMessage> ExpectAsync<TMessage>(TimeSpan? within = null)
        where TMessage : T
        => _world.CallAsync(() => NextAsync<TMessage>(null, "", within));

    /// <summary>Expects the next message to be of a type, and a condition to hold for it.</summary>
    /// <param name="predicate">The condition.</param>
    /// <param name="within">How long to wait for the message.</param>
    /// <param name="condition">Leave it out: the compiler gives the condition's text, for the failure's message.</param>
    /// <typeparam name="TMessage">The type, or a type that it is derived from.</typeparam>
    /// <inheritdoc cref="ExpectAsync(TimeSpan?)"/>
    /// <exception cref="ExpectationException">None has come, or the next one is another.</exception>
    public Task<TMessage> ExpectAsync<TMessage>(Func<TMessage, bool> predicate, TimeSpan? within = null, [CallerArgumentExpression(nameof(predicate))] string condition = "")
        where TMessage : T
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return _world.CallAsync(() => NextAsync(predicate, condition, within));
    }

    /// <summary>Expects no message, for a while.</summary>
    /// <param name="within">
    /// How long; null for <see cref="SimulationOptions.ExpectWithin"/>. What comes exactly at the end of that time does not count. With zero, everything that
    /// is runnable is run, and no time passes.
    /// </param>
    /// <exception cref="ExpectationException">One has come, now or before, that no expectation has taken.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task ExpectNoneAsync(TimeSpan? within = null)
        => _world.CallAsync(async () =>
        {
            var limit = _world.LimitOf(within);
            bool HasOneInTime() => HasUnread() && (limit.Within == TimeSpan.Zero || _received[_read].Time.Ticks < limit.EndTicks);
            await _world.UntilAsync(HasOneInTime, limit);
            if (HasOneInTime())
                throw Failed("no message", limit, "was sent one");
        });

    /// <summary>Expects an actor to stop, well or by a failure.</summary>
    /// <param name="actor">Any actor of this system.</param>
    /// <param name="within">How long to wait for its end; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <returns>What it failed with; null if it did not fail.</returns>
    /// <exception cref="ExpectationException">It lives.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task<Exception?> ExpectStoppedAsync<TMessage>(ActorRef<TMessage> actor, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return _world.CallAsync(() => _world.StoppedAsync(actor, within));
    }

    private async Task<TMessage> NextAsync<TMessage>(Func<TMessage, bool>? predicate, string condition, TimeSpan? within)
        where TMessage : T
        => (TMessage)(await NextAsync(
            Where(Shown.AnyOf(typeof(TMessage)), condition),
            within,
            message => message is TMessage wanted && (predicate?.Invoke(wanted) ?? true)))!;

    private async Task<T> NextAsync(string expected, TimeSpan? within, Func<T, bool>? predicate = null)
    {
        var limit = _world.LimitOf(within);
        await RequireUnreadAsync(expected, limit);
        var message = _received[_read].Message;
        if (predicate is not null && !predicate(message))
            throw Failed(expected, null, $"the next message was {Shown.Value(message)}");
        _read++;
        return message;
    }

    private async Task RequireUnreadAsync(string expected, SimulatedWorld.Limit limit)
    {
        var ending = await _world.UntilAsync(HasUnread, limit);
        if (!HasUnread())
            throw Failed(expected, limit, "nothing came", ending);
    }
}
