using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.IO;

/// <summary>How names are looked up.</summary>
public sealed record NameResolverOptions
{
    /// <summary>How long a question may wait for its answer. Default 5 s; above zero.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer is kept. Default 30 s. Zero: not at all.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a failure is kept. Default 1 s. Zero: not at all.</summary>
    public TimeSpan FailureTimeToLive { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many look-ups are in progress at once, each on a blocking thread of the system (<see cref="QiActorsOptions.BlockingThreads"/>). Default 4; 1 to 64. Others
    /// wait in order.
    /// </summary>
    public int MostLookUps { get; init; } = 4;

    /// <summary>How many answers are kept. Default 1,024; 1 to 1,048,576. When there are more, the one that would be dropped first goes.</summary>
    public int MostKept { get; init; } = 1024;

    /// <summary>
    /// Looks a name up, on a thread that it may block. Null, the default: the framework's <see cref="System.Net.Dns"/>, and so the system's resolver. It gets the
    /// name as it was asked for and the family, which is <see cref="AddressFamily.Unspecified"/> for both.
    /// </summary>
    public Func<string, AddressFamily, IReadOnlyList<IPAddress>>? LookUp { get; init; }

    internal static NameResolverOptions Default { get; } = new();

    internal void Validate()
    {
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromDays(1))
            throw Refusal.Of(nameof(Timeout), Timeout, "above zero, up to a day");
        RequireKeeping(TimeToLive, nameof(TimeToLive));
        RequireKeeping(FailureTimeToLive, nameof(FailureTimeToLive));
        if (MostLookUps is < 1 or > 64)
            throw Refusal.Of(nameof(MostLookUps), MostLookUps, "1 to 64");
        if (MostKept is < 1 or > 1 << 20)
            throw Refusal.Of(nameof(MostKept), MostKept, "1 to 1,048,576");
    }

    private static void RequireKeeping(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero || time > TimeSpan.FromDays(1))
            throw Refusal.Of(name, time, "zero to a day");
    }
}
