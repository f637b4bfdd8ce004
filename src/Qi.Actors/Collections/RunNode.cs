// A run of messages: one link of a mailbox's list that holds up to 16 messages of one sending thread. A thread that sends to the same
// mailbox again and again appends to the run it has enqueued, as long as that is still the last link: no node, no exchange of the
// tail, and neighbours in memory for the receiver.
//
// _state packs the number of claimed slots, a Closed bit and a use number.
//   sender (the one thread that opened this use)   claim: state -> state + 1, by compare-exchange; write the slot; _published := count
//   receiver                                       close: state -> state | Closed, by compare-exchange, when all claimed slots are taken
//
// N1: a claim succeeds only on the exact state of the sender's own use: not on a closed run, and not on one that was given back and
//     opened again, by whomever (the use number differs). So nobody else's slots are ever written.
// N2: a slot is read only when it lies below _published: the release of that write pairs with the receiver's acquire.
// N3: a run is given back only when it is closed and all its claimed slots were taken; so a successful claim is always received.
// N4: the sender appends only to the mailbox's last link, so a message never overtakes one that was sent before it, by anyone.
// Use numbers have 55 bits: they do not come round again.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Collections;

/// <summary>A link that holds several messages of one sending thread.</summary>
internal sealed class RunNode<T> : MessageNode
{
    public const int Capacity = 16;

    private const long CountMask = 0xFF;
    private const long ClosedFlag = 1 << 8;
    private const long OneUse = 1 << 9;

    private long _state = ClosedFlag;
    private int _published;
    private int _taken;
    private Slots _slots;

    public override int MessageCount => Math.Max(0, (int)(Atomic.Read(ref _state) & CountMask) - _taken);

    public override object? Boxed => null;

    /// <summary>Begins a use with its first message; returns the state that the sender must keep. Before the node is enqueued.</summary>
    public long Open(T message)
    {
        _slots[0] = message;
        _taken = 0;
        _published = 1;
        long state = (_state & ~(OneUse - 1)) + OneUse + 1;
        Atomic.Write(ref _state, state);
        return state;
    }

    /// <summary>Adds a message, if this use is still open and has room. Sender.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAppend(T message, ref long state)
    {
        long expected = state;
        int index = (int)(expected & CountMask);
        if (index == Capacity || Atomic.CompareExchange(ref _state, expected + 1, expected) != expected)
            return false;
        _slots[index] = message;
        Atomic.Write(ref _published, index + 1);
        state = expected + 1;
        return true;
    }

    /// <summary>Takes the next message that is there. Receiver.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out T message)
    {
        int index = _taken;
        if (index >= Atomic.Read(ref _published))
        {
            message = default!;
            return false;
        }

        _taken = index + 1;
        message = _slots[index];
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            _slots[index] = default!;
        return true;
    }

    /// <summary>True if a sender's use holds its first message only.</summary>
    public static bool IsSingle(long state) => (state & CountMask) == 1;

    /// <summary>True if everything that was claimed so far has been taken. Receiver; the sender may prove it wrong at once.</summary>
    public bool IsAtEnd => (Atomic.Read(ref _state) & CountMask) == _taken;

    /// <summary>True if a message is there to be taken. Receiver.</summary>
    public bool HasWritten => _taken < Atomic.Read(ref _published);

    /// <summary>Closes a run that is at its end. False if a message was claimed meanwhile, or is not written yet. Receiver.</summary>
    public bool TryClose()
    {
        long seen = Atomic.Read(ref _state);
        if ((seen & ClosedFlag) != 0)
            return (seen & CountMask) == _taken;
        return (seen & CountMask) == _taken && Atomic.CompareExchange(ref _state, seen | ClosedFlag, seen) == seen;
    }

    [InlineArray(Capacity)]
    private struct Slots
    {
        private T _first;
    }
}

/// <summary>Runs, whatever the type of their messages: references share one kind of run.</summary>
internal static class Runs
{
    // Larger messages travel in plain nodes: 16 of them would make a link of kilobytes.
    private const int MaxMessageBytes = 64;

