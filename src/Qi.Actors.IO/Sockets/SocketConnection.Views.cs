using System.IO.Pipelines;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

public sealed partial class SocketConnection
{
    private IDuplexPipe? _pipe;

    /// <summary>The connection as a stream: for <c>SslStream</c>, readers, writers, and whatever else is built on streams.</summary>
    /// <param name="leaveOpen">Whether the connection stays open when the stream is disposed of. Default false.</param>
    /// <returns>A new stream, which keeps nothing back: flushing does nothing.</returns>
    /// <remarks>
    /// <b>Threads</b>: as the connection: one read and one write at a time. <b>Units</b>: <see cref="Stream.ReadTimeout"/> and <see cref="Stream.WriteTimeout"/>
    /// are milliseconds, default <see cref="Timeout.Infinite"/>, and count for asynchronous calls too, which then throw <see cref="TimeoutException"/>.
    /// <b>Cost</b>: an asynchronous call costs what the connection's costs. A synchronous call that must wait blocks its thread: in a turn the dispatcher is
    /// handed to another thread after <see cref="QiActorsOptions.BlockedTurnThreshold"/>, which is slow; prefer the asynchronous calls there.
    /// </remarks>
    public Stream AsStream(bool leaveOpen = false) => new SocketStream(this, leaveOpen ? StreamEnd.Leave : StreamEnd.Close);

    /// <summary>The connection as two pipes, with buffers of their own: for parsers of protocols.</summary>
    /// <returns>The same pair each time. Who uses it should read and write by it alone, for it may hold bytes that were read and not consumed.</returns>
    /// <remarks>
    /// <b>Threads</b>: one reader and one writer. <b>Order</b>: completing the writer ends the writing (<see cref="EndWriting"/>); completing the reader does
    /// nothing to the connection, which must be disposed of as ever.
    /// </remarks>
    public IDuplexPipe AsPipe()
    {
        if (Atomic.Read(ref _pipe) is { } there)
            return there;
        var made = new SocketPipe(this);
        return Atomic.CompareExchange(ref _pipe, made, null) ?? made;
    }

    private sealed class SocketPipe : IDuplexPipe
    {
        public SocketPipe(SocketConnection connection)
        {
            Input = PipeReader.Create(new SocketStream(connection, StreamEnd.Leave), new StreamPipeReaderOptions(leaveOpen: true));
            Output = PipeWriter.Create(new SocketStream(connection, StreamEnd.EndWriting), new StreamPipeWriterOptions(leaveOpen: false));
        }

        public PipeReader Input { get; }

        public PipeWriter Output { get; }
    }
}
