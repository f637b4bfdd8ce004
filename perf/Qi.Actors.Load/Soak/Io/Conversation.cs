// Two ends that send and read at the same time, each flow in coroutines of its own. One of them may be struck by a trouble in the middle; then all four must end soon, with
// what is known as trouble, and what had arrived before must be right.

namespace Qi.Actors.Load.Soak.Io;

/// <summary>What happens to a conversation.</summary>
internal enum Trouble
{
    /// <summary>Nothing: both flows arrive whole.</summary>
    None,

    /// <summary>One end is closed in the middle. Over TCP with a linger time of zero that is a reset.</summary>
    Close,

    /// <summary>A write is cancelled by its token, and its end closed.</summary>
    CancelledWrite,

    /// <summary>The coroutines of one end are cancelled, and it is closed.</summary>
    CancelledCoroutines,

    /// <summary>One end says nothing any more and does not close: the other one goes by its deadlines.</summary>
    Silence,
}

/// <summary>Two ends at work.</summary>
internal sealed class Conversation(SoakContext context, string name, Trouble trouble, Random random)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMilliseconds(40);

    private readonly List<JoinHandle> _ofFirst = [];
    private readonly List<JoinHandle> _ofSecond = [];
    private readonly SoakMessage _thereTransfer = context.Ledger.NewMessage();
    private readonly SoakMessage _backTransfer = context.Ledger.NewMessage();
    private Exception? _firstFailure;

    /// <summary>Chooses a trouble that the ends can have.</summary>
    public static Trouble Choose(Random random, bool hasDeadlines)
        => (Trouble)random.Next((int)Trouble.Close, (int)(hasDeadlines ? Trouble.Silence : Trouble.CancelledCoroutines) + 1);

    /// <summary>Runs it to its end, and closes both.</summary>
    public async Coroutine RunAsync(IByteEnd first, IByteEnd second)
    {
        using var firstEnd = first;
        using var secondEnd = second;
        bool isDisturbed = trouble != Trouble.None;
        var there = NewFlow(">");
        var back = NewFlow("<");
        using var cancelWrite = new CancellationTokenSource();
        var timeout = trouble == Trouble.Silence ? s_deadline : Timeout.InfiniteTimeSpan;
        _ofFirst.Add(Start(there.SendAsync(first, Fork(), Timeout.InfiniteTimeSpan, cancelWrite.Token), first, isDisturbed));
        _ofFirst.Add(Start(back.ReceiveAsync(first, Style(), Fork()), first, isDisturbed));
        _ofSecond.Add(Start(back.SendAsync(second, Fork(), timeout, default), second, isDisturbed));
        _ofSecond.Add(Start(there.ReceiveAsync(second, Style(), Fork()), second, isDisturbed));
        if (isDisturbed)
            await StrikeAsync(first, cancelWrite, there, back);
        foreach (var part in _ofSecond.Concat(_ofFirst))
            await EndOf(part);
        if (_firstFailure is { } cause)
            throw new InvalidOperationException($"{name}: the first that went wrong was {cause.Message}", cause);
        if (!isDisturbed && !first.MayEndWritingBesideReads)
        {
            await there.EndAsync(first, second, Fork());
            await back.EndAsync(second, first, Fork());
        }

        there.Settle(_thereTransfer, isDisturbed);
        back.Settle(_backTransfer, isDisturbed);
    }

    private async Coroutine StrikeAsync(IByteEnd first, CancellationTokenSource cancelWrite, Flow there, Flow back)
    {
        for (int yields = random.Next(30); yields > 0; yields--)
            await Coroutine.YieldAsync();
        if (random.Next(3) > 0)
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(random.Next(12)));
        switch (trouble)
        {
            case Trouble.Close:
                first.Dispose();
                break;
            case Trouble.CancelledWrite:
                await cancelWrite.CancelAsync();
                await EndOf(_ofFirst[0]);
                first.Dispose();
                break;
            case Trouble.CancelledCoroutines:
                CancelFirst();
                foreach (var part in _ofFirst)
                    await EndOf(part);
                first.Dispose();
                break;
            default:
                there.GivesUp = true;
                back.GivesUp = true;
                CancelFirst();
                break;
        }
    }

    private void CancelFirst()
    {
        foreach (var part in _ofFirst)
            part.Cancel();
    }

    private Flow NewFlow(string direction)
    {
        long length = random.Next(4) switch { 0 => random.Next(100), 1 => random.Next(10_000), 2 => random.Next(200_000), _ => random.Next(2_000_000) };
        return new Flow(context, $"{name} {direction}", length, (ulong)random.NextInt64()) { IsWatched = trouble == Trouble.Silence };
    }

    private ReadStyle Style() => random.Next(3) == 0 ? ReadStyle.Plain : (ReadStyle)random.Next((int)ReadStyle.Blocking + 1);

    private Random Fork() => new(random.Next());

    private JoinHandle Start(Coroutine part, IByteEnd end, bool isDisturbed) => Coroutine.Spawn(GuardAsync(part, end, isDisturbed));

    // Whoever fails closes his end, so that the other side does not wait for him: it is a trouble, or it is reported. Who only falls silent does not.
    private async Coroutine GuardAsync(Coroutine part, IByteEnd end, bool isDisturbed)
    {
        try
        {
            await part;
        }
        catch (OperationCanceledException) when (trouble is Trouble.CancelledWrite or Trouble.CancelledCoroutines or Trouble.Silence)
        {
            throw;
        }
        catch (Exception e)
        {
            if (!isDisturbed || !Flow.IsTrouble(e))
                Interlocked.CompareExchange(ref _firstFailure, e, null); // before the other parts fail of the close
            end.Dispose();
        }
    }

    private static async Coroutine EndOf(JoinHandle part)
    {
        try
        {
            await part;
        }
        catch (OperationCanceledException) when (part.State == CoroutineState.Cancelled)
        {
            // As was planned.
        }
    }
}
