// A closed loop of a client and a server runs at the pace of the slower one. Its rate is the server's only if the server was the
// one that had no time left: the client outran it. The other way round it is what the client can do, and the server can do at
// least that. If neither was busy, both waited for something else, and the rate says nothing of either.
//
// How busy a process was can be told only where nobody else was: in the time that others had its core it may have waited for
// them or for messages. Counted as if it had waited for them, a use that is low is low indeed, and one that is high may not be.

namespace Qi.Actors.Load.Net;

/// <summary>What a round says of its server.</summary>
internal enum Verdict
{
    /// <summary>The server was busy all the time: the figure is its own.</summary>
    Measured,

    /// <summary>The client, or the two together, were the narrow part: the server can do at least so much.</summary>
    Floor,

    /// <summary>Others had too much of the cores to tell; it counts, but is not to be relied on.</summary>
    Disturbed,

    /// <summary>Neither was busy: thrown out.</summary>
    Unsaturated,
}

/// <summary>Tells whether a round measured its server.</summary>
internal static class Saturation
{
    /// <summary>A server that uses so much of what its core can give is outrun by the client.</summary>
    public const double Full = 0.95;

    /// <summary>Who uses less was waiting.</summary>
    public const double Busy = 0.90;

    /// <summary>Others that had more of a core disturbed the round.</summary>
    public const double Others = 0.05;

    // Memory is what it is, whoever else was at work.
    public static Verdict Judge(NetGauge gauge, ClientReport report)
        => gauge == NetGauge.Memory ? Verdict.Measured
            : gauge == NetGauge.Rate && report.ServerUse < Busy && report.ClientUse < Busy ? Verdict.Unsaturated
            : report.Disturbance > Others ? Verdict.Disturbed
            : gauge == NetGauge.Latency || report.ServerUse >= Full ? Verdict.Measured
            : Verdict.Floor;
}
