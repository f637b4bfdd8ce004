// What must be back where it began when nothing is under way. A bound is what was there before the system was made, or, for what a system holds while it lives, what
// was there when every kind of episode had run once: its dispatchers have made their reactors by then.

namespace Qi.Actors.Load.Soak;

/// <summary>When a gauge is looked at.</summary>
[Flags]
internal enum RestPoints
{
    /// <summary>After each round.</summary>
    Round = 1,

    /// <summary>After the last round, with more patience: what ends by itself some time after it was used.</summary>
    LastRest = 2,

    /// <summary>After the system has stopped; no more may be there than before it was made.</summary>
    End = 4,
}

/// <summary>Something that is counted at rest.</summary>
/// <param name="Name">What it counts, in the plural.</param>
/// <param name="Read">How many there are; the system is null before it is made and after it has stopped.</param>
/// <param name="Points">When it is looked at.</param>
/// <param name="IsOfSystem">True if a system at rest holds some.</param>
internal sealed record RestGauge(string Name, Func<ActorSystem?, long> Read, RestPoints Points, bool IsOfSystem = false);

/// <summary>The gauges of a run, and their bounds.</summary>
internal sealed class RestGauges(IReadOnlyList<RestGauge> gauges)
{
    private readonly Dictionary<RestGauge, long> _before = gauges.ToDictionary(static gauge => gauge, static gauge => gauge.Read(null));
    private Dictionary<RestGauge, long> _ofSystem = [];

    public bool AreMany => gauges.Count > 0;

    /// <summary>True once <see cref="Settle"/> was called.</summary>
    public bool HaveSettled { get; private set; }

    /// <summary>What the system holds at rest from now on is what it holds now.</summary>
    public void Settle(ActorSystem system)
    {
        HaveSettled = true;
        _ofSystem = gauges.ToDictionary(static gauge => gauge, gauge => gauge.Read(system));
    }

    /// <summary>The gauges that are above their bounds now, as sentences.</summary>
    public string[] LeftBehind(ActorSystem? system, RestPoints point)
        => [.. gauges.Where(gauge => gauge.Points.HasFlag(point)).Select(gauge => Describe(gauge, system)).OfType<string>()];

    private string? Describe(RestGauge gauge, ActorSystem? system)
    {
        if (system is not null && gauge.IsOfSystem && !HaveSettled)
            return null;
        long bound = system is not null && gauge.IsOfSystem ? _ofSystem[gauge] : _before[gauge];
        long now = gauge.Read(system);
        return now > bound ? $"left behind: {now} {gauge.Name}, {bound} were there before" : null;
    }
}
