// A connection as an actor: commands are its messages, and a coroutine beside it reads. The two share the connection, which takes one reader and one writer,
// whether reading is paused, and who tells the handler of the end, once.
//
// Backpressure. Reading: the coroutine hands each piece over with SendAsync, which waits while the handler's bounded mailbox is full; meanwhile nothing is read, the
// system's buffer fills, and the other end stops. It waits for input before it takes a buffer, so an idle connection holds none. Writing: a command is handled
// when the one before it was sent; a sender that must not run ahead bounds the mailbox (ConnectionActorOptions.Commands) and uses SendAsync.

using System.Net.Sockets;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>How a connection's actor works.</summary>
public sealed record ConnectionActorOptions
{
    private const int LeastBytes = 1;
    private const int MostBytes = 64 * 1024;

    /// <summary>How much is read at once. <b>Units</b>: bytes. Default 4,096; 1 to 65,536.</summary>
    public int ReadBytes { get; init; } = 4096;

    /// <summary>Whether reading waits for <see cref="ResumeReading"/> from the beginning. Default false.</summary>
    public bool StartsPaused { get; init; }

    /// <summary>The actor's own options, such as a bound of its mailbox. Default none: unbounded.</summary>
    public ActorOptions? Commands { get; init; }

    internal void Validate()
    {
        if (ReadBytes is < LeastBytes or > MostBytes)
            throw Refusal.Of(nameof(ReadBytes), ReadBytes, "1 to 65,536 bytes");
    }
}

/// <summary>The actor of a connection.</summary>
internal sealed class ConnectionActor(SocketConnection connection, ActorRef<ConnectionEvent> handler, ConnectionActorOptions options)
    : AsyncActor<ConnectionCommand>
{
    private JoinHandle _reader;
    private bool _isPaused = options.StartsPaused;
    private int _hasToldEnd;

    protected override ValueTask OnStartedAsync()
    {
        _reader = System.Spawn(ReadAsync(Self));
        return default;
    }

    protected override async ValueTask ReceiveAsync(ConnectionCommand message)
    {
        try
        {
            switch (message)
            {
                case Send send:
                    await connection.WriteAsync(send.Bytes);
                    break;
                case PauseReading:
                    Atomic.Write(ref _isPaused, true);
                    break;
                case ResumeReading:
                    Atomic.Write(ref _isPaused, false);
                    _reader.Resume();
                    break;
                case EndWriting:
                    connection.EndWriting();
                    break;
                case CloseConnection:
                    _ = Self.StopAsync(StopMode.Now);
                    break;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            TellEnd(e);
            _ = Self.StopAsync(StopMode.Now);
        }
    }

    protected override ValueTask OnStoppedAsync()
    {
        connection.Dispose();
        _reader.Cancel();
        TellEnd(null);
        return default;
    }

    private async Coroutine ReadAsync(ActorRef<ConnectionCommand> self)
    {
        Exception? failure = null;
        var buffers = System.GetBuffers();
        try
        {
            while (true)
            {
                while (Atomic.Read(ref _isPaused))
                    await Coroutine.SuspendAsync();
                await connection.ReadAsync(Memory<byte>.Empty);
                if (Atomic.Read(ref _isPaused))
                    continue;
                if (await TakeAsync(self, buffers))
                    continue;
                await handler.SendAsync(new PeerEnded(self));
                return;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or BufferLimitException)
        {
            failure = e;
        }

        if (failure is not ObjectDisposedException)
            TellEnd(failure);
        _ = self.StopAsync(StopMode.Now);
    }

    // False at the end of what the other end sends.
    private async Coroutine<bool> TakeAsync(ActorRef<ConnectionCommand> self, BufferPool buffers)
    {
        var buffer = buffers.Rent(options.ReadBytes);
        bool isHandedOver = false;
        try
        {
            int count = await connection.ReadAsync(buffer.Memory[..options.ReadBytes]);
            if (count == 0)
                return false;
            isHandedOver = await handler.SendAsync(new Received(self, buffer, count));
            if (!isHandedOver)
                throw new IOException($"{handler.Path} has stopped: what {connection} receives has nowhere to go.");
            return true;
        }
        finally
        {
            if (!isHandedOver)
                buffer.Dispose();
        }
    }

    private void TellEnd(Exception? failure)
    {
        if (Atomic.Exchange(ref _hasToldEnd, 1) == 0)
            handler.Tell(new Closed(Self, failure));
    }
}
