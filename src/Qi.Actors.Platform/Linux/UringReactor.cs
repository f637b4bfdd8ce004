// Completions by io_uring. An operation is an entry of the ring, filled by Submit and given to the kernel by the next wait, together with all the others: one system
// call a turn submits and waits.
//
//   U4: an operation is in the table from Submit until its end, pinned, and the kernel has at most one entry of it. It ends when its completion is dispatched and
//       nothing is left to try, or in Cancel if the ring had no room for it yet. So it ends once.
//   U5: an operation that was cancelled by nobody here does not end with ECANCELED: the thread that had submitted it has ended, and it is submitted anew. Nothing
//       is lost, for the kernel cancels a transfer only before its first byte.
//   U6: a read of the waker's counter is always in progress while the owner waits. It takes the count away and completes, and the next one is submitted before the next
//       wait; a Wake before that leaves a count, with which the read completes at once. So no Wake is lost.
//
// The owner may change (Succeed): the rings do not belong to a thread, only to one at a time. What the thread before has submitted, the kernel goes on with in that thread's
// name: it runs whenever that thread sleeps or is interrupted, whatever it does, and puts the completion where the new owner finds it. The waker's read is made anew, so that a wake
// need not wait for such an interrupt.
//
// A descriptor should be a blocking one: the kernel then waits for it by itself. One that is not gives EAGAIN, and costs a poll and a second attempt.
//
// Memory is the submitter's, but for receives that ask for the reactor's (ReceiveProvided): UringBufferGroup.
//
// Rejected, with figures: DEFER_TASKRUN and SINGLE_ISSUER, the same within the noise (docs/adr/0016); multishot receives, 3 % less in C than a buffer taken by each receive and about
// 1 % of a message here (0021); registered memory, 0 % of a cached read of 4 KiB and 9 % more of one of 64 KiB, 18 % less only past the page cache; registered files and a registered
// ring, 1 % of an echo each; multishot accepts, 8 % of an accept in C, 3 % of one here, and they do not say who has connected; SEND_ZC, which the kernel turned into copies wherever it could be tried (all 0022). Receives that poll first: nothing was
// gained in an echo. A registered eventfd: it does not wake who waits in the ring.

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Linux;

/// <summary>Completions by io_uring.</summary>
/// <remarks><b>Threads</b>: the owner, one at a time; <see cref="Wake"/>, <see cref="Attach"/>, <see cref="Detach"/> and <see cref="HasEvents"/> any.</remarks>
[SupportedOSPlatform("linux")]
public sealed unsafe partial class UringReactor : Reactor
{
    private const uint DefaultFlags = Uring.SetupSubmitAll | Uring.SetupCoopTaskRun | Uring.SetupTaskRunFlag;
    private const uint SubmissionEntries = 256;
    private const uint CompletionEntries = 2048;
    private const uint WakeSlot = uint.MaxValue;
    private const ulong IgnoredTag = ulong.MaxValue - 1;
    private const int CloseOnExec = 0x80000;

    private readonly UringRing _ring;
    private readonly IoHandle _waker;
    private readonly ulong[] _wakeCount = GC.AllocateArray<ulong>(1, pinned: true);

    // The owner.
    private readonly UringTable _table = new();
    private readonly Queue<ulong> _postponed = new();
    private UringBufferGroup? _buffers;
    private bool _hasNoBuffers;
    private int _found;
    private int _ownerThread;
    private ulong _wakeTag = WakeSlot;
    private bool _hasWakeRead;

    /// <summary>Makes one.</summary>
    /// <exception cref="PlatformException">The kernel refuses; the message says why and what to do.</exception>
    public UringReactor()
        : this(new UringRing(SubmissionEntries, CompletionEntries, DefaultFlags))
    {
    }

    internal UringReactor(UringRing ring)
    {
        _ring = ring;
        int waker = Syscalls.EventCounter(0, CloseOnExec); // blocking: see the header
        if (waker < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            _ring.Dispose();
            throw UringRefusal.Of("eventfd", error);
        }

        _waker = new IoHandle(waker, IoHandleKind.Pipe, static closed => _ = UnixCalls.Close((int)closed.Value));
    }

    /// <inheritdoc/>
    public override ReactorKind Kind => ReactorKind.Uring;

    /// <inheritdoc/>
    public override bool IsThreadBound => true;

    /// <inheritdoc/>
    public override bool IsNonBlocking => false;

    /// <inheritdoc/>
    public override bool HasEvents => _ring.HasEvents;

