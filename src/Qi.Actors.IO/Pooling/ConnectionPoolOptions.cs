namespace Qi.Actors.IO;

/// <summary>How a pool of connections works.</summary>
public sealed record ConnectionPoolOptions
{
    private const int MostAllowed = 1 << 20;

    /// <summary>How many connections there are at most, of all endpoints together: idle, rented or being made. Default 100; 1 to 1,048,576.</summary>
    public int MostConnections { get; init; } = 100;

    /// <summary>How many of them may be idle. Default 32; 0 to 1,048,576. When there are more, the one that has been idle for longest is closed.</summary>
    public int MostIdle { get; init; } = 32;

    /// <summary>After how long an idle connection is closed. Default 60 s; above zero, up to a day.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long to wait in line when there are <see cref="MostConnections"/>. Default 30 s; above zero, up to a day. Connecting has its own limit:
    /// <see cref="SocketOptions.ConnectTimeout"/>.
    /// </summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How connections are set up.</summary>
    public SocketOptions Connections { get; init; } = SocketOptions.Default;

    internal static ConnectionPoolOptions Default { get; } = new();

    internal void Validate()
    {
        if (MostConnections is < 1 or > MostAllowed)
            throw Refusal.Of(nameof(MostConnections), MostConnections, "1 to 1,048,576");
        if (MostIdle is < 0 or > MostAllowed)
            throw Refusal.Of(nameof(MostIdle), MostIdle, "0 to 1,048,576");
        RequireTime(IdleTime, nameof(IdleTime));
        RequireTime(WaitTimeout, nameof(WaitTimeout));
        if (Connections is null)
            throw Refusal.Of(nameof(Connections), null, "socket options");
        Connections.Validate();
    }

    private static void RequireTime(TimeSpan time, string name)
    {
        if (time <= TimeSpan.Zero || time > TimeSpan.FromDays(1))
            throw Refusal.Of(name, time, "above zero, up to a day");
    }
}

/// <summary>What a pool has and has done. One moment.</summary>
public sealed record ConnectionPoolStatistics
{
    /// <summary>Connections that are idle, rented or being made.</summary>
    public required int Open { get; init; }

    /// <summary>Connections that wait to be rented.</summary>
    public required int Idle { get; init; }

    /// <summary>Connections that somebody has.</summary>
    public required int Rented { get; init; }

    /// <summary>Rents that wait in line.</summary>
    public required int Waiting { get; init; }

    /// <summary>Connections that were made.</summary>
    public required long Made { get; init; }

    /// <summary>Rents that got a connection which others had before.</summary>
    public required long Reused { get; init; }

    /// <summary>Attempts to connect that have failed or were cancelled.</summary>
    public required long Failed { get; init; }

    /// <summary>Connections that were dead, or had talked out of turn, when they were to be reused.</summary>
    public required long Unhealthy { get; init; }

    /// <summary>Connections that were idle for too long.</summary>
    public required long Expired { get; init; }

    /// <summary>Rents that have waited in line for too long.</summary>
    public required long TimedOut { get; init; }
}
