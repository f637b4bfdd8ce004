using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Net;

namespace Qi.Actors.Load;

/// <summary>What the program can do.</summary>
internal static class Help
{
    public static int Show()
    {
        Console.WriteLine("""
            Qi.Actors.Load: measures and torments Qi.Actors, side by side with the stock parts of .NET.

              compare    [--workloads a,b] [--peers a,b] [--rounds N=5] [--size F=1.0] [--quick] [--json FILE] [--chart FILE.svg]
                         [--patience SECONDS=120] [--warm-up MILLISECONDS=700] [--peers-folder DIR=perf/peers/bin]
                         Each workload in Qi, in the stock parts of .NET and in the peers that perf/peers/build.sh has made,
                         as far as each can do it: a process each, warmed up, then interleaved round by round. Prints
                         medians with min and max, what Qi is by the best peer, processor time and memory; says when the
                         machine was too noisy to tell. Only ratios within one run mean something. --size 0.1 does a tenth of
                         the work; wake-* means all whose name begins so; --quick is for a look: a twentieth, three rounds or as few as --rounds says.
              serve      RENDERING
                         What compare starts: reads "run <workload> <size>" line by line and replies with JSON.
              net-compare [--workloads a,b] [--servers a,b] [--rounds N=5] [--ms N=2000] [--warm-up MILLISECONDS=3000] [--quick] [--json FILE]
                         [--server-core N=0] [--client-core N=1] [--idle-connections N=10000] [--peers-folder DIR=perf/peers/bin/net]
                         Echo servers, each a process on one core, loaded by a client in C on the other, round by round. Prints rates, latencies
                         and the server's processor time a round trip, as ratios to the stock sockets and to epoll in C. A round in which
                         neither side was busy is thrown out; ≥ is a server that the client did not outrun. idle measures memory.
              net-serve  [--kind a] [--port N=0] [--protocol tcp|udp] [--core N] [--buffers kept|rented]
                         What net-compare starts: says where it listens, sends back what comes, ends with its input.
              redis-compare [--layouts apart,shared] [--rounds N=5] [--quick] [--json FILE] [--server-core N=0] [--client-core N=1]
                         redis-server and samples/Redis under redis-benchmark, round by round: GET and SET, one command at a time and sixteen.
                         apart is a core for the server and one for the client; shared lets all use both.
              io-bars    [--parts a,b] [--rounds N=5] [--quick] [--server-core N=0] [--client-core N=1] [--servers dotnet,qi,epoll]
                         [--idle-connections N=10000] [--peers-folder DIR=perf/peers/bin/net] [--json FILE]
                         Measures what has a bar in input and output, by net-compare, compare and redis-compare, and prints bar, measured figure
                         and verdict. The exit code is 0 if all bars are met.
              footprint  [--count N=10000000]
                         Bytes of an idle actor and of a parked coroutine; fails above 128.
              stress     [--messages N=1000000000] [--seed S] [--shapes a,b] [--patience SECONDS=20]
                         Many shapes of traffic at once; checks order, loss, doubling and turns. Fails with the seed.
              soak       [--minutes N=1] [--seed S] [--episodes a,b] [--round N] [--patience SECONDS=20] [--json FILE]
                         Episodes over every public capability in one system that lives on, until the time is up. Every message
                         is accounted for; no actor, coroutine, timer or thread may be left, and memory must be flat. Fails with
                         the seed and the round; --round does one round again. Ctrl-C ends it with its report.
              io-soak    [--minutes N=1] [--reactor Auto|Epoll|Uring|Portable] [--seed S] [--episodes a,b] [--round N] [--patience SECONDS=20] [--json FILE]
                         The same for input and output: every byte that arrives must be the one that was sent, and descriptors, buffers and timers must be back
                         after each round. As root with the command ip, two networks of its own are joined by a line that it cuts and mends.
              io-churn   [--connections N=1000000] [--parties N=64] [--reactor Auto|Epoll|Uring|Portable]
                         Connections are opened, used and closed or reset: descriptors, buffers, timers and threads must be back in the end.
              io-peer    What io-soak starts in the second network.
              fairness   [--seconds N=2]
                         What a Critical message waits behind a flood of Low, and what Low gets under a flood from above.
              blocking   [--seconds N=5] [--limit MILLISECONDS=20]
                         What others see while an actor sleeps in its handler.
              model      [--rounds N=5]
                         Measures unit costs, predicts eleven loads and runs them; fails if fewer than five come within 20 %.
              simulate   [--seed S=1] [--seeds N=1000] [--actors N=1000] [--seconds N=10000]
                         The deterministic simulation: one seed gives one order of turns, also in another process; N seeds give more
                         than nine tenths of N orders; the virtual seconds of so many actors pass in under 10 real ones.
            """);
        Console.WriteLine($"Workloads of compare: {string.Join(", ", Workloads.Catalogue.All.Select(workload => workload.Name))}.");
        Console.WriteLine($"Peers of compare: {string.Join(", ", DotNetContenders.All.Select(contender => contender.Key).Concat(PeerFolder.Known))}.");
        Console.WriteLine($"Workloads of net-compare: {string.Join(", ", NetWorkload.All.Select(workload => workload.Name))}.");
        Console.WriteLine($"Servers of net-compare: {string.Join(", ", ServerKind.All.Select(kind => kind.Name))}, and those that perf/peers/build.sh has made.");
        Console.WriteLine($"Parts of io-bars: {string.Join(", ", Bars.IoBarsCommand.Parts)}.");
        Console.WriteLine($"Shapes of stress: {string.Join(", ", Stress.ShapeCatalogue.Names)}.");
        Console.WriteLine("Episodes of soak, and what they cover:");
        foreach (var episode in Soak.SoakCatalogue.All)
            Console.WriteLine($"  {episode.Name,-12} {episode.Covers}.");
        Console.WriteLine("Episodes of io-soak, and what they cover:");
        if (OperatingSystem.IsLinux())
        {
            foreach (var episode in Soak.Io.IoCatalogue.Local.Concat(Soak.Io.IoCatalogue.Partitions))
                Console.WriteLine($"  {episode.Name,-12} {episode.Covers}.");
        }

        return ExitCodes.Usage;
    }
}
