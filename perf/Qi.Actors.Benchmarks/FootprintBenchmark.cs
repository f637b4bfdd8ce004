using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

using BenchmarkDotNet.Attributes;

namespace Qi.Actors.Benchmarks;

/// <summary>What making an idle party allocates. What stays of it is measured by Qi.Actors.Load's footprint.</summary>
public class FootprintBenchmark : WorkloadBenchmark
{
    private const int Size = 10_000;

    private readonly ActorRef<int>[] _actors = new ActorRef<int>[Size];
    private readonly JoinHandle[] _coroutines = new JoinHandle[Size];
    private readonly object[] _parties = new object[Size];

    [IterationCleanup(Target = nameof(QiActor))]
    public void StopActors()
    {
        foreach (var actor in _actors)
            actor.Complete();
        foreach (var actor in _actors)
            actor.Completion.GetAwaiter().GetResult();
    }

    [IterationCleanup(Target = nameof(QiCoroutine))]
    public void CancelCoroutines()
    {
        foreach (var coroutine in _coroutines)
            coroutine.Resume();
        foreach (var coroutine in _coroutines)
            coroutine.GetAwaiter().GetResult();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Size)]
    public void QiActor()
    {
        for (int i = 0; i < Size; i++)
            _actors[i] = System.Spawn(static () => new Idler());
    }

    [Benchmark(OperationsPerInvoke = Size)]
    public void QiCoroutine()
    {
        for (int i = 0; i < Size; i++)
            _coroutines[i] = System.Spawn(Park());
    }

    [Benchmark(OperationsPerInvoke = Size)]
    public void IdleActionBlock()
    {
        for (int i = 0; i < Size; i++)
            _parties[i] = new ActionBlock<int>(static _ => { });
    }

    [Benchmark(OperationsPerInvoke = Size)]
    public void IdleChannelAndTask()
    {
        for (int i = 0; i < Size; i++)
        {
            var channel = Channel.CreateUnbounded<int>();
            _parties[i] = (channel, channel.Reader.WaitToReadAsync().AsTask());
        }
    }

    private static async Coroutine Park() => await Coroutine.SuspendAsync();

    private sealed class Idler : Actor<int>
    {
        private int _sum;

        protected override void Receive(int message) => _sum += message;
    }
}
