namespace Qi.Actors.Platform;

/// <summary>Which reactor is wished for.</summary>
public enum ReactorChoice
{
    /// <summary>Epoll on Linux, kqueue on macOS and FreeBSD, a completion port on Windows, else the framework's sockets.</summary>
    Auto,

    /// <summary>Linux: readiness.</summary>
    Epoll,

    /// <summary>Linux 5.11 and later, where it is not forbidden: completions.</summary>
    Uring,

    /// <summary>macOS and FreeBSD: readiness.</summary>
    Kqueue,

    /// <summary>Windows: completions.</summary>
    CompletionPort,

    /// <summary>The framework's own sockets: anywhere.</summary>
    Portable,
}
