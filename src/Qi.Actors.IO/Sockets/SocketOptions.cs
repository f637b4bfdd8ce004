using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>How connections are set up.</summary>
public sealed record SocketOptions
{
    /// <summary>Whether small writes are sent at once (TCP_NODELAY). Default true. Without effect on Unix sockets.</summary>
    public bool NoDelay { get; init; } = true;

    /// <summary>Whether a connection without traffic is probed. Null, the default: not.</summary>
    public KeepAlive? KeepAlive { get; init; }

    /// <summary>
    /// What closing does with what was not sent yet. Null, the default: the system sends it on its own. Zero: it is thrown away, and the other end sees a reset.
    /// More: the descriptor is closed by a thread of the pool, which the system blocks that long at most until the other end has confirmed everything. Up to
    /// 65,535 s; parts of a second count as a whole one.
    /// </summary>
    public TimeSpan? Linger { get; init; }

    /// <summary>The system's receive buffer. <b>Units</b>: bytes. Null, the default: the system decides; else 1 KiB to 1 GiB.</summary>
    public int? ReceiveBufferBytes { get; init; }

    /// <summary>The system's send buffer. <b>Units</b>: bytes. Null, the default: the system decides; else 1 KiB to 1 GiB.</summary>
    public int? SendBufferBytes { get; init; }

    /// <summary>How long connecting may take. Null, the default: as long as the system tries, about two minutes. Above zero.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>
    /// Of a name with several addresses: how long connecting waits for one before it tries the next beside it. Default 250 ms; 10 ms to 2 s. <b>Source</b>: RFC
    /// 8305, section 5.
    /// </summary>
    public TimeSpan NextAddressAfter { get; init; } = TimeSpan.FromMilliseconds(250);

    internal static SocketOptions Default { get; } = new();

    internal void Validate()
    {
        CheckBuffer(ReceiveBufferBytes, nameof(ReceiveBufferBytes));
        CheckBuffer(SendBufferBytes, nameof(SendBufferBytes));
        if (Linger is { } linger && (linger < TimeSpan.Zero || linger.TotalSeconds > ushort.MaxValue))
            throw Refusal.Of(nameof(Linger), linger, "zero to 65,535 seconds, or null");
        if (ConnectTimeout is { } timeout && timeout <= TimeSpan.Zero)
            throw Refusal.Of(nameof(ConnectTimeout), timeout, "above zero, or null");
        if (NextAddressAfter.TotalMilliseconds is < 10 or > 2000)
            throw Refusal.Of(nameof(NextAddressAfter), NextAddressAfter, "10 ms to 2 s");
        KeepAlive?.Validate();
    }

    internal void ApplyTo(IoHandle socket, bool isTcp)
    {
        if (isTcp && NoDelay)
            NativeSockets.SetOption(socket, NativeSocketOption.NoDelay, 1);
        if (Linger is { } linger)
            NativeSockets.SetOption(socket, NativeSocketOption.LingerSeconds, (int)Math.Ceiling(linger.TotalSeconds));
        if (ReceiveBufferBytes is { } receive)
            NativeSockets.SetOption(socket, NativeSocketOption.ReceiveBufferBytes, receive);
        if (SendBufferBytes is { } send)
            NativeSockets.SetOption(socket, NativeSocketOption.SendBufferBytes, send);
        if (isTcp)
            KeepAlive?.ApplyTo(socket);
    }

    internal static void CheckBuffer(int? bytes, string name)
    {
        if (bytes is < 1024 or > 1 << 30)
            throw Refusal.Of(name, bytes, "1,024 to 1,073,741,824 bytes, or null");
    }
}

/// <summary>How a connection without traffic is probed.</summary>
/// <param name="Idle">After how long without traffic. 1 s to 32,767 s, in whole seconds.</param>
/// <param name="Interval">The time between probes. 1 s to 32,767 s, in whole seconds.</param>
/// <param name="Probes">After how many without an answer the connection counts as broken. 1 to 127.</param>
public sealed record KeepAlive(TimeSpan Idle, TimeSpan Interval, int Probes)
{
    internal void Validate()
    {
        CheckTime(Idle, nameof(Idle));
        CheckTime(Interval, nameof(Interval));
        if (Probes is < 1 or > 127)
            throw Refusal.Of(nameof(Probes), Probes, "1 to 127");
    }

    internal void ApplyTo(IoHandle socket)
    {
        NativeSockets.SetOption(socket, NativeSocketOption.KeepAlive, 1);
        NativeSockets.SetOption(socket, NativeSocketOption.KeepAliveIdleSeconds, (int)Idle.TotalSeconds);
        NativeSockets.SetOption(socket, NativeSocketOption.KeepAliveIntervalSeconds, (int)Interval.TotalSeconds);
        NativeSockets.SetOption(socket, NativeSocketOption.KeepAliveProbes, Probes);
    }

    private static void CheckTime(TimeSpan time, string name)
    {
        if (time.TotalSeconds is < 1 or > short.MaxValue)
            throw Refusal.Of(name, time, "1 to 32,767 seconds");
    }
}

/// <summary>How a listener is set up.</summary>
public sealed record ListenerOptions
{
    /// <summary>How many connections wait to be accepted; the system may keep fewer. Default 512; 1 to 65,535.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>Whether other listeners, also of other processes, may share the address. Default false.</summary>
    public bool ReusePort { get; init; }

    /// <summary>Whether a listener on an IPv6 address takes IPv4 too. Default true.</summary>
    public bool DualMode { get; init; } = true;

    /// <summary>How accepted connections are set up.</summary>
    public SocketOptions Connections { get; init; } = SocketOptions.Default;

    internal static ListenerOptions Default { get; } = new();

    internal void Validate()
    {
        if (Backlog is < 1 or > 65_535)
            throw Refusal.Of(nameof(Backlog), Backlog, "1 to 65,535");
        if (Connections is null)
            throw Refusal.Of(nameof(Connections), null, "socket options");
        Connections.Validate();
    }
}
