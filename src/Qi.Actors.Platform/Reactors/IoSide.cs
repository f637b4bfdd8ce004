// One direction of a descriptor: who uses it, whether it is ready, who waits. The word holds flags (8 bits), a tick that counts the reactor's
// events (24 bits) and the number of the use (32 bits).
//
//   Busy       somebody uses the side: from TryBegin to End, one at a time (I1)
//   Waiting    the use waits for the next event; whoever clears this flag owns the operation, and ends it or tries again (I2)
//   Ready      a system call may succeed; false only after one that had to wait, with no event since (I3)
//   Ended      the other end will send no more: what was read short is not the end of readiness (I4)
//   Cancelled  the use is to end as soon as it would wait
//   Closed     no further use; set once
//
//   submitter  T0 begin: compare-exchange: set Busy    T1 read the word    T2 system call: must wait    T3 compare-exchange: tick as in T1? clear Ready, set Waiting : from T1
//   reactor    E0 an event: Ready, and not Busy? it is no news    E1 compare-exchange: set Ready, count the tick, clear Waiting if set
//              E2 it was set: try the operation as the submitter does
// The kernel changes the state of the descriptor before it reports the event. If the call at T2 came before that change, the event comes after
// T1: T3 either sees its tick and tries again, or comes first, and E1 finds Waiting. So no event is lost (I3).
// If E0 finds nobody, T0 of the next use comes after that look, and T2 after T0. Between the kernel's change and E0 is a full fence (the reactor's, one for all events of
// a Wait), and T0 is one: not both can miss what the other has done, so T2 meets the descriptor as the event has it.
//
// I5: Operation is written by the one who has set Busy, before Waiting can be set, and read by whoever clears Waiting; the exchanges order the two.
// I6: Close sets Closed and then reads Operation, TryBegin sets Operation, then a full fence, then the reactor of completions reads Closed: one sees the other.
// Each side gives its share of the descriptor back once: in Close if nobody uses it, else in the End of that use.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Qi.Actors.Platform;

/// <summary>What came of the wish to use a side.</summary>
public enum IoBegin
{
    /// <summary>The side is the operation's until it ends.</summary>
    Begun,

    /// <summary>Another operation uses the side.</summary>
    Busy,

    /// <summary>The handle is closed.</summary>
    Closed,
}

/// <summary>What came of the wish to wait for an event.</summary>
internal enum IoWait
{
    /// <summary>The next event owns the operation.</summary>
    Waiting,

    /// <summary>An event has come meanwhile: try again.</summary>
    TryAgain,

    /// <summary>The use is to end.</summary>
    Cancelled,
}

/// <summary>A direction of a descriptor.</summary>
internal struct IoSide
{
    private const long Busy = 1;
    private const long Waiting = 2;
    private const long Ready = 4;
    private const long Ended = 8;
    private const long Cancelled = 16;
    private const long Closed = 32;
    private const long OneTick = 1L << 8;
    private const long TickMask = 0xFFFFFFL << 8;
    private const int UseShift = 32;
    private const long FlagMask = 0xFF;

    private long _word;
    private IoOperation? _operation;

    /// <summary>As long as no call had to wait, the side may be ready.</summary>
    public static IoSide Fresh => new() { _word = Ready };

