// The bytes that go one way: as the sender's seed says, and as they arrive. Attempted is counted before a write begins, so whatever arrives was attempted; a reader that is
// cancelled, times out or is replaced by another goes on where the last byte was taken. So whatever happens on the way, what has arrived is the beginning of what was sent,
// and after an end in order it is all of it.

using System.Net.Sockets;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>How a flow is read.</summary>
internal enum ReadStyle
{
    /// <summary>As fast as it comes.</summary>
    Plain,

    /// <summary>With tokens that are cancelled in the middle of reads.</summary>
    CancelledTokens,

    /// <summary>By coroutines that are cancelled in the middle of reads, one after the other.</summary>
    CancelledCoroutines,

    /// <summary>With deadlines that pass.</summary>
    Deadlines,

    /// <summary>Slowly, so that the sender has to wait.</summary>
    Slow,

    /// <summary>By a turn that blocks its thread now and then, so that its reactor changes hands.</summary>
    Blocking,
}

/// <summary>Bytes that go one way.</summary>
internal sealed class Flow(SoakContext context, string name, long length, ulong seed)
{
    private const int MostDisturbances = 20;
    private const int MostChunkBytes = 70_000;

    private static readonly TimeSpan s_block = TimeSpan.FromMilliseconds(8);

    private long _attempted;
    private long _arrived;
    private bool _givesUp;

    public long Length => length;

    /// <summary>What the sender has given to a write.</summary>
    public long Attempted => Volatile.Read(ref _attempted);

    /// <summary>What was read, and was right.</summary>
    public long Arrived => Volatile.Read(ref _arrived);

    /// <summary>The reader was told that no more will come.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Each read has a deadline, for the other end may fall silent.</summary>
    public bool IsWatched { get; init; }

    /// <summary>From now on a deadline that passes ends it.</summary>
    public bool GivesUp
    {
        get => Volatile.Read(ref _givesUp);
        set => Volatile.Write(ref _givesUp, value);
    }

