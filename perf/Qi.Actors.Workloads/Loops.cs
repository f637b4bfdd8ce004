using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

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

/// <summary>The loop that makes an actor of a buffer block and a task.</summary>
internal static class BufferLoop
{
    public static async Task Run<T>(BufferBlock<T> block, Action<T> handle)
    {
        while (await block.OutputAvailableAsync().ConfigureAwait(false))
        {
            while (block.TryReceive(out var message))
                handle(message);
        }
    }

    /// <summary>Starts a loop over a new block with default options.</summary>
    public static BufferBlock<T> Start<T>(Action<T> handle)
    {
        var block = new BufferBlock<T>();
        _ = Task.Run(() => Run(block, handle));
        return block;
    }
}
