namespace Qi.Actors.Workloads;

/// <summary>All workloads.</summary>
public static class Catalogue
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        SpawnJoin.Workload,
        Parked.WithMailbox,
        Parked.OnEvent,
        PingPong.Workload,
        PingPong.Pairs,
        Tell.FromOutside,
        Tell.FromInside,
        FanIn.Workload,
        Ring.Workload,
        Yield.Workload,
        Skynet.Workload,
        Ask.Workload,
        Ask.Many,
        Chain.Workload,
        Timers.Workload,
        Timers.Overshoot,
        Unbalanced.Workload,
        Wake.Searching,
        Wake.Parked,
        Wake.Loaded,
        Files.FileRead.One,
        Files.FileRead.Many,
        Files.FileCopy.Workload,
        .. Savina.Suite.All,
    ];
}
