// The end of a connection.
//
// A handler that takes no more, for it has begun to stop, may still answer what it has. So nothing more is read then, and the connection ends when the handler has stopped,
// or before that, when nothing can come any more: this side has ended its writing, and there is no more input, be it that the other end has ended or that nobody takes it. A
// handler may wait for that in its own stop.
//
// An actor that ends in order has sent what it was told before. Closing a socket beside input that nobody has read makes the system throw away what it has not sent yet, and
// reset the connection (RFC 2525, 2.17). So if there is such input this side ends first, and what still comes is read and dropped, until the other end has ended
// or CloseTimeout is over. The dropping is a coroutine: it shares its dispatcher however fast the input comes, and a stop of the system ends it.

using System.Net.Sockets;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

internal sealed partial class ConnectionActor
{
    private const int PeerHasEnded = 1;
    private const int WritingHasEnded = 2;
    private const int InputIsRefused = 4;

    // What is dropped is written here, by all connections at once, and read by nobody.
    private static readonly byte[] s_dropped = GC.AllocateUninitializedArray<byte>(16 * 1024, pinned: true);

    private int _ends;

    /// <summary>The handler has stopped, or nothing can come any more: what was told before is still sent, if the other end takes it in time. Any thread.</summary>
    public void End() => _ = EndInTimeAsync();

    // The end is told when nothing can come after it: the reader has ended, and what it was handing over has arrived or was taken back. Nobody waits for the handler
    // to take it, since it may be the handler who waits for this end.
    protected override async ValueTask OnStoppedAsync()
    {
        try
        {
            if (Atomic.Read(ref _failure) is null && !StoppingToken.IsCancellationRequested)
                await EndInOrderAsync();
        }
        finally
        {
            connection.Dispose();
            _watch.Remove(this);
        }

        await EndReaderAsync();
        await ((Task)Atomic.Read(ref _handOver)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = handler.SendAsync(new Closed(Self, Atomic.Read(ref _failure))).AsTask();
    }

    // Whatever the reader waits for: a handler that has stopped will not resume it, and the other end need not send anything any more.
    private async Task EndInTimeAsync()
    {
        var self = Self;
        await self.StopAsync().WaitAsync(options.CloseTimeout, System.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!self.IsStopped)
            _ = self.StopAsync(StopMode.Now);
    }

    private void NoteEnd(int end)
    {
        int ends = Atomic.Or(ref _ends, end) | end;
        if ((ends & WritingHasEnded) != 0 && (ends & (PeerHasEnded | InputIsRefused)) != 0)
            End();
    }

    private async ValueTask EndReaderAsync()
    {
        if (_reader is not { } reader)
            return;
        _reader = null;
        reader.Cancel();
        await reader.AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async ValueTask EndInOrderAsync()
    {
        await EndReaderAsync();
        try
        {
            if (connection.IsResetWhenClosed || !HasInputLeft())
                return;
            connection.EndWriting();
            await System.Spawn(DropInputAsync(StoppingToken)).AsTask();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It has ended otherwise, or is to.
        }
    }

    // After the reader's end.
    private bool HasInputLeft()
    {
        int ends = Atomic.Read(ref _ends);
        bool isTaken = Atomic.Read(ref _handOver) is { IsCompletedSuccessfully: true, Result: true };
        return (ends & InputIsRefused) != 0 || !isTaken || ((ends & PeerHasEnded) == 0 && connection.HasUnread);
    }

    private async Coroutine DropInputAsync(CancellationToken stoppingToken)
    {
        using var late = new CancellationTokenSource(options.CloseTimeout, System.TimeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stoppingToken);
        while (await connection.ReadAsync(s_dropped, limit.Token) > 0)
        {
        }
    }
}
