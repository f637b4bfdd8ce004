using System.Buffers;

using BenchmarkDotNet.Attributes;

using Qi.Actors.IO;

namespace Qi.Actors.Benchmarks;

/// <summary>One buffer rented and returned on one thread, by the sizes that there are.</summary>
[MemoryDiagnoser]
public class BufferBenchmark : IDisposable
{
    private const int Count = 10_000;
    private const int Batch = 20;

    private readonly RentedBuffer[] _batch = new RentedBuffer[Batch];
    private readonly BufferPool _pool = new();
    private readonly BufferPool _without = new();
    private SlabPool? _slabs;

    [Params(4096, 16384, 65536)]
    public int Bytes { get; set; }

    // The loops are run by the thread that sets up, which owns slabs of one pool and none of the other.
    [GlobalSetup]
    public void SetUp()
    {
        _slabs = _pool.CreateOwner();
        _slabs.Attach();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _slabs?.Close();
        _pool.Dispose();
        _without.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public void Handle()
    {
        for (int i = 0; i < Count; i++)
        {
            _pool.TryRentBuffer(Bytes, out RentedBuffer buffer);
            buffer.Return();
        }
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Rent()
    {
        for (int i = 0; i < Count; i++)
            _pool.Rent(Bytes).Dispose();
    }

    // What another thread's return costs, and to take it back, as far as one thread can tell: without the lines that travel between cores.
    [Benchmark(OperationsPerInvoke = Count)]
    public void ReturnFromElsewhere()
    {
        for (int i = 0; i < Count; i += Batch)
        {
            foreach (ref RentedBuffer buffer in _batch.AsSpan())
                _slabs!.TryRent(Bytes, out buffer);
            _slabs!.Detach();
            foreach (RentedBuffer buffer in _batch)
                buffer.Return();
            _slabs.Attach();
        }
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void RentWithoutSlabs()
    {
        for (int i = 0; i < Count; i++)
            _without.Rent(Bytes).Dispose();
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SharedArrayPool()
    {
        for (int i = 0; i < Count; i++)
            ArrayPool<byte>.Shared.Return(ArrayPool<byte>.Shared.Rent(Bytes));
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SharedMemoryPool()
    {
        for (int i = 0; i < Count; i++)
            MemoryPool<byte>.Shared.Rent(Bytes).Dispose();
    }
}
