using System.Runtime.Versioning;

using Qi.Actors.Load.Soak.Io.Partitions;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>The episodes of input and output. What they cover is shown by the help.</summary>
[SupportedOSPlatform("linux")]
internal static class IoCatalogue
{
    /// <summary>Those that need nothing but this machine.</summary>
    public static IReadOnlyList<SoakEpisode> Local { get; } =
    [
        new("tcp", "TCP both ways at once: pieces, sequences, half closes, slow readers, reads with deadlines, cancelled reads, turns that block", StreamEpisodes.Tcp),
        new("tcp-ends", "the same, struck: resets, closes, cancelled writes and coroutines, peers that fall silent", StreamEpisodes.TcpTroubled),
        new("unix", "Unix sockets as tcp", StreamEpisodes.Unix),
        new("unix-ends", "Unix sockets as tcp-ends", StreamEpisodes.UnixTroubled),
        new("pipe", "pairs of pipes, struck or not", StreamEpisodes.Pipes),
        new("fifo", "named pipes, openings that are cancelled", StreamEpisodes.NamedPipes),
        new("tls", "SslStream at both ends, struck or not", StreamEpisodes.Tls),
        new("udp", "datagrams of all lengths, cancelled receives, sockets that are closed while they receive", DatagramEpisode.GoRound),
        new("messages", "connections as actors behind bounded mailboxes, paused reading, resets", MessageEpisode.Echo),
        new("accept", "accepts that are cancelled, listeners that are closed amid connects, full queues", AcceptEpisode.Storm),
        new("pool", "a connection pool: rents that are cancelled or wait, exchanges left in the middle, servers that close", PoolEpisode.Churn),
        new("file", "files: pieces, appends, reads that are cancelled, cut off and closed in the middle, replacing, copying, walking", FileEpisodes.ReadAndWrite),
        new("watch", "changes of a folder", FileEpisodes.Watch),
        new("name", "connections by name, cancelled look-ups", SystemIoEpisodes.Names),
        new("stop", "whole systems that stop amid traffic", SystemIoEpisodes.StopAmidTraffic),
    ];

    /// <summary>Those that need two networks and a line.</summary>
    public static IReadOnlyList<SoakEpisode> Partitions { get; } =
    [
        new("partition", "TCP and UDP with a process in another network, while the line between is cut and mended; peers that reset or are silent", PartitionEpisode.CutAndMend),
    ];
}
