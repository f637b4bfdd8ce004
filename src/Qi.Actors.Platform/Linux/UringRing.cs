// A ring of submissions and one of completions, in memory that the kernel shares. This file knows the rings and nothing of what is submitted.
//
// Who writes what:
//   submission entries, *_submissionTail   the owner; the kernel reads them inside io_uring_enter
//   *_submissionHead                       the kernel, inside io_uring_enter
//   completion entries, *_completionTail   the kernel: inside io_uring_enter, or in the task work of a thread that has submitted, at any time
//   *_completionHead                       the owner
//   *_ringFlags                            the kernel
//
// U1: an entry is filled before the tail is stored with release, and the entry of a completion is read after its tail was loaded with acquire and before the head
//     is stored with release.
// U2: the index array is the identity, filled once, so that entry and place are the same.
// U3: completions that found no room are kept by the kernel (NODROP) and come when one enters it to get events: so does every wait that sees the flag.
//
// Rejected: a polling thread in the kernel (it takes a core away from the dispatchers), a registered descriptor of the ring itself (it belongs to one thread, and the owner
// may change; 1 % of an echo, docs/adr/0022).
// Source: J. Axboe, "Efficient IO with io_uring", 2019; the barriers are those of its memory-ordering chapter.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Linux;

/// <summary>The two rings.</summary>
/// <remarks><b>Threads</b>: the owner, one at a time; <see cref="HasEvents"/> any.</remarks>
[SupportedOSPlatform("linux")]
internal unsafe class UringRing : IDisposable
{
    private const int LongestProbe = 256;

    private readonly UringMemory _rings;
    private readonly UringMemory _entries;
    private readonly UringSubmission* _submissions;
    private readonly UringCompletion* _completions;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint* _ringFlags;
    private readonly uint _submissionCount;
    private readonly uint _submissionMask;
    private readonly uint _completionMask;
    private int _descriptor;

    // The owner. The tail as it will be published.
    private uint _tail;

    /// <summary>Makes a ring, with as many of the flags as the kernel knows.</summary>
    /// <exception cref="PlatformException">The kernel refuses.</exception>
    internal UringRing(uint submissions, uint completions, uint flags)
    {
        UringParameters parameters;
        flags |= Uring.SetupCompletionSize | Uring.SetupClamp;
        while (true)
        {
            parameters = new() { Flags = flags, CompletionEntries = completions };
            _descriptor = UringCalls.Setup(submissions, &parameters);
            if (_descriptor >= 0)
                break;
            int error = Marshal.GetLastPInvokeError();
            uint fewer = Uring.Peel(flags);
            if (error != IoErrors.Invalid || fewer == flags)
                throw UringRefusal.Of("io_uring_setup", error);
            flags = fewer;
        }

        SetupFlags = flags;
        var (submitted, completed) = (parameters.Submissions, parameters.Completions);
        long ringsBytes = Math.Max(
            submitted.ArrayOrFlags + (parameters.SubmissionEntries * sizeof(uint)),
            completed.DroppedOrCompletions + (parameters.CompletionEntries * sizeof(UringCompletion)));
        _rings = new UringMemory(_descriptor, (nuint)ringsBytes, Uring.RingsOffset);
        _entries = new UringMemory(_descriptor, parameters.SubmissionEntries * (nuint)sizeof(UringSubmission), Uring.SubmissionsOffset);
        if ((parameters.Features & Uring.NeededFeatures) != Uring.NeededFeatures)
            throw Refused("io_uring_setup", IoErrors.NotImplemented);
        if (_rings.IsInvalid || _entries.IsInvalid)
            throw Refused("mmap", Math.Max(_rings.Error, _entries.Error));
        if (!KnowsOpcodes(_descriptor))
            throw Refused("io_uring_register", IoErrors.NotImplemented);

        byte* rings = _rings.Start;
        _submissions = (UringSubmission*)_entries.Start;
        _completions = (UringCompletion*)(rings + completed.DroppedOrCompletions);
        _submissionHead = (uint*)(rings + submitted.Head);
        _submissionTail = (uint*)(rings + submitted.Tail);
        _completionHead = (uint*)(rings + completed.Head);
        _completionTail = (uint*)(rings + completed.Tail);
        _ringFlags = (uint*)(rings + submitted.FlagsOrOverflow);
        _submissionCount = parameters.SubmissionEntries;
        _submissionMask = _submissionCount - 1;
        _completionMask = parameters.CompletionEntries - 1;
        for (uint index = 0; index < _submissionCount; index++)
            ((uint*)(rings + submitted.ArrayOrFlags))[index] = index; // U2
    }

    /// <summary>The flags that it was made with.</summary>
    internal uint SetupFlags { get; }

    /// <summary>How many entries were filled and not yet taken by the kernel. The owner.</summary>
    internal uint Unsubmitted => _tail - Atomic.Read(ref *_submissionHead);

