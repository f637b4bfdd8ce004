// The idea: one 32-bit word, which the kernel can compare and sleep on in one step.
//
// The word: Empty (0, no permit), Parked (1, the owner sleeps or is about to), Notified (2, there is a permit), InReactor (3, the owner waits
// in a reactor, or is about to).
//   written by the owner: Empty -> Parked or InReactor, Parked or InReactor -> Empty (something else ended it), Notified -> Empty (takes the permit)
//   written by any thread: any -> Notified (gives the permit)
//
// F1. Only the owner writes Parked, InReactor and Empty, and only inside Park: outside of Park the word is Empty or Notified.
// F2. Park returns true only after its own exchange took Notified away, or after Dispose: one permit wakes one Park.
// F3. Whoever replaces Parked or InReactor makes the wake call, and only he: an Unpark while the owner is awake costs no system call. The
//     kernel sleeps only if the word still is Parked, so a permit given between the owner's CAS and its sleep is not missed. A reactor's
//     wake is kept: it ends the present wait or the next one, so one that comes before the wait, or after it, is not missed either; in the
//     latter case a later wait ends for nothing.
// F4. Unpark always exchanges, even if the word is Notified already: a plain look would not order the caller's earlier stores
//     before the look, and the owner, which may just be taking the old permit, would go back to sleep without seeing them.
//
// The word lives in a pinned array rather than in native memory, so that an Unpark that races with Dispose touches memory that
// the collector still keeps. It has a cache line to itself.
//
// Rejected: eventcounts and semaphores (a counted permit makes the owner spin through stale wake-ups), and Monitor (two locked
// operations and a lock to wake).
// Source: U. Drepper, "Futexes are tricky", 2011; the permit is that of LockSupport.park.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Linux;

[SupportedOSPlatform("linux")]
internal sealed unsafe class FutexParker
{
    private const int Empty = 0;
    private const int Parked = 1;
    private const int Notified = 2;
    private const int InReactor = 3;

    // Immutable. The array keeps what _word points to alive.
    private readonly int[] _memory = GC.AllocateArray<int>(CacheLine.PaddedSize / sizeof(int), pinned: true);
    private readonly int* _word;

    // The owner, before it writes InReactor.
    private Reactor? _reactor;

    // Any thread, false -> true.
    private bool _isDisposed;

    internal FutexParker()
        => _word = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory)) + (CacheLine.Size / sizeof(int));

    internal bool Park(long timeoutNs)
    {
        // Pairs with the exchange in Unpark: what its caller wrote is visible once the permit is taken.
        if (TryTakePermit())
        {
            return true;
        }

        if (Atomic.Read(ref _isDisposed))
        {
            return true;
        }

        if (timeoutNs == 0)
        {
            return false;
        }

        // Pairs with the exchange in Unpark: it sees Parked and wakes, or this sees Notified and does not sleep.
        int before = Atomic.CompareExchange(ref *_word, Parked, Empty);
        if (before == Notified)
        {
            return TryTakePermit();
        }

        Debug.Assert(before == Empty, "Two threads park on one parker: only its owner may.");
        return timeoutNs < 0 ? WaitForEver() : WaitUntil(Clock.NowNs(), timeoutNs);
    }

    internal bool ParkIn(Reactor reactor, long timeoutNs, int mostEvents, out int events)
    {
        Atomic.Write(ref _reactor, reactor);
        if (Atomic.Read(ref _isDisposed) || Atomic.CompareExchange(ref *_word, InReactor, Empty) == Notified)
        {
            _ = TryTakePermit();
            events = reactor.Wait(0, mostEvents);
            return true;
        }

        events = reactor.Wait(timeoutNs, mostEvents);
        return Atomic.Exchange(ref *_word, Empty) == Notified;
    }

    internal void Unpark()
    {
        // Pairs with the CAS and the exchanges in Park.
        switch (Atomic.Exchange(ref *_word, Notified))
        {
            case Parked:
                _ = Syscalls.FutexWakeOne(_word);
                break;
            case InReactor:
                Atomic.Read(ref _reactor)!.Wake();
                break;
        }

        GC.KeepAlive(this);
    }

    internal void Dispose()
    {
        // Before the permit: a Park that takes this permit is followed by one that must see the flag.
        Atomic.Write(ref _isDisposed, true);
        Unpark();
    }

    private bool TryTakePermit() => Atomic.CompareExchange(ref *_word, Empty, Notified) == Notified;

    private bool WaitForEver()
    {
        do
        {
            Check(Syscalls.FutexWait(_word, Parked, null));
        }
        while (!TryTakePermit());
        return true;
    }

    private bool WaitUntil(long startNs, long timeoutNs)
    {
        long remainingNs = timeoutNs;
        while (true)
        {
            Timespec timeout;
            timeout.Seconds = (nint)Math.Min(remainingNs / Clock.NsPerSecond, int.MaxValue);
            timeout.Nanoseconds = (nint)(remainingNs % Clock.NsPerSecond);
            Check(Syscalls.FutexWait(_word, Parked, &timeout));
            if (TryTakePermit())
            {
                return true;
            }

            // Woken by a signal, by a late wake call meant for an earlier Park, or because the time has passed.
            remainingNs = timeoutNs - (Clock.NowNs() - startNs);
            if (remainingNs <= 0)
            {
                // A permit given since the look above is taken by the same exchange that stops parking.
                return Atomic.Exchange(ref *_word, Empty) == Notified;
            }
        }
    }

    private static void Check(int error)
    {
        if (error is not (0 or Syscalls.EAGAIN or Syscalls.EINTR or Syscalls.ETIMEDOUT))
        {
            throw new PlatformException(
                "futex",
                error,
                "A thread could not be parked",
                "Allow the call in the sandbox (seccomp) profile of this process.");
        }
    }
}