    /// <summary>True if messages of this type are worth a run.</summary>
    public static bool Fit<T>()
    {
        if (typeof(T).IsValueType)
            return Unsafe.SizeOf<T>() <= MaxMessageBytes;
        return true;
    }

    /// <summary>True for a run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsRun<T>(MessageNode node)
        => typeof(T).IsValueType ? node.GetType() == typeof(RunNode<T>) : node.GetType() == typeof(RunNode<object>);

    /// <summary>Opens a run with its first message.</summary>
    public static MessageNode Open<T>(T message, out long state)
    {
        var node = typeof(T).IsValueType ? RunMagazine<T>.Instance.Rent() : RunMagazine<object>.Instance.Rent();
        state = typeof(T).IsValueType ? Unsafe.As<RunNode<T>>(node).Open(message) : Unsafe.As<RunNode<object>>(node).Open(message!);
        return node;
    }

    /// <summary>Adds a message, if the run is still open and has room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAppend<T>(MessageNode run, T message, ref long state)
        => typeof(T).IsValueType
            ? Unsafe.As<RunNode<T>>(run).TryAppend(message, ref state)
            : Unsafe.As<RunNode<object>>(run).TryAppend(message!, ref state);

    /// <summary>Takes the next message that is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake<T>(MessageNode run, out T message)
    {
        if (typeof(T).IsValueType)
            return Unsafe.As<RunNode<T>>(run).TryTake(out message);
        bool isTaken = Unsafe.As<RunNode<object>>(run).TryTake(out object? taken);
        message = Unsafe.As<object?, T>(ref taken!);
        return isTaken;
    }

    /// <summary>True if everything that was claimed so far has been taken.</summary>
    public static bool IsAtEnd<T>(MessageNode run)
        => typeof(T).IsValueType ? Unsafe.As<RunNode<T>>(run).IsAtEnd : Unsafe.As<RunNode<object>>(run).IsAtEnd;

    /// <summary>True if a message is there to be taken.</summary>
    public static bool HasWritten<T>(MessageNode run)
        => typeof(T).IsValueType ? Unsafe.As<RunNode<T>>(run).HasWritten : Unsafe.As<RunNode<object>>(run).HasWritten;

    /// <summary>Closes a run that is at its end.</summary>
    public static bool TryClose<T>(MessageNode run)
        => typeof(T).IsValueType ? Unsafe.As<RunNode<T>>(run).TryClose() : Unsafe.As<RunNode<object>>(run).TryClose();

    /// <summary>Gives a closed run back.</summary>
    public static void Return<T>(MessageNode run)
    {
        if (typeof(T).IsValueType)
            RunMagazine<T>.Instance.Return(run);
        else
            RunMagazine<object>.Instance.Return(run);
    }

    /// <summary>Nothing can be taken from a run at this moment: closes it if it is at its end.</summary>
    public static RunEnd TryEnd<T>(MessageNode run)
    {
        for (int i = 0; i < SpinLimits.RunSlot; i++)
        {
            if (TryClose<T>(run))
                return RunEnd.Closed;
            if (HasWritten<T>(run))
                return RunEnd.HasMore;
            Atomic.Pause();
        }

        return RunEnd.Gap;
    }
}

/// <summary>What became of the end of a run.</summary>
internal enum RunEnd
{
    /// <summary>It is closed: nothing more will be in it.</summary>
    Closed,

    /// <summary>Another message was written meanwhile.</summary>
    HasMore,

    /// <summary>A sender has claimed a slot and lost its core before writing it.</summary>
    Gap,
}

/// <summary>A thread's free runs for messages of one type.</summary>
internal sealed class RunMagazine<T>() : Magazine(s_depot)
{
    private const int DepotLimit = 512;

    private static readonly MagazineDepot s_depot = new(DepotLimit);

    [ThreadStatic]
    private static RunMagazine<T>? t_instance;

    /// <summary>The calling thread's magazine.</summary>
    public static RunMagazine<T> Instance => t_instance ??= new RunMagazine<T>();

    protected override MessageNode Create() => typeof(T).IsValueType ? new RunNode<T>() : new RunNode<object>();
}
