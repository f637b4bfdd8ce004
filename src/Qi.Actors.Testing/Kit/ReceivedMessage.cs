namespace Qi.Actors.Testing;

/// <summary>A message that a probe was sent.</summary>
/// <param name="Time">When it was handled, since the start of the simulation.</param>
/// <param name="Message">The message.</param>
/// <typeparam name="T">The type of the probe's messages.</typeparam>
public readonly record struct ReceivedMessage<T>(TimeSpan Time, T Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Time} {Shown.Value(Message)}";
}

/// <summary>What a probe has fished out of its messages.</summary>
/// <param name="Message">The message that was wanted.</param>
/// <param name="Skipped">Those that came before it.</param>
/// <typeparam name="TMessage">The type of the one that was wanted.</typeparam>
/// <typeparam name="T">The type of the probe's messages.</typeparam>
public sealed record Catch<TMessage, T>(TMessage Message, IReadOnlyList<T> Skipped)
    where TMessage : T;