    /// <summary>How many operations are in progress. The owner.</summary>
    public override int InProgress => _table.Count;

    /// <inheritdoc/>
    public override bool Supports(IoKind kind) => kind != IoKind.None;

    /// <inheritdoc/>
    public override void Attach(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        handle.Reactor = this;
    }

    /// <inheritdoc/>
    public override void Detach(IoHandle handle)
    {
        // The kernel was told nothing of it.
    }

    /// <inheritdoc/>
    public override bool Submit(IoOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Kind == IoKind.None)
            throw new ArgumentException("An operation needs a kind.", nameof(operation));
        AssertOwner();
        var handle = operation.Handle;
        if (handle.MustNotSubmit(operation))
        {
            operation.Result = -IoErrors.Canceled;
            handle.End(operation);
            return true;
        }

        if (!TryPin(operation))
        {
            operation.Result = -IoErrors.Fault;
            handle.End(operation);
            return true;
        }

        if (operation.Kind == IoKind.ReceiveProvided && !TryMakeBuffers(operation.Buffers))
        {
            operation.Result = IoOperation.NoBuffer;
            handle.End(operation);
            return true;
        }

        ulong tag = _table.Add(operation);
        operation.ReactorTag = (long)tag;
        Issue(operation, tag);
        return false;
    }

    /// <inheritdoc/>
    public override void Cancel(IoOperation operation, int use)
    {
        ArgumentNullException.ThrowIfNull(operation);
        AssertOwner();
        ulong tag = (ulong)operation.ReactorTag;
        if (_table.Find(tag) != operation || operation.Use != use)
            return;
        ref var state = ref _table.StateOf(tag);
        if ((state & UringState.CancelAsked) != UringState.None)
            return;
        state |= UringState.CancelAsked;
        if ((state & UringState.Postponed) != UringState.None)
            End(operation, tag, -IoErrors.Canceled);
        else
            IssueCancel(tag);
    }

    /// <inheritdoc/>
    public override int Wait(long timeoutNs, int mostEvents)
    {
        if (_ownerThread != Environment.CurrentManagedThreadId)
            BecomeOwner();
        if (!_hasWakeRead)
            IssueWakeRead();
        IssuePostponed();
        _buffers?.Fill();
        _ring.Wait(_postponed.Count > 0 || !_hasWakeRead ? 0 : timeoutNs);
        return _found = Math.Min(_ring.Completed, mostEvents);
    }

    /// <inheritdoc/>
    public override void Dispatch()
    {
        for (; _found > 0; _found--)
        {
            var completion = _ring.Take();
            if ((uint)completion.UserData == WakeSlot)
                _hasWakeRead &= completion.UserData != _wakeTag; // an older one was taken back
            else if (_table.Find(completion.UserData) is { } operation)
                Completed(operation, completion);
        }
    }

    /// <inheritdoc/>
    public override void Wake()
    {
        if (!_waker.TryUse())
            return;
        ulong one = 1;
        _ = TransferCalls.Write((int)_waker.Value, (byte*)&one, sizeof(ulong));
        _waker.EndUse();
    }

    /// <inheritdoc/>
    public override void Succeed()
    {
        BecomeOwner();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Debug.Assert(_table.Count == 0, "A reactor is disposed of when nothing is in progress: the kernel would write to memory that is nobody's.");
        _waker.Close();
        _buffers?.Dispose();
        _ring.Dispose();
    }

    [Conditional("DEBUG")]
    private void AssertOwner()
        => Debug.Assert(_ownerThread == 0 || _ownerThread == Environment.CurrentManagedThreadId, "Only the owner submits and cancels; another thread calls Succeed first.");

    // The wake read of the thread before is taken back; a wake that it has seen meanwhile counts all the same.
    private void BecomeOwner()
    {
        _ownerThread = Environment.CurrentManagedThreadId;
        if (!_hasWakeRead)
            return;
        _hasWakeRead = false;
        IssueCancel(_wakeTag);
        _wakeTag += 1UL << 32;
    }

    private void IssueWakeRead()
    {
        var entry = TakeEntry();
        if (entry is null)
            return;
        entry->Opcode = UringOpcode.Read;
        entry->Descriptor = (int)_waker.Value;
        entry->Offset = ulong.MaxValue; // where the descriptor is: it has no position
        entry->Address = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(_wakeCount, 0);
        entry->Length = sizeof(ulong);
        entry->UserData = _wakeTag;
        _hasWakeRead = true;
    }
}
