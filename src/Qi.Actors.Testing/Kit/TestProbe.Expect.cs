using System.Runtime.CompilerServices;

namespace Qi.Actors.Testing;

public sealed partial class TestProbe<T>
{
    /// <inheritdoc cref="ExpectAsync(TimeSpan?)"/>
    public T Expect(TimeSpan? within = null)
        => _world.Call(() => ExpectAsync(within), nameof(Expect));

    /// <inheritdoc cref="ExpectAsync(T, TimeSpan?)"/>
    public T Expect(T expected, TimeSpan? within = null)
        => _world.Call(() => ExpectAsync(expected, within), nameof(Expect));

    /// <inheritdoc cref="ExpectAsync(Func{T, bool}, TimeSpan?, string)"/>
    public T Expect(Func<T, bool> predicate, TimeSpan? within = null, [CallerArgumentExpression(nameof(predicate))] string condition = "")
        => _world.Call(() => ExpectAsync(predicate, within, condition), nameof(Expect));

    /// <inheritdoc cref="ExpectAsync{TMessage}(TimeSpan?)"/>
    public TMessage Expect<TMessage>(TimeSpan? within = null)
        where TMessage : T
        => _world.Call(() => ExpectAsync<TMessage>(within), nameof(Expect));

    /// <inheritdoc cref="ExpectAsync{TMessage}(Func{TMessage, bool}, TimeSpan?, string)"/>
    public TMessage Expect<TMessage>(Func<TMessage, bool> predicate, TimeSpan? within = null, [CallerArgumentExpression(nameof(predicate))] string condition = "")
        where TMessage : T
        => _world.Call(() => ExpectAsync(predicate, within, condition), nameof(Expect));

    /// <inheritdoc cref="ExpectNoneAsync"/>
    public void ExpectNone(TimeSpan? within = null)
        => _world.Call(() => ExpectNoneAsync(within), nameof(ExpectNone));

    /// <inheritdoc cref="ExpectAllAsync"/>
    public IReadOnlyList<T> ExpectAll(int count, TimeSpan? within = null)
        => _world.Call(() => ExpectAllAsync(count, within), nameof(ExpectAll));

    /// <summary>Expects messages that equal these, in this order, and no other between them.</summary>
    /// <param name="messages">The messages. To wait for another time than <see cref="SimulationOptions.ExpectWithin"/>, give a list and the time.</param>
    /// <inheritdoc cref="ExpectInOrderAsync"/>
    public void ExpectInOrder(params T[] messages) => ExpectInOrder(messages, within: null);

    /// <inheritdoc cref="ExpectInOrderAsync"/>
    public void ExpectInOrder(IEnumerable<T> messages, TimeSpan? within)
        => _world.Call(() => ExpectInOrderAsync(messages, within), nameof(ExpectInOrder));

    /// <summary>Expects messages that equal these, in any order, and no other between them.</summary>
    /// <param name="messages">The messages. To wait for another time than <see cref="SimulationOptions.ExpectWithin"/>, give a list and the time.</param>
    /// <inheritdoc cref="ExpectInOrderAsync"/>
    public void ExpectInAnyOrder(params T[] messages) => ExpectInAnyOrder(messages, within: null);

    /// <inheritdoc cref="ExpectInAnyOrderAsync"/>
    public void ExpectInAnyOrder(IEnumerable<T> messages, TimeSpan? within)
        => _world.Call(() => ExpectInAnyOrderAsync(messages, within), nameof(ExpectInAnyOrder));

    /// <inheritdoc cref="FishAsync(Func{T, bool}, TimeSpan?, string)"/>
    public Catch<T, T> Fish(Func<T, bool> predicate, TimeSpan? within = null, [CallerArgumentExpression(nameof(predicate))] string condition = "")
        => _world.Call(() => FishAsync(predicate, within, condition), nameof(Fish));

    /// <inheritdoc cref="FishAsync{TMessage}(TimeSpan?)"/>
    public Catch<TMessage, T> Fish<TMessage>(TimeSpan? within = null)
        where TMessage : T
        => _world.Call(() => FishAsync<TMessage>(within), nameof(Fish));

    /// <inheritdoc cref="ExpectStoppedAsync"/>
    public Exception? ExpectStopped<TMessage>(ActorRef<TMessage> actor, TimeSpan? within = null)
        => _world.Call(() => ExpectStoppedAsync(actor, within), nameof(ExpectStopped));
}
