// Completions by a port of Windows. Submit makes the system call on its caller's thread. What ends at once ends there; of everything else the port gets a packet, which the owner takes.
//
//   the port, _wake: any thread. _packets, _found: the owner.
//
//   P1: an operation is in the table, pinned, from before the look at Closed (I6 of IoSide) until its end. So a cancel by a Close that this look has not seen finds it.
//   P2: an attempt whose call says that it is pending, or that has succeeded where the system does not leave out packets, gets exactly one packet; any other one gets none. So it is ended
//       by the one who takes the packet, or by the one who has made the call, and never by both. Packets are left out on success only if the system was asked to and the
//       provider of the socket hands out the kernel's own handles: others do not keep to it.
//   P3: after a call whose attempt gets a packet its caller touches neither operation nor handle: the owner may have ended both. It has the slot and the number of the attempt (C3).
//   P4: _wake is 1 from before a packet of waking is posted until after it was taken. A Wake that finds 1 has published before the owner writes 0, so the owner sees
//       it when that wait returns: wakes add up to one, and none is lost.
//
// Any thread may submit: operations of handles that belong to a port are not ended when the thread that began them ends. The port lets any number of threads run: it belongs to one
// owner at a time, and one that has lost its place and computes must not keep its successor from its packets.
//
// Rejected: the framework's binding to a port (it is the pool's, whose threads would have to hand everything over), waitable timers for finer waits than the system's
// clock ticks (only undocumented calls bring them into a port), registered I/O (a queue and registered memory for each connection).

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Windows;

/// <summary>Completions by a port of Windows.</summary>
/// <remarks>
/// <b>Threads</b>: <see cref="Wait"/> and <see cref="Dispatch"/> are the owner's; everything else is any thread's. <b>Units</b>: a wait ends at a tick of the system's clock, which is 15.6 ms unless some
/// process has asked for a finer one; never before its time.
/// </remarks>
[SupportedOSPlatform("windows")]
public sealed unsafe partial class CompletionPortReactor : Reactor
{
    private const int MostPackets = 512;
    private const nuint OperationKey = 0;
    private const nuint WakeKey = 1;
    private const int SkipsFlag = 1;
    private const int FamilyShift = 1;
    private const int TypeShift = 16;
    private const int ListensFlag = 1 << 30;

    private readonly IoHandle _port; // so that no late Wake goes to a number that has come to mean something else
    private readonly CompletionTable _table = new();
    private readonly CompletionPacket[] _memory = GC.AllocateArray<CompletionPacket>(MostPackets, pinned: true);
    private readonly CompletionPacket* _packets;
    private int _wake;
    private int _found;

