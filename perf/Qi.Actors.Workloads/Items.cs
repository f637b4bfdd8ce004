// The messages and the smallest parts that all renderings share, so that each measures the carrier and not the load.

using System.Runtime.InteropServices;
using System.Threading.Channels;

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

/// <summary>An actor that adds up.</summary>
internal sealed class TotalActor(Total total) : Actor<Item>
{
    protected override void Receive(Item message) => total.Add(message);
}

/// <summary>The loop that makes an actor of a channel and a task.</summary>
internal static class ChannelLoop
{
    public static async Task Run<T>(ChannelReader<T> reader, Action<T> handle)
    {
        while (await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (reader.TryRead(out var message))
                handle(message);
        }
    }

    /// <summary>Starts a loop over a new channel with default options.</summary>
    public static ChannelWriter<T> Start<T>(Action<T> handle)
    {
        var channel = Channel.CreateUnbounded<T>();
        _ = Task.Run(() => Run(channel.Reader, handle));
        return channel.Writer;
    }
}
