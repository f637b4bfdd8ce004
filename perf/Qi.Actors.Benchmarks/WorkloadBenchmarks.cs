using BenchmarkDotNet.Attributes;

using Qi.Actors.Workloads;

namespace Qi.Actors.Benchmarks;

/// <summary>Spawn and join coroutines that do nothing.</summary>
public class SpawnJoinBenchmark : WorkloadBenchmark
{
    private const int Size = 100_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(SpawnJoin.Workload, Size, SpawnJoin.Qi(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Task() => Check(SpawnJoin.Workload, Size, SpawnJoin.Tasks(System, Size));
}

/// <summary>One message to and fro.</summary>
public class PingPongBenchmark : WorkloadBenchmark
{
    private const int Size = 200_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(PingPong.Workload, Size, PingPong.Qi(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long ActionBlock() => Check(PingPong.Workload, Size, PingPong.ActionBlocks(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Channel() => Check(PingPong.Workload, Size, PingPong.Channels(System, Size));
}

/// <summary>One sender outside of the system, one receiver.</summary>
public class TellBenchmark : WorkloadBenchmark
{
    private const int Size = 1_000_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(Tell.FromOutside, Size, Tell.Outside(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long ActionBlock() => Check(Tell.FromOutside, Size, Tell.ActionBlockOutside(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Channel() => Check(Tell.FromOutside, Size, Tell.ChannelOutside(System, Size));
}

/// <summary>One sender on a dispatcher, one receiver.</summary>
public class TellInsideBenchmark : WorkloadBenchmark
{
    private const int Size = 1_000_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(Tell.FromInside, Size, Tell.Inside(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long ActionBlock() => Check(Tell.FromInside, Size, Tell.ActionBlockInside(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Channel() => Check(Tell.FromInside, Size, Tell.ChannelInside(System, Size));
}

/// <summary>Eight senders, one receiver.</summary>
public class FanInBenchmark : WorkloadBenchmark
{
    private const int Size = 1_000_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(FanIn.Workload, Size, FanIn.Qi(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long ActionBlock() => Check(FanIn.Workload, Size, FanIn.ActionBlocks(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Channel() => Check(FanIn.Workload, Size, FanIn.Channels(System, Size));
}

/// <summary>One message round a ring of a hundred.</summary>
public class RingBenchmark : WorkloadBenchmark
{
    private const int Size = 200_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(Ring.Workload, Size, Ring.Qi(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long ActionBlock() => Check(Ring.Workload, Size, Ring.ActionBlocks(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Channel() => Check(Ring.Workload, Size, Ring.Channels(System, Size));
}

/// <summary>A thousand parties let each other run.</summary>
public class YieldBenchmark : WorkloadBenchmark
{
    private const int Size = 100_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(Yield.Workload, Size, Yield.Qi(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Task() => Check(Yield.Workload, Size, Yield.Tasks(System, Size));
}

/// <summary>A question and its reply, one after the other.</summary>
public class AskBenchmark : WorkloadBenchmark
{
    private const int Size = 50_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(Ask.Workload, Size, Ask.Qi(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long ActionBlock() => Check(Ask.Workload, Size, Ask.ActionBlocks(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Channel() => Check(Ask.Workload, Size, Ask.Channels(System, Size));
}

/// <summary>A tree of parties, ten to a node.</summary>
public class SkynetBenchmark : WorkloadBenchmark
{
    private const int Size = 100_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(Skynet.Workload, Size, Skynet.Qi(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long QiCoroutine() => Check(Skynet.Workload, Size, Skynet.Coroutines(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long ActionBlock() => Check(Skynet.Workload, Size, Skynet.ActionBlocks(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Task() => Check(Skynet.Workload, Size, Skynet.Tasks(System, Size));
}

/// <summary>Many parties that wait some milliseconds.</summary>
public class TimersBenchmark : WorkloadBenchmark
{
    private const int Size = 50_000;

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public long Qi() => Check(Timers.Workload, Size, Timers.Qi(System, Size));

    [Benchmark(OperationsPerInvoke = Size)]
    public long Task() => Check(Timers.Workload, Size, Timers.Tasks(System, Size));
}