    /// <summary>Makes one.</summary>
    /// <exception cref="PlatformException">The operating system refuses.</exception>
    public CompletionPortReactor()
    {
        _packets = (CompletionPacket*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        nint port = CompletionCalls.CreatePort(-1, 0, 0, int.MaxValue);
        if (port == 0)
            throw Refused("A reactor could not be made");
        _port = new IoHandle(port, IoHandleKind.Pipe, static closed => _ = CompletionCalls.Close(closed.Value));
    }

    /// <inheritdoc/>
    public override ReactorKind Kind => ReactorKind.CompletionPort;

    /// <inheritdoc/>
    public override bool IsNonBlocking => false;

    /// <inheritdoc/>
    public override int InProgress => _table.Count;

    /// <inheritdoc/>
    public override bool HasEvents
    {
        get
        {
            if (Atomic.Read(ref _wake) != 0)
                return true;
            if (!_port.TryUse())
                return false;
            int depth = 0;
            int status = CompletionCalls.QueryPort(_port.Value, 0, &depth, sizeof(int), null);
            _port.EndUse();
            return status >= 0 && depth > 0;
        }
    }

    /// <summary>All but making a file durable, which Windows does in no other way than waiting.</summary>
    public override bool Supports(IoKind kind) => kind is not (IoKind.None or IoKind.Sync or IoKind.ReceiveProvided);

    /// <summary>Serves a handle from now on, which is not closed and was opened for overlapped operations; a pipe is one of bytes. Any thread. It stays with this reactor.</summary>
    /// <exception cref="PlatformException">The operating system refuses.</exception>
    public override void Attach(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ObjectDisposedException.ThrowIf(!_port.TryUse(), this);
        nint port = CompletionCalls.CreatePort(handle.Value, _port.Value, OperationKey, 0);
        int error = Marshal.GetLastPInvokeError();
        _port.EndUse();
        if (port == 0)
        {
            throw new PlatformException(
                "CreateIoCompletionPort",
                error,
                $"Descriptor {handle.Value} ({handle.Kind}) could not be registered",
                "It must be open for overlapped operations, and belong to no other completion port.");
        }

        handle.ReactorSlot = Note(handle);
        handle.Reactor = this;
    }

    /// <inheritdoc/>
    public override void Detach(IoHandle handle)
    {
        // The system forgets the handle when it is closed.
    }

    /// <inheritdoc/>
    public override bool Submit(IoOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (!Supports(operation.Kind))
            throw new ArgumentException($"{operation.Kind} of descriptor {operation.Handle.Value} ({operation.Handle.Kind}) is not served here.", nameof(operation));
        var handle = operation.Handle;
        if (!TryPin(operation))
        {
            operation.Result = -IoErrors.Fault;
            handle.End(operation);
            return true;
        }

        var slot = _table.Add(operation); // P1
        int result = -IoErrors.Canceled;
        if (!handle.MustNotSubmit(operation) && !TryEndAtOnce(operation, slot, out result))
            return false;
        Free(operation, slot);
        operation.Result = result;
        handle.End(operation);
        return true;
    }

    /// <inheritdoc/>
    public override void Cancel(IoOperation operation, int use)
    {
        ArgumentNullException.ThrowIfNull(operation);
        _table.Cancel(operation, use);
    }

    /// <inheritdoc/>
    public override int Wait(long timeoutNs, int mostEvents)
    {
        long startNs = timeoutNs > 0 ? Clock.NowNs() : 0;
        long leftNs = timeoutNs;
        while (true)
        {
            uint timeoutMs = timeoutNs < 0 ? CompletionCalls.Infinite : leftNs <= 0 ? 0 : (uint)Math.Min(((leftNs - 1) / Clock.NsPerMs) + 1, int.MaxValue);
            uint taken;
            if (CompletionCalls.TakePackets(_port.Value, _packets, (uint)Math.Min(mostEvents, MostPackets), &taken, timeoutMs, 0) != 0)
                return _found = NoteWakes((int)taken);
            _found = 0;
            if (Marshal.GetLastPInvokeError() is var error && error != CompletionCalls.TimedOut)
                throw new PlatformException("GetQueuedCompletionStatusEx", error, "The completion port cannot be waited in", "Report it: the port is open as long as its reactor.");
            if (timeoutNs == 0)
                return 0;
            leftNs = timeoutNs < 0 ? timeoutNs : timeoutNs - (Clock.NowNs() - startNs);
            if (timeoutNs > 0 && leftNs <= 0)
                return 0;
        }
    }

    /// <inheritdoc/>
    public override void Dispatch()
    {
        for (var packet = _packets; _found > 0; _found--, packet++)
        {
            if (packet->Key == OperationKey && _table.Find(packet->Overlapped) is { } slot)
                Completed(slot, packet->Bytes);
        }
    }

    /// <inheritdoc/>
    public override void Wake()
    {
        if (Atomic.Exchange(ref _wake, 1) != 0 || !_port.TryUse()) // P4
            return;
        var spinner = default(SpinWait);
        while (CompletionCalls.Post(_port.Value, 0, WakeKey, null) == 0)
            spinner.SpinOnce(); // the kernel is out of memory for a moment: a wake that is dropped would never come again
        _port.EndUse();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Debug.Assert(_table.Count == 0, "A reactor is disposed of when nothing is in progress: the kernel would write to memory that is nobody's.");
        _port.Close();
    }

    private int NoteWakes(int taken)
    {
        for (int index = 0; index < taken; index++)
        {
            if (_packets[index].Key == WakeKey)
                Atomic.Exchange(ref _wake, 0); // P4
        }

        return taken;
    }

    // What later calls need to know of a handle, in one number: whether success comes without a packet (P2), the family and type of a socket, and whether it listens.
    private static int Note(IoHandle handle)
    {
        SocketTraits traits = default;
        bool isSocket = IsSocket(handle);
        if (isSocket && !WinsockCalls.TryDescribe(handle.Value, out traits))
            return 0;
        bool skips = (!isSocket || traits.HasKernelHandle) && CompletionCalls.SetModes(handle.Value, CompletionCalls.SkipOnSuccess) != 0;
        bool listens = handle.Kind == IoHandleKind.Listener && WinsockCalls.MayListen(handle.Value);
        return (listens ? ListensFlag : 0) | (traits.Type << TypeShift) | (traits.Family << FamilyShift) | (skips ? SkipsFlag : 0);
    }

    private static bool IsSocket(IoHandle handle) => handle.Kind is not (IoHandleKind.Pipe or IoHandleKind.File);

    private static PlatformException Refused(string what)
        => new("CreateIoCompletionPort", Marshal.GetLastPInvokeError(), what, "Close handles that are not needed.");
}
