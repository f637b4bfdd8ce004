using BenchmarkDotNet.Attributes;

using Qi.Actors.Workloads;

namespace Qi.Actors.Benchmarks;

/// <summary>What all benchmarks share: one system, and results that are checked.</summary>
[MemoryDiagnoser]
public abstract class WorkloadBenchmark : IAsyncDisposable
{
    private ActorSystem? _system;

    protected ActorSystem System => _system!;

    [GlobalSetup]
    public void SetUp() => _system = new ActorSystem();

    [GlobalCleanup]
    public void CleanUp() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        if (_system is { } system)
            await system.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Fails the benchmark if something was lost on the way.</summary>
    protected static long Check(Workload workload, int size, long result)
        => result == workload.Expected(size)
            ? result
            : throw new InvalidOperationException($"{workload.Name} gave {result}; expected {workload.Expected(size)}.");
}
