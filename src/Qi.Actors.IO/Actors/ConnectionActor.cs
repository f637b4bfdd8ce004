// A connection as an actor: commands are its messages, and a coroutine beside it reads. The two share the connection, which takes one reader and one writer,
// whether reading is paused, and what has broken the connection first.
//
// Backpressure. Reading: the coroutine hands each piece over with SendAsync, which waits while the handler's bounded mailbox is full; meanwhile nothing is read, the
// system's buffer fills, and the other end stops. An idle connection holds no buffer: with io_uring the kernel takes one of the reactor's when something has come
// (docs/adr/0021), and otherwise it waits for input before it takes one. Writing: a command is handled when the one before it was sent; a sender that must not run ahead
// bounds the mailbox (ConnectionActorOptions.Commands) and uses SendAsync.
//
// The end. A handler that takes no more, for it has begun to stop, may still answer what it has: then nothing more is read, and the connection ends when the handler has
// stopped, or when both sides have ended (nothing can come any more; a handler may wait for that in its own stop). An actor that stops in order sends what it was told
// before. Closing a socket beside input that nobody has read makes the system throw away what it has not sent yet, and reset the connection (RFC 2525, 2.17): so if there is
// such input this side ends first, and what still comes is read and dropped, until the other end has ended or CloseTimeout is over.

using System.Net.Sockets;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>How a connection's actor works.</summary>
public sealed record ConnectionActorOptions
{
    private const int LeastBytes = 1;
    private const int MostBytes = 64 * 1024;

    private static readonly TimeSpan s_longestClose = TimeSpan.FromDays(1);

    /// <summary>How much is read at once. <b>Units</b>: bytes. Default 4,096, for which io_uring has buffers in advance; 1 to 65,536.</summary>
    public int ReadBytes { get; init; } = 4096;

    /// <summary>Whether reading waits for <see cref="ResumeReading"/> from the beginning. Default false.</summary>
    public bool StartsPaused { get; init; }

    /// <summary>The actor's own options, such as a bound of its mailbox. Default none: unbounded.</summary>
    public ActorOptions? Commands { get; init; }

    /// <summary>
    /// How long what the connection was told to send may take once its handler has stopped, and how long one that is closed beside input which nobody has read waits for the
    /// other end to end; then it is closed all the same. Default 5 s; zero closes it at once, and <see cref="Timeout.InfiniteTimeSpan"/> waits for as long as the other end takes.
    /// </summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal void Validate()
    {
        if (ReadBytes is < LeastBytes or > MostBytes)
            throw Refusal.Of(nameof(ReadBytes), ReadBytes, "1 to 65,536 bytes");
        if (CloseTimeout != Timeout.InfiniteTimeSpan && (CloseTimeout < TimeSpan.Zero || CloseTimeout > s_longestClose))
            throw Refusal.Of(nameof(CloseTimeout), CloseTimeout, "zero to a day, or Timeout.InfiniteTimeSpan");
    }
}

/// <summary>The actor of a connection.</summary>
internal sealed class ConnectionActor(SocketConnection connection, ActorRef<ConnectionEvent> handler, ConnectionActorOptions options)
    : AsyncActor<ConnectionCommand>
{
    private const int NoBuffer = -1;
    private const int PeerHasEnded = 1;
    private const int WritingHasEnded = 2;

    private readonly HandlerWatch _watch = HandlerWatch.Of(handler);
    private JoinHandle? _reader;
    private Task<bool> _handOver = Task.FromResult(true);
    private bool _isPaused = options.StartsPaused;
    private bool _isToldToClose;
    private bool _isInputRefused;
    private int _ends;
    private Exception? _failure;

    protected override ValueTask OnStartedAsync()
    {
        if (!_watch.TryAdd(this))
            EndWithHandler();
        _reader = System.Spawn(ReadAsync(Self));
        return default;
    }

    /// <summary>The handler has stopped: what was told before is still sent, if the other end takes it in time. Any thread.</summary>
    public void EndWithHandler() => _ = EndAsync();

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
                    NoteEnd(WritingHasEnded);
                    break;
                case CloseConnection:
                    _isToldToClose = true;
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

    // The end is told when nothing can come after it: the reader has ended, and what it was handing over has arrived or was taken back. Nobody waits for the handler
    // to take it, since it may be the handler who waits for this end.
    protected override async ValueTask OnStoppedAsync()
    {
        bool isInOrder = Atomic.Read(ref _failure) is null && (_isToldToClose || !StoppingToken.IsCancellationRequested);
        if (!isInOrder)
            connection.Dispose();
        _watch.Remove(this);
        if (_reader is { } reader)
        {
            reader.Cancel();
            await reader.AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        if (isInOrder)
            await CloseInOrderAsync();
        await ((Task)Atomic.Read(ref _handOver)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = handler.SendAsync(new Closed(Self, Atomic.Read(ref _failure))).AsTask();
    }

    private async ValueTask CloseInOrderAsync()
    {
        try
        {
            if (!Atomic.Read(ref _isInputRefused) && !connection.HasUnread)
                return;
            connection.EndWriting();
            using var late = new CancellationTokenSource(options.CloseTimeout, System.TimeProvider);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _isToldToClose ? CancellationToken.None : StoppingToken);
            using var dropped = System.GetBuffers().Rent(options.ReadBytes);
            while (await connection.ReadAsync(dropped.Memory, limit.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or BufferLimitException)
        {
            // It has ended otherwise.
        }
        finally
        {
            connection.Dispose();
        }
    }

    // Whatever the reader waits for: a handler that has stopped will not resume it, and the other end need not send anything any more.
    private async Task EndAsync()
    {
        var self = Self;
        await self.StopAsync().WaitAsync(options.CloseTimeout, System.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!self.IsStopped)
            _ = self.StopAsync(StopMode.Now);
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

    // Nothing can come any more when both sides have ended. A handler that is not about to stop decides itself what comes of that.
    private void NoteEnd(int end)
    {
        if ((Atomic.Or(ref _ends, end) | end) == (PeerHasEnded | WritingHasEnded) && handler.IsClosed)
            EndWithHandler();
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
        var buffer = buffers.Rent(options.ReadBytes);
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

    // The task outlives a cancel of the coroutine: OnStoppedAsync waits for it.
    private async Coroutine HandOverAsync(ConnectionEvent message)
    {
        var task = OwnedLetters.HandOverAsync(handler, message, Coroutine.CancellationToken);
        Atomic.Write(ref _handOver, task);
        if (await task)
            return;
        if (message is Received)
            Atomic.Write(ref _isInputRefused, true);
        throw handler.IsClosed ? new HandlerIsClosedException() : new IOException($"The full mailbox of {handler.Path} has rejected what {connection} has received: bound it with MailboxFullMode.Wait.");
    }

    private sealed class HandlerIsClosedException : Exception;
}