    public long Seen
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Atomic.Read(ref _word);
    }

    public bool IsClosed => (Atomic.Read(ref _word) & Closed) != 0;

    public static bool IsReady(long seen) => (seen & Ready) != 0;

    /// <summary>True if the use that this word was read in is to end.</summary>
    public static bool IsCancelled(long seen) => (seen & (Cancelled | Closed)) != 0;

    /// <summary>The operation in use, if there is one. Any thread; another one may be there at the next moment.</summary>
    public IoOperation? Current => Atomic.Read(ref _operation);

    /// <summary>Takes the side for an operation (I1).</summary>
    public IoBegin TryBegin(IoOperation operation)
    {
        while (true)
        {
            long seen = Atomic.Read(ref _word);
            if ((seen & Closed) != 0)
                return IoBegin.Closed;
            if ((seen & Busy) != 0)
                return IoBegin.Busy;
            int use = (int)(seen >> UseShift) + 1;
            long begun = ((long)use << UseShift) | (seen & (TickMask | Ready | Ended)) | Busy;
            if (Atomic.CompareExchange(ref _word, begun, seen) != seen)
                continue;
            operation.Use = use;
            Atomic.Write(ref _operation, operation); // I5
            return IoBegin.Begun;
        }
    }

    /// <summary>T3. The user of the side.</summary>
    public IoWait TryWait(long seenBefore)
    {
        while (true)
        {
            long seen = Atomic.Read(ref _word);
            Debug.Assert((seen & (Busy | Waiting)) == Busy, "I1, I2: whoever is about to wait owns the operation.");
            if ((seen & (Cancelled | Closed)) != 0)
                return IoWait.Cancelled;
            if ((seen & TickMask) != (seenBefore & TickMask))
                return IoWait.TryAgain;
            if (Atomic.CompareExchange(ref _word, (seen & ~Ready) | Waiting, seen) == seen)
                return IoWait.Waiting;
        }
    }

    /// <summary>Before the first <see cref="Signal"/> of what a Wait has found: the full fence of E0.</summary>
    public static void BeginSignals() => Atomic.Fence();

    /// <summary>E0, E1: an event. The operation that waited is the caller's then.</summary>
    public IoOperation? Signal(bool hasEnded)
    {
        while (true)
        {
            long seen = Atomic.Read(ref _word);
            if ((seen & (Busy | Ready)) == Ready && (!hasEnded || (seen & Ended) != 0))
                return null; // E0
            long signalled = (seen & ~(Waiting | TickMask)) | ((seen + OneTick) & TickMask) | Ready | (hasEnded ? Ended : 0);
            if (Atomic.CompareExchange(ref _word, signalled, seen) == seen)
                return (seen & Waiting) != 0 ? _operation : null;
        }
    }

    /// <summary>A use is to end. If it waits, its operation is the caller's then; else whoever has it will see this. Any thread.</summary>
    public IoOperation? Cancel(int use)
    {
        while (true)
        {
            long seen = Atomic.Read(ref _word);
            if ((int)(seen >> UseShift) != use || (seen & Busy) == 0 || (seen & Cancelled) != 0)
                return null;
            if (Atomic.CompareExchange(ref _word, (seen & ~Waiting) | Cancelled, seen) == seen)
                return (seen & Waiting) != 0 ? _operation : null;
        }
    }

    /// <summary>The use is over; true if the side was closed meanwhile, so that its share of the descriptor is given back. The user of the side.</summary>
    public bool End() => End(isEmptied: false, 0);

    /// <summary>As <see cref="End()"/>, after a call that has taken all there was: the next one would wait, unless an event has come since (I4).</summary>
    public bool EndEmptied(long seenBefore) => End(isEmptied: true, seenBefore);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool End(bool isEmptied, long seenBefore)
    {
        Atomic.Write(ref _operation, null!);
        while (true)
        {
            long seen = Atomic.Read(ref _word);
            Debug.Assert((seen & (Busy | Waiting)) == Busy, "I1, I2: whoever ends an operation owns it.");
            bool isDry = isEmptied && (seen & Ended) == 0 && (seen & TickMask) == (seenBefore & TickMask);
            if (Atomic.CompareExchange(ref _word, seen & ~(Busy | Cancelled | (isDry ? Ready : 0)), seen) == seen)
                return (seen & Closed) != 0;
        }
    }

    /// <summary>
    /// No further use. What waited is in <paramref name="waiting"/>, and the caller's; what is in the hands of another thread or of the operating system is in
    /// <paramref name="inProgress"/>. True if nobody uses the side: its share of the descriptor is given back. False also if it was closed before.
    /// </summary>
    public bool Close(out IoOperation? waiting, out IoOperation? inProgress)
    {
        waiting = null;
        inProgress = null;
        while (true)
        {
            long seen = Atomic.Read(ref _word);
            if ((seen & Closed) != 0)
                return false;
            if (Atomic.CompareExchange(ref _word, (seen & ~Waiting) | Closed, seen) != seen)
                continue;
            if ((seen & Busy) == 0)
                return true;
            if ((seen & Waiting) != 0)
                waiting = _operation;
            else
                inProgress = Atomic.Read(ref _operation); // I6
            return false;
        }
    }

    public readonly override string ToString() => $"use {_word >> UseShift}, flags {_word & FlagMask}";
}