    /// <summary>Sends all of it, and its end if that may be sent beside reads. With deadlines if <paramref name="timeout"/> says so.</summary>
    public async Coroutine SendAsync(IByteEnd to, Random random, TimeSpan timeout, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MostChunkBytes];
        int most = random.Next(3) switch { 0 => 100, 1 => 5_000, _ => MostChunkBytes };
        while (Attempted < length)
        {
            int count = (int)Math.Min(length - Attempted, random.Next(1, most + 1));
            SeedStream.Fill(seed, Attempted, buffer.AsSpan(0, count));
            Volatile.Write(ref _attempted, _attempted + count);
            await to.WriteAsync(buffer.AsMemory(0, count), random, timeout, cancellationToken);
            if (random.Next(40) == 0)
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(random.Next(3)));
        }

        if (to.MayEndWritingBesideReads)
            await to.EndWritingAsync();
    }

    /// <summary>Reads until the end; or all of it, if its end will come later.</summary>
    public async Coroutine ReceiveAsync(IByteEnd from, ReadStyle style, Random random)
    {
        byte[] buffer = new byte[random.Next(2) == 0 ? 2_000 : MostChunkBytes];
        if (style == ReadStyle.CancelledCoroutines)
            await ReceiveByManyAsync(from, buffer, random);
        for (int disturbances = 0; !HasEnded && (from.MayEndWritingBesideReads || Arrived < length);)
        {
            var wanted = disturbances < MostDisturbances ? style : ReadStyle.Plain;
            if (IsWatched)
                await ReadWithDeadlineAsync(from, buffer, random);
            else if (wanted != ReadStyle.Plain && random.Next(4) == 0)
                disturbances += await DisturbAsync(wanted, from, buffer, random) ? 1 : 0;
            else
                Take(buffer, await from.ReadAsync(buffer, random, Timeout.InfiniteTimeSpan, default));
        }
    }

    /// <summary>Sends and reads its end, after all of it.</summary>
    public async Coroutine EndAsync(IByteEnd to, IByteEnd from, Random random)
    {
        await to.EndWritingAsync();
        byte[] buffer = new byte[1];
        Take(buffer, await from.ReadAsync(buffer, random, Timeout.InfiniteTimeSpan, default));
    }

    /// <summary>Somebody else sends it, and may send all of it.</summary>
    public void ExpectAll() => Volatile.Write(ref _attempted, length);

    /// <summary>Takes what has arrived.</summary>
    public void Take(ReadOnlyMemory<byte> bytes, int count)
    {
        if (HasEnded)
            context.Ledger.Violate($"{name}: {count} bytes after the end");
        HasEnded |= count == 0;
        int wrong = SeedStream.FirstDifference(seed, _arrived, bytes.Span[..count]);
        if (wrong >= 0)
        {
            string what = $"{name}: byte {_arrived + wrong:N0} of {length:N0} is not the one that was sent (seed {seed})";
            context.Ledger.Violate(what);
            throw new InvalidOperationException(what);
        }

        Volatile.Write(ref _arrived, _arrived + count);
        context.Ledger.CountBytes(count);
    }

    /// <summary>At the end, of both sides: what has arrived is all of it, or what came before the trouble that was planned.</summary>
    public void Settle(SoakMessage transfer, bool isDisturbed)
    {
        bool isWhole = HasEnded && Arrived == length;
        context.Check(isWhole || isDisturbed, $"{name}: {Arrived:N0} of {length:N0} bytes have arrived ({Attempted:N0} were given to writes), {(HasEnded ? "with" : "without")} the end");
        context.Check(Arrived <= Attempted, $"{name}: {Arrived:N0} bytes have arrived, and {Attempted:N0} were sent");
        transfer.Settle(isWhole ? Fate.Handled : Fate.Dead);
    }

    /// <summary>True for what a transfer may end with that somebody has disturbed.</summary>
    public static bool IsTrouble(Exception e) => e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or TimeoutException;

    // True if the style has come to bear.
    private async Coroutine<bool> DisturbAsync(ReadStyle style, IByteEnd from, byte[] buffer, Random random)
    {
        switch (style)
        {
            case ReadStyle.CancelledTokens when from.MayCancelReads:
                return await ReadCancelledAsync(from, buffer, random);
            case ReadStyle.Deadlines when from.HasDeadlines:
                return await ReadWithDeadlineAsync(from, buffer, random);
            case ReadStyle.Slow:
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(random.Next(4)));
                return true;
            case ReadStyle.Blocking:
                Thread.Sleep(s_block);
                return true;
            default:
                Take(buffer, await from.ReadAsync(buffer, random, Timeout.InfiniteTimeSpan, default));
                return true;
        }
    }

    private async Coroutine<bool> ReadCancelledAsync(IByteEnd from, byte[] buffer, Random random)
    {
        using var cancel = new CancellationTokenSource();
        if (random.Next(2) == 0)
            cancel.CancelAfter(random.Next(1, 3));
        else
            ThreadPool.UnsafeQueueUserWorkItem(static cancel => Cancel(cancel), cancel, preferLocal: false);
        try
        {
            Take(buffer, await from.ReadAsync(buffer, random, Timeout.InfiniteTimeSpan, cancel.Token));
            return false;
        }
        catch (OperationCanceledException e) when (e.CancellationToken == cancel.Token)
        {
            return true;
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The read was faster.
        }
    }

    private async Coroutine<bool> ReadWithDeadlineAsync(IByteEnd from, byte[] buffer, Random random)
    {
        try
        {
            Take(buffer, await from.ReadAsync(buffer, random, TimeSpan.FromMilliseconds(random.Next(1, 4)), default));
            return false;
        }
        catch (TimeoutException) when (!GivesUp)
        {
            return true;
        }
    }

    private async Coroutine ReceiveByManyAsync(IByteEnd from, byte[] buffer, Random random)
    {
        for (int i = 0; i < MostDisturbances && !HasEnded && from.MayCancelReads; i++)
        {
            var reader = Coroutine.Spawn(ReceivePlainAsync(from, buffer, new Random(random.Next())));
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(random.Next(3)));
            reader.Cancel();
            try
            {
                await reader;
            }
            catch (OperationCanceledException) when (reader.State == CoroutineState.Cancelled)
            {
                // The next one goes on. If it is this coroutine that was cancelled, the reader is about to end, and there is no next one.
            }
        }
    }

    private async Coroutine ReceivePlainAsync(IByteEnd from, byte[] buffer, Random random)
    {
        while (!HasEnded)
            Take(buffer, await from.ReadAsync(buffer, random, Timeout.InfiniteTimeSpan, default));
    }
}
