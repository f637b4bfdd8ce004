namespace Qi.Actors.IO.Tests.Buffers;

/// <summary>A pool of which the calling thread owns slabs, until it is disposed of.</summary>
internal sealed class OwnedSlabs : IDisposable
{
    public static readonly BufferPoolOptions Unchecked = new() { ChecksUse = false };

    public OwnedSlabs(BufferPoolOptions? options = null, IChunkObserver? observer = null)
    {
        Pool = new BufferPool(options ?? Unchecked);
        Slabs = Pool.CreateOwner(observer);
        Slabs.Attach();
    }

    public BufferPool Pool { get; }

    public SlabPool Slabs { get; }

    public RentedBuffer Rent(int bytes = 1)
    {
        Assert.That(Slabs.TryRent(bytes, out RentedBuffer buffer), Is.True, "The pool has no buffer.");
        return buffer;
    }

    public RentedBuffer[] Rent(int count, int bytes) => [.. Enumerable.Range(0, count).Select(_ => Rent(bytes))];

    public BufferSizeStatistics Size(int index) => Pool.GetStatistics().Sizes[index];

    public void Dispose()
    {
        Slabs.Close();
        Pool.Dispose();
    }
}

/// <summary>Runs things on other threads, and fails if they do not end.</summary>
internal static class Threads
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    public static void Run(params Action[] actions)
    {
        var failures = new Exception?[actions.Length];
        Thread[] threads =
        [
            .. actions.Select((action, index) => new Thread(() =>
            {
                try
                {
                    action();
                }
                catch (Exception failure)
                {
                    failures[index] = failure;
                }
            })
            { IsBackground = true }),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            Assert.That(thread.Join(s_bound), Is.True, "A thread did not end.");
        foreach (Exception? failure in failures)
        {
            if (failure is not null)
                throw new AggregateException(failure);
        }
    }
}
