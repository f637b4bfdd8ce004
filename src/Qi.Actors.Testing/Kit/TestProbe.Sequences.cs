using System.Runtime.CompilerServices;

using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

public sealed partial class TestProbe<T>
{
    /// <summary>Expects a number of messages, whatever they are.</summary>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="within">How long to wait for all of them; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <returns>They, in the order in which they came.</returns>
    /// <exception cref="ExpectationException">Fewer have come.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task<IReadOnlyList<T>> ExpectAllAsync(int count, TimeSpan? within = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return _world.CallAsync<IReadOnlyList<T>>(async () =>
        {
            await RequireAllAsync(count, count == 1 ? "1 message" : $"{count} messages", _world.LimitOf(within));
            return Take(count);
        });
    }

    /// <summary>Expects messages that equal these, in this order, and no other between them.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="within">How long to wait for all of them; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <exception cref="ExpectationException">Fewer have come, or others.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task ExpectInOrderAsync(IEnumerable<T> messages, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var expected = messages.ToArray();
        return _world.CallAsync(async () =>
        {
            var limit = _world.LimitOf(within);
            for (int i = 0; i < expected.Length; i++)
            {
                string what = $"{Shown.Value(expected[i])} (message {i + 1} of {expected.Length})";
                await RequireUnreadAsync(what, limit);
                if (!EqualityComparer<T>.Default.Equals(_received[_read].Message, expected[i]))
                    throw Failed(what, null, $"the next message was {Shown.Value(_received[_read].Message)}");
                _read++;
            }
        });
    }

    /// <summary>Expects messages that equal these, in any order, and no other between them.</summary>
    /// <inheritdoc cref="ExpectInOrderAsync"/>
    public Task ExpectInAnyOrderAsync(IEnumerable<T> messages, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var missing = messages.ToList();
        return _world.CallAsync(async () =>
        {
            var limit = _world.LimitOf(within);
            while (missing.Count > 0)
            {
                string what = $"in any order {string.Join(", ", missing.Select(message => Shown.Value(message)))}";
                await RequireUnreadAsync(what, limit);
                int index = missing.FindIndex(message => EqualityComparer<T>.Default.Equals(message, _received[_read].Message));
                if (index < 0)
                    throw Failed(what, null, $"the next message was {Shown.Value(_received[_read].Message)}");
                missing.RemoveAt(index);
                _read++;
            }
        });
    }

    /// <summary>Expects a message for which a condition holds, and skips those that come before it.</summary>
    /// <param name="predicate">The condition.</param>
    /// <param name="within">How long to wait for it; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <param name="condition">Leave it out: the compiler gives the condition's text, for the failure's message.</param>
    /// <returns>The message, and those that were skipped.</returns>
    /// <exception cref="ExpectationException">None has come.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task<Catch<T, T>> FishAsync(Func<T, bool> predicate, TimeSpan? within = null, [CallerArgumentExpression(nameof(predicate))] string condition = "")
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return _world.CallAsync(() => CatchAsync<T>(message => predicate(message), Where(Shown.AnyOf(typeof(T)), condition), within));
    }

    /// <summary>Expects a message of a type, and skips those that come before it.</summary>
    /// <param name="within">How long to wait for it; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <typeparam name="TMessage">The type, or a type that it is derived from.</typeparam>
    /// <inheritdoc cref="FishAsync(Func{T, bool}, TimeSpan?, string)"/>
    public Task<Catch<TMessage, T>> FishAsync<TMessage>(TimeSpan? within = null)
        where TMessage : T
        => _world.CallAsync(() => CatchAsync<TMessage>(message => message is TMessage, Shown.AnyOf(typeof(TMessage)), within));

    private async Task<Catch<TMessage, T>> CatchAsync<TMessage>(Func<T, bool> isWanted, string expected, TimeSpan? within)
        where TMessage : T
    {
        var limit = _world.LimitOf(within);
        var skipped = new List<T>();
        while (true)
        {
            var ending = await _world.UntilAsync(HasUnread, limit);
            if (!HasUnread())
            {
                _read -= skipped.Count; // they are what came instead
                throw Failed(expected, limit, skipped.Count == 0 ? "nothing came" : $"it was not among the {skipped.Count} that came", ending);
            }

            var message = _received[_read++].Message;
            if (isWanted(message))
                return new Catch<TMessage, T>((TMessage)message!, skipped);
            skipped.Add(message);
        }
    }

    private async Task RequireAllAsync(int count, string expected, SimulatedWorld.Limit limit)
    {
        bool HasAll() => _received.Count - _read >= count;
        var ending = await _world.UntilAsync(HasAll, limit);
        if (!HasAll())
            throw Failed(expected, limit, HasUnread() ? $"only {_received.Count - _read} came" : "nothing came", ending);
    }

    private List<T> Take(int count)
    {
        var taken = _received.GetRange(_read, count).ConvertAll(received => received.Message);
        _read += count;
        return taken;
    }
}
