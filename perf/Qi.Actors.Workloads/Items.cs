// The messages and the smallest parts that all renderings share, so that each measures the carrier and not the load.

using System.Runtime.InteropServices;

namespace Qi.Actors.Workloads;

/// <summary>A message with a number.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Item(long Number);

/// <summary>Adds up what comes, and says when all has come. One at a time.</summary>
internal sealed class Total(long count)
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _left = count;
    private long _sum;

    public Task<long> Done => _done.Task;

    public void Add(Item item)
    {
        _sum += item.Number;
        if (--_left == 0)
            _done.SetResult(_sum);
    }

    public static long Of(long count) => count * (count + 1) / 2;
}

/// <summary>Adds up what many threads bring, and says when all has come.</summary>
internal sealed class Tally(long count)
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _left = count;
    private long _sum;

    /// <summary>Waits for the sum.</summary>
    public long Result => _done.Task.GetAwaiter().GetResult();

    public void Add(long number)
    {
        if (number != 0)
            Interlocked.Add(ref _sum, number);
        if (Interlocked.Decrement(ref _left) == 0)
            _done.SetResult(Interlocked.Read(ref _sum));
    }
}

/// <summary>An actor that adds up.</summary>
internal sealed class TotalActor(Total total) : Actor<Item>
{
    protected override void Receive(Item message) => total.Add(message);
}
