// Edge-triggered epoll. A handle is registered once, for both directions, and what is ready stands in its sides (IoSide): a system call is tried before anything is
// waited for. To register the same again makes the kernel look, and tell what is ready as if it had just become so: that is how an operation waits that has only had
// its share.
//
// The data of an event is the handle's number in the table.
//   _table: as it says; its lock is _lock.
//
// Rejected: level-triggered (a change of interest for each wait: a system call more), one-shot (the same), a registration for each direction.

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Linux;

/// <summary>Readiness by epoll.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class EpollReactor : Reactor
{
    private const int MostEvents = 512;
    private const ulong WakeData = ulong.MaxValue;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int AddCommand = 1;
    private const int RemoveCommand = 2;
    private const int ModifyCommand = 3;

    private readonly Lock _lock = new();
    private readonly int _epoll;
    private readonly IoHandle _waker; // so that no late Wake writes to a number that has come to mean something else
    private readonly byte[] _memory = GC.AllocateArray<byte>(MostEvents * 16, pinned: true);
    private readonly byte* _events;

    private HandleTable _table = new();
    private int _found;
    private bool _hasNoFineWait;
    private bool _isDisposed;

    /// <summary>Makes one.</summary>
    /// <exception cref="PlatformException">The operating system refuses.</exception>
    public EpollReactor()
    {
        _events = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        _epoll = Syscalls.EpollCreate(CloseOnExec);
        if (_epoll < 0)
            throw Refused("epoll_create1", "A reactor could not be made");
        int waker = Syscalls.EventCounter(0, CloseOnExec | NonBlocking);
        if (waker < 0)
        {
            var refused = Refused("eventfd", "A reactor could not be made");
            _ = UnixCalls.Close(_epoll);
            throw refused;
        }

        _waker = new IoHandle(waker, IoHandleKind.Pipe, static closed => _ = UnixCalls.Close((int)closed.Value));
        var change = EpollEvent.Of(EpollEvent.In | EpollEvent.EdgeTriggered, WakeData);
        if (Syscalls.EpollControl(_epoll, AddCommand, waker, &change) == 0)
            return;
        var unwakeable = Refused("epoll_ctl", "A reactor could not be made");
        _waker.Close();
        _ = UnixCalls.Close(_epoll);
        throw unwakeable;
    }

    /// <inheritdoc/>
    public override ReactorKind Kind => ReactorKind.Epoll;

    /// <inheritdoc/>
    public override bool HasEvents
    {
        get
        {
            UnixCalls.PollEntry entry = new() { Descriptor = _epoll, Wanted = UnixCalls.PollEntry.In };
            return UnixCalls.PollNow(&entry, 1, 0) > 0;
        }
    }

    /// <inheritdoc/>
    public override void Attach(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this); // its number may be somebody else's by now
            ulong number = _table.Add(handle);
            handle.Reactor = this;
            var change = InterestOf(number);
            if (Syscalls.EpollControl(_epoll, AddCommand, (int)handle.Value, &change) == 0)
                return;
            var refused = Refused("epoll_ctl", $"Descriptor {handle.Value} ({handle.Kind}) could not be registered");
            _table.Remove(handle);
            throw refused;
        }
    }

    /// <inheritdoc/>
    public override void Detach(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        lock (_lock)
        {
            if (handle.ReactorSlot < 0 || _isDisposed)
                return;
            var change = default(EpollEvent);
            _ = Syscalls.EpollControl(_epoll, RemoveCommand, (int)handle.Value, &change);
            _table.Remove(handle);
        }
    }

    internal override bool CanTellAgain => true;

    internal override void TellAgain(IoHandle handle)
    {
        lock (_lock)
        {
            if (handle.ReactorSlot < 0 || _isDisposed)
                return; // nobody waits for events any more: closing ends what waits
            var change = InterestOf(_table.NumberOf(handle));
            int changed = Syscalls.EpollControl(_epoll, ModifyCommand, (int)handle.Value, &change);
            Debug.Assert(changed == 0, "A handle that is held and attached is registered.");
        }
    }

    /// <inheritdoc/>
    public override bool Submit(IoOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return Readiness<UnixTry>.Go(operation);
    }

    /// <inheritdoc/>
    public override void Cancel(IoOperation operation, int use)
    {
        ArgumentNullException.ThrowIfNull(operation);
        Readiness<UnixTry>.Cancel(operation, use);
    }

    /// <inheritdoc/>
    public override int Wait(long timeoutNs, int mostEvents)
    {
        int capacity = Math.Min(mostEvents, MostEvents);
        int found = timeoutNs == 0 ? Syscalls.EpollWaitNow(_epoll, (EpollEvent*)_events, capacity, 0) : WaitFor(timeoutNs, capacity);
        return _found = Math.Max(0, found); // a signal came first: nothing has
    }

    /// <inheritdoc/>
    public override void Dispatch()
    {
        IoSide.BeginSignals();
        byte* entry = _events;
        for (int left = _found; left > 0; left--, entry += EpollEvent.Size)
        {
            ulong data = EpollEvent.DataOf(entry);
            if (data == WakeData)
                continue;
            uint flags = EpollEvent.FlagsOf(entry);
            if (_table.Find(data) is not { } handle)
                continue;
            bool isBroken = (flags & (EpollEvent.Error | EpollEvent.HangUp)) != 0;
            if (isBroken || (flags & (EpollEvent.In | EpollEvent.ReadHangUp | EpollEvent.Urgent)) != 0)
                Readiness<UnixTry>.Signal(ref handle.Reading, IsShortReadNoEnd(flags, handle.Kind));
            if (isBroken || (flags & EpollEvent.Out) != 0)
                Readiness<UnixTry>.Signal(ref handle.Writing, isBroken);
        }

        _found = 0;
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
    public override void Dispose()
    {
        lock (_lock)
            _isDisposed = true; // a handle may go later: the numbers are somebody else's then
        _waker.Close();
        _ = UnixCalls.Close(_epoll);
    }

    private static EpollEvent InterestOf(ulong number)
        => EpollEvent.Of(EpollEvent.In | EpollEvent.Out | EpollEvent.Urgent | EpollEvent.ReadHangUp | EpollEvent.EdgeTriggered, number);

    // A read stops short of the end of the input, and before urgent data. A socket that is not connected yet is reported as hung up, and is neither.
    private static bool IsShortReadNoEnd(uint flags, IoHandleKind kind)
        => (flags & (EpollEvent.ReadHangUp | EpollEvent.Error | EpollEvent.Urgent)) != 0
            || ((flags & EpollEvent.HangUp) != 0 && kind == IoHandleKind.Pipe);

    private int WaitFor(long timeoutNs, int capacity)
    {
        if (!_hasNoFineWait)
        {
            Timespec timeout;
            timeout.Seconds = (nint)(timeoutNs / Clock.NsPerSecond);
            timeout.Nanoseconds = (nint)(timeoutNs % Clock.NsPerSecond);
            int found = Syscalls.EpollWait(_epoll, (EpollEvent*)_events, capacity, timeoutNs < 0 ? null : &timeout);
            if (found >= 0 || Marshal.GetLastPInvokeError() is var error && error != IoErrors.NotImplemented && error != IoErrors.NotPermitted)
                return found;
            _hasNoFineWait = true;
        }

        int timeoutMs = timeoutNs < 0 ? -1 : (int)Math.Min(((timeoutNs - 1) / Clock.NsPerMs) + 1, int.MaxValue);
        return Syscalls.EpollWait(_epoll, (EpollEvent*)_events, capacity, timeoutMs);
    }

    private static PlatformException Refused(string call, string what)
        => new(call, Marshal.GetLastPInvokeError(), what, "Raise the limit of descriptors (ulimit -n), or close what is not needed.");
}
