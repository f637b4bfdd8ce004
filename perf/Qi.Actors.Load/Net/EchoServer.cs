using Qi.Actors.Platform;

namespace Qi.Actors.Load.Net;

/// <summary>How bytes travel.</summary>
internal enum Transport
{
    Tcp,
    Udp,
}

/// <summary>Sends back what comes, on the loopback address, until it is disposed.</summary>
internal interface IEchoServer : IDisposable
{
    /// <summary>Where it listens.</summary>
    int Port { get; }

    /// <summary>Bytes that its pool of buffers has from the managed heap, rented or free.</summary>
    long SlabBytes { get; }
}

/// <summary>Where a connection's bytes are between reading and writing.</summary>
internal enum Buffering
{
    /// <summary>Each connection has a buffer.</summary>
    Kept,

    /// <summary>A connection waits without a buffer, and takes one when there is something to read.</summary>
    Rented,
}

/// <summary>An echo server that this program can be.</summary>
/// <param name="Name">The word for it on the command line.</param>
/// <param name="Settings">Variables that the process must have been started with.</param>
/// <param name="Start">Begins to listen; port 0 is any port that is free.</param>
internal sealed record ServerKind(string Name, IReadOnlyDictionary<string, string> Settings, Func<Transport, Buffering, int, IEchoServer> Start)
{
    private static readonly Dictionary<string, string> s_none = [];

    private static readonly Dictionary<string, string> s_inline = new(StringComparer.Ordinal)
    {
        ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
    };

    /// <summary>All kinds, in the order of reports. <c>net-serve</c> and <c>net-compare</c> know what stands here.</summary>
    public static IReadOnlyList<ServerKind> All { get; } =
    [
        new("dotnet", s_none, static (transport, buffering, port) => new SocketEcho(transport, buffering, port)),
        new("qi", s_none, static (transport, buffering, port) => new QiEcho(transport, buffering, port, ReactorChoice.Epoll)),
        new("qi-uring", s_none, static (transport, buffering, port) => new QiEcho(transport, buffering, port, ReactorChoice.Uring)),
        new("dotnet-inline", s_inline, static (transport, buffering, port) => new SocketEcho(transport, buffering, port)),
        new("qi-messages", s_none, static (transport, buffering, port) => Messages(transport, buffering, port, ReactorChoice.Epoll)),
        new("qi-messages-uring", s_none, static (transport, buffering, port) => Messages(transport, buffering, port, ReactorChoice.Uring)),
    ];

    // Connections that are driven by messages wait without a buffer in any case; datagrams are not driven by messages.
    private static IEchoServer Messages(Transport transport, Buffering buffering, int port, ReactorChoice reactor)
        => transport == Transport.Tcp ? new QiMessageEcho(port, reactor) : new QiEcho(transport, buffering, port, reactor);

    public static ServerKind Find(string name)
        => All.FirstOrDefault(kind => string.Equals(kind.Name, name, StringComparison.Ordinal))
            ?? throw new UsageException($"--kind is '{name}'. There are: {string.Join(", ", All.Select(kind => kind.Name))}.");
}
