namespace Qi.Actors.IO;

/// <summary>How a connection's actor works.</summary>
public sealed record ConnectionActorOptions
{
    private const int LeastBytes = 1;
    private const int MostBytes = 64 * 1024;

    private static readonly TimeSpan s_longestClose = TimeSpan.FromDays(1);

    /// <summary>How much is read at once. <b>Units</b>: bytes. Default 4,096, for which io_uring has buffers in advance; 1 to 65,536.</summary>
    public int ReadBytes { get; init; } = 4096;

    /// <summary>Whether reading waits for <see cref="ResumeReading"/> from the beginning. Default false.</summary>
    public bool StartsPaused { get; init; }

    /// <summary>The actor's own options, such as a bound of its mailbox. Default none: unbounded. Not reentrant, for a connection sends one thing after the other.</summary>
    public ActorOptions? Commands { get; init; }

    /// <summary>
    /// How long what the connection was told to send may take once its handler has stopped, and how long one that is closed beside input which nobody has read waits for the
    /// other end to end; then it is closed all the same. Default 5 s; zero closes it at once, and <see cref="Timeout.InfiniteTimeSpan"/> waits for as long as the other end takes.
    /// </summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal void Validate()
    {
        if (ReadBytes is < LeastBytes or > MostBytes)
            throw Refusal.Of(nameof(ReadBytes), ReadBytes, "1 to 65,536 bytes");
        if (CloseTimeout != Timeout.InfiniteTimeSpan && (CloseTimeout < TimeSpan.Zero || CloseTimeout > s_longestClose))
            throw Refusal.Of(nameof(CloseTimeout), CloseTimeout, "zero to a day, or Timeout.InfiniteTimeSpan");
        if (Commands is { IsReentrant: true })
            throw Refusal.Of($"{nameof(Commands)}.{nameof(ActorOptions.IsReentrant)}", true, "false: a connection sends one thing after the other");
    }
}