    /// <summary>How many completions are there. The owner.</summary>
    internal int Completed => (int)(Atomic.Read(ref *_completionTail) - *_completionHead);

    /// <summary>True if somebody who enters the kernel would find something. Any thread.</summary>
    internal bool HasEvents
    {
        get
        {
            bool isHeld = false;
            try
            {
                _rings.DangerousAddRef(ref isHeld); // the owner may be just about to unmap it
                return Atomic.Read(ref *_completionTail) != Atomic.Read(ref *_completionHead) || HasKernelWork;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
            finally
            {
                if (isHeld)
                    _rings.DangerousRelease();
            }
        }
    }

    /// <summary>True if the kernel keeps completions that have found no room. Any thread that knows that the ring is there.</summary>
    internal bool HasOverflowed => (Atomic.Read(ref *_ringFlags) & Uring.RingOverflow) != 0;

    private bool HasKernelWork => (Atomic.Read(ref *_ringFlags) & (Uring.RingOverflow | Uring.RingTaskRun)) != 0;

    /// <summary>The next entry, cleared, to be filled before anything is submitted; null if there is none. The owner.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal UringSubmission* TryTake()
    {
        if (Unsubmitted >= _submissionCount)
            return null;
        var entry = _submissions + (_tail & _submissionMask);
        *entry = default;
        _tail++;
        return entry;
    }

    /// <summary>Gives the kernel what was filled. False if it takes nothing now, for want of memory. The owner.</summary>
    internal virtual bool TrySubmit() => Unsubmitted == 0 || Enter(0, 0, null);

    /// <summary>
    /// Gives the kernel what was filled, and waits until there is a completion, or the time has passed. <b>Units</b>: nanoseconds; negative for ever, 0 does not
    /// wait. The owner.
    /// </summary>
    internal void Wait(long timeoutNs)
    {
        if (timeoutNs == 0 || Completed > 0)
        {
            if (Unsubmitted != 0 || HasKernelWork)
                Enter(0, Uring.EnterGetEvents, null);
            return;
        }

        KernelTimespec timeout;
        timeout.Seconds = timeoutNs / Clock.NsPerSecond;
        timeout.Nanoseconds = timeoutNs % Clock.NsPerSecond;
        var argument = default(UringWaitArgument);
        argument.Timeout = timeoutNs < 0 ? 0 : (ulong)(nuint)(&timeout);
        Enter(1, Uring.EnterGetEvents | Uring.EnterExtendedArgument, &argument);
    }

    /// <summary>Takes the next completion. The owner, who has seen that there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal UringCompletion Take()
    {
        uint head = *_completionHead;
        var taken = _completions[head & _completionMask];
        Atomic.Write(ref *_completionHead, head + 1); // U1
        return taken;
    }

    /// <summary>Tells the kernel of something beside the rings. A result from 0 up, or the negative of the error number.</summary>
    internal int Register(uint what, void* argument, uint count)
    {
        int result = UringCalls.Register(_descriptor, what, argument, count);
        return result < 0 ? -Marshal.GetLastPInvokeError() : result;
    }

    /// <summary>Lets go of everything. The owner.</summary>
    public void Dispose()
    {
        _rings.Dispose();
        _entries.Dispose();
        int descriptor = _descriptor;
        _descriptor = -1;
        if (descriptor >= 0)
            _ = UnixCalls.Close(descriptor);
    }

    private bool Enter(uint leastCompletions, uint flags, UringWaitArgument* argument)
    {
        Atomic.Write(ref *_submissionTail, _tail); // U1
        if (UringCalls.Enter(_descriptor, Unsubmitted, leastCompletions, flags, argument) >= 0)
            return true;
        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            Syscalls.EINTR or Syscalls.ETIME => true,
            Syscalls.EAGAIN or Syscalls.EBUSY or Syscalls.ENOMEM => false,
            _ => throw new PlatformException(
                "io_uring_enter", error, $"The kernel took {Unsubmitted} submissions no more", "Report this: a ring must be used by its owner only."),
        };
    }

    private PlatformException Refused(string call, int error)
    {
        Dispose();
        return UringRefusal.Of(call, error);
    }

    // struct io_uring_probe: 16 bytes, of which the second tells how many of 8 bytes each follow: the opcode, a byte, 16 bits of flags, 32 bits.
    private static bool KnowsOpcodes(int ring)
    {
        byte* probe = stackalloc byte[16 + (LongestProbe * 8)];
        new Span<byte>(probe, 16 + (LongestProbe * 8)).Clear();
        if (UringCalls.Register(ring, Uring.RegisterProbe, probe, LongestProbe) < 0)
            return false;
        foreach (byte opcode in Uring.NeededOpcodes)
        {
            if (opcode >= probe[1] || (*(ushort*)(probe + 16 + (opcode * 8) + 2) & Uring.ProbeSupported) == 0)
                return false;
        }

        return true;
    }
}
