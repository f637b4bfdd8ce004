// A connection as an actor: commands are its messages, and a coroutine beside it reads. The two share the connection, which takes one reader and one writer,
// whether reading is paused, and what has broken the connection first.
//
// Backpressure. Reading: the coroutine hands each piece over with SendAsync, which waits while the handler's bounded mailbox is full; meanwhile nothing is read, the
// system's buffer fills, and the other end stops. So it is while there is no memory for a buffer (MemoryLimit): others must give some back. An idle connection holds no
// buffer: with io_uring the kernel takes one of the reactor's when something has come (docs/adr/0021), and otherwise it waits for input before it takes one. Writing: a
// command is handled when the one before it was sent; a sender that must not run ahead bounds the mailbox (ConnectionActorOptions.Commands) and uses SendAsync.
// How it ends: ConnectionActor.End.cs.

using System.Buffers;
using System.Net.Sockets;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>The actor of a connection.</summary>
internal sealed partial class ConnectionActor(SocketConnection connection, ActorRef<ConnectionEvent> handler, ConnectionActorOptions options)
    : AsyncActor<ConnectionCommand>
{
    private const int NoBuffer = -1;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(64);

    private readonly HandlerWatch _watch = HandlerWatch.Of(handler);
    private JoinHandle? _reader;
    private Task<bool> _handOver = Task.FromResult(true);
    private bool _isPaused = options.StartsPaused;
    private Exception? _failure;
    private bool _hasToldOfShortage;

    protected override ValueTask OnStartedAsync()
    {
        if (!_watch.TryAdd(this))
            End();
        try
        {
            _reader = System.Spawn(ReadAsync(Self));
        }
        catch (ObjectDisposedException)
        {
            _ = Self.StopAsync(StopMode.Now); // the system has begun to stop: it is the end of this connection as of those that have begun
        }

        return default;
    }

    protected override async ValueTask ReceiveAsync(ConnectionCommand message)
    {
        try
        {
            switch (message)
            {
                case Send send:
                    await connection.WriteAsync(send.Bytes, StoppingToken); // whose other end may take nothing any more
                    break;
                case PauseReading:
                    Atomic.Write(ref _isPaused, true);
                    break;
                case ResumeReading:
                    Atomic.Write(ref _isPaused, false);
                    _reader?.Resume();
                    break;
                case EndWriting:
                    connection.EndWriting();
                    NoteEnd(handler.IsClosed ? WritingHasEnded | InputIsRefused : WritingHasEnded);
                    break;
                case CloseConnection:
                    await EndInOrderAsync();
                    _ = Self.StopAsync(StopMode.Now);
                    break;
            }
        }
        catch (OperationCanceledException) when (StoppingToken.IsCancellationRequested)
        {
            // It is to stop now, with what was not sent.
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            Atomic.CompareExchange(ref _failure, e, null);
            _ = Self.StopAsync(StopMode.Now);
        }
    }

    private async Coroutine ReadAsync(ActorRef<ConnectionCommand> self)
    {
        var provided = options.ReadBytes == RingBuffers.Bytes ? System.GetRingBuffers() : null;
        try
        {
            if (connection.SetUpFailure is not null)
                await connection.ReadAsync(Memory<byte>.Empty); // says why it came closed, whether reading is paused or not
            while (true)
            {
                await WhilePausedAsync();
                int count = provided is null ? NoBuffer : await ReceiveAsync(self, provided);
                if (count < 0)
                {
                    await connection.ReadAsync(Memory<byte>.Empty);
                    if (Atomic.Read(ref _isPaused))
                        continue;
                    count = await TakeAsync(self, System.GetBuffers());
                }

                if (count > 0)
                    continue;
                await EndReadingAsync(self);
                return;
            }
        }
        catch (HandlerIsClosedException)
        {
            NoteEnd(InputIsRefused);
            return;
        }
        catch (ObjectDisposedException)
        {
            // It was closed at this end.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Atomic.CompareExchange(ref _failure, e, null);
        }

        _ = self.StopAsync(StopMode.Now);
    }

    private async Coroutine EndReadingAsync(ActorRef<ConnectionCommand> self)
    {
        try
        {
            await HandOverAsync(new PeerEnded(self));
        }
        catch (HandlerIsClosedException)
        {
            // It may wait for this end.
        }

        NoteEnd(PeerHasEnded);
    }

    private async Coroutine WhilePausedAsync()
    {
        while (Atomic.Read(ref _isPaused))
            await Coroutine.SuspendAsync();
    }

    // Receives into a buffer that the reactor takes by itself. What has come in spite of a pause waits here. 0 at the end of what the other end sends.
    private async Coroutine<int> ReceiveAsync(ActorRef<ConnectionCommand> self, RingBuffers provided)
    {
        var piece = await connection.ReceiveAsync(provided);
        if (piece.Buffer is not { } buffer)
            return piece.Count;
        bool isHandedOver = false;
        try
        {
            await WhilePausedAsync();
            isHandedOver = true;
            await HandOverAsync(new Received(self, buffer, piece.Count));
            return piece.Count;
        }
        finally
        {
            if (!isHandedOver)
                buffer.Dispose();
        }
    }

    // 0 at the end of what the other end sends.
    private async Coroutine<int> TakeAsync(ActorRef<ConnectionCommand> self, BufferPool buffers)
    {
        if (!buffers.TryRent(options.ReadBytes, out var buffer))
            return await TakeLaterAsync(self, buffers);
        bool isHandedOver = false;
        try
        {
            int count = await connection.ReadAsync(buffer.Memory[..options.ReadBytes]);
            if (count == 0)
                return 0;
            isHandedOver = true; // with the duty to return the buffer
            await HandOverAsync(new Received(self, buffer, count));
            return count;
        }
        finally
        {
            if (!isHandedOver)
                buffer.Dispose();
        }
    }

    // There is no memory: the first byte waits here until there is some. The end of what the other end sends, and a breakage, need none.
    private async Coroutine<int> TakeLaterAsync(ActorRef<ConnectionCommand> self, BufferPool buffers)
    {
        byte[] first = new byte[1];
        if (await connection.ReadAsync(first) == 0)
            return 0;
        if (!_hasToldOfShortage)
            IoLog.NoMemoryToRead(System.Pool.Logger, connection, buffers.Options.MemoryLimitBytes);
        _hasToldOfShortage = true;
        for (var pause = s_firstPause; ; pause = pause < s_longestPause ? pause * 2 : pause)
        {
            await Coroutine.DelayAsync(pause);
            await WhilePausedAsync();
            if (!buffers.TryRent(options.ReadBytes, out var buffer))
                continue;
            first.CopyTo(buffer.Memory);
            return await FillAsync(self, buffer, first.Length);
        }
    }

    // What has come behind the first byte goes with it, so that memory that is short is not spent on single bytes. A breakage is told once, so it must not be lost with them.
    private async Coroutine<int> FillAsync(ActorRef<ConnectionCommand> self, IMemoryOwner<byte> buffer, int count)
    {
        bool isHandedOver = false;
        try
        {
            Exception? breakage = null;
            try
            {
                if (count < options.ReadBytes && connection.HasUnread)
                    count += await connection.ReadAsync(buffer.Memory[count..options.ReadBytes]);
            }
            catch (IOException e)
            {
                breakage = e;
            }

            isHandedOver = true; // with the duty to return the buffer
            await HandOverAsync(new Received(self, buffer, count));
            return breakage is null ? count : throw breakage;
        }
        finally
        {
            if (!isHandedOver)
                buffer.Dispose();
        }
    }

    // The task outlives a cancel of the coroutine: OnStoppedAsync waits for it.
    private async Coroutine HandOverAsync(ConnectionEvent message)
    {
        var task = OwnedLetters.HandOverAsync(handler, message, Coroutine.CancellationToken);
        Atomic.Write(ref _handOver, task);
        if (await task)
            return;
        throw handler.IsClosed ? new HandlerIsClosedException() : new IOException($"The full mailbox of {handler.Path} has rejected what {connection} has received: bound it with MailboxFullMode.Wait.");
    }

    private sealed class HandlerIsClosedException : Exception;
}
