namespace Qi.Actors.Platform;

/// <summary>Which reactor is wished for.</summary>
public enum ReactorChoice
{
    /// <summary>What fits the system best.</summary>
    Auto,

    /// <summary>Linux: readiness.</summary>
    Epoll,

    /// <summary>Linux 5.11 and later, where it is not forbidden: completions.</summary>
    Uring,

    /// <summary>macOS and the BSDs: readiness.</summary>
    Kqueue,

    /// <summary>Windows: completions.</summary>
    CompletionPort,

    /// <summary>The framework's own sockets: anywhere.</summary>
    Portable,
}
