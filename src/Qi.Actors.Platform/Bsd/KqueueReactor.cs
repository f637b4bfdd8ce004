// kqueue, told once for each change (EV_CLEAR), which is the same as epoll's edges: what is ready stands in the sides of a handle (IoSide), and a system call is
// tried before anything is waited for. A handle has two events, one for each side, made by one call when it is attached. To be told once more the writing one is added again:
// a system that finds it there looks at the descriptor anew (kqueue_register in FreeBSD's kern_event.c, f_touch in that of macOS). Try looks whether it does; a reactor of one that
// does not writes on as long as it can.
//
// The data of an event is the handle's number in the table.
//   _table: as it says; its lock is _lock.
//
// K1: to close a descriptor takes its events out of the queue, so a handle that goes needs no call. What was fetched before finds nobody in the table.
// K2: what was read short is no proof that nothing is left: the read may have stopped before urgent data, of which FreeBSD tells nothing. So each event of a reading
//     side counts as the last one, after which readiness ends only with a call that would have to wait. That costs such a call before each wait.
// K3: the receipts of changes fill the room for events, so that attaching takes no event away from the owner.
//
// This was never run on a system with kqueue: the tests run it over a kernel that is made of epoll, and compare numbers and layouts with those documented.
//
// Rejected: handing changes over with the next wait (a system call less for each connection): a refusal must be told by Attach, and the owner may be asleep.

using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Bsd;

/// <summary>Readiness by kqueue.</summary>
/// <typeparam name="TSystem">Whose kqueue.</typeparam>
internal sealed unsafe class KqueueReactor<TSystem> : Reactor
    where TSystem : struct, IKqueueSystem
{
    private const int MostEvents = 512;
    private const int MostEventBytes = 64;
    private const long NsPerUs = 1000;
    private const long LongestNs = 10_000_000 * Clock.NsPerSecond; // macOS refuses more than ten times that

    // Written by Try, before anybody makes a reactor to use.
    private static bool s_tellsAgain;

    private readonly Lock _lock = new();
    private readonly IoHandle _queue; // so that no late Wake meets a number that has come to mean something else
    private readonly int _descriptor;
    private readonly byte[] _memory = GC.AllocateArray<byte>(MostEvents * TSystem.EventSize, pinned: true);
    private readonly byte* _events;

    private HandleTable _table = new();
    private int _found;
    private bool _isDisposed;

    /// <summary>Makes one.</summary>
    /// <exception cref="PlatformException">The operating system refuses.</exception>
    public KqueueReactor()
    {
        _events = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        _descriptor = TSystem.Create();
        if (_descriptor < 0)
            throw Refused("kqueue", Marshal.GetLastPInvokeError(), "A reactor could not be made");
        _queue = new IoHandle(_descriptor, IoHandleKind.Pipe, static closed => _ = UnixCalls.Close((int)closed.Value));
        byte* waker = stackalloc byte[MostEventBytes];
        Set(waker, 0, 0, TSystem.UserFilter, 0);
        byte* receipt = stackalloc byte[MostEventBytes];
        int error = ErrorOf(Change(waker, 1, receipt), receipt, 0);
        if (error == 0)
            return;
        _queue.Close();
        throw Refused("kevent", error, "A reactor could not be made");
    }

    /// <summary>Makes one, has it wake itself and tell something again: a system whose events are laid out otherwise, or that forgets, shows here.</summary>
    /// <exception cref="PlatformException">The operating system refuses, or does not answer as it should.</exception>
    public static void Try()
    {
        using var made = new KqueueReactor<TSystem>();
        made.Wake();
        if (made.Wait(0, 1) == 1 && EventAt(made._events, 0)->Filter == TSystem.UserFilter)
        {
            Atomic.Write(ref s_tellsAgain, made.TellsAgain());
            return;
        }

        throw new PlatformException("kevent", 0, "The kqueue of this system does not answer as that of macOS or of FreeBSD 12", "Choose ReactorChoice.Portable.");
    }

    /// <inheritdoc/>
    public override ReactorKind Kind => ReactorKind.Kqueue;

    /// <inheritdoc/>
    public override bool HasEvents => TSystem.HasEvents(_descriptor);

    /// <inheritdoc/>
    public override void Attach(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        byte* changes = stackalloc byte[2 * MostEventBytes];
        byte* receipts = stackalloc byte[2 * MostEventBytes];
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this); // its number may be somebody else's by now
            ulong number = _table.Add(handle);
            handle.Reactor = this;
            Set(changes, 0, (nuint)handle.Value, KqueueEvent.Read, number);
            Set(changes, 1, (nuint)handle.Value, KqueueEvent.Write, number);
            int told = Change(changes, 2, receipts);
            int reading = ErrorOf(told, receipts, 0);
            int writing = ErrorOf(told, receipts, 1);

            // A pipe has one direction, and some systems refuse the other.
            int error = handle.Kind == IoHandleKind.Pipe && (reading == 0 || writing == 0) ? 0 : Math.Max(reading, writing);
            if (error == 0)
                return;
            _table.Remove(handle);
            throw Refused("kevent", error, $"Descriptor {handle.Value} ({handle.Kind}) could not be registered");
        }
    }

    /// <inheritdoc/>
    public override void Detach(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        lock (_lock)
        {
            if (handle.ReactorSlot >= 0)
                _table.Remove(handle); // K1
        }
    }

    internal override bool CanTellAgain => Atomic.Read(ref s_tellsAgain);

    internal override void TellAgain(IoHandle handle)
    {
        byte* change = stackalloc byte[MostEventBytes];
        byte* receipt = stackalloc byte[MostEventBytes];
        lock (_lock)
        {
            if (handle.ReactorSlot < 0 || _isDisposed)
                return; // nobody waits for events any more: closing ends what waits
            Set(change, 0, (nuint)handle.Value, KqueueEvent.Write, _table.NumberOf(handle));
            int error = ErrorOf(Change(change, 1, receipt), receipt, 0);
            Debug.Assert(error == 0, "A handle that is held and attached is registered.");
        }
    }

    // A socket of datagrams is ready to write: that is told once, and once more when it is asked for. Without a socket nobody knows.
    private bool TellsAgain()
    {
        using var socket = TrySocket();
        if (socket is null)
            return false;
        using var handle = new IoHandle(socket.Handle, IoHandleKind.Datagram, static _ => { });
        Attach(handle);
        bool isToldOnce = IsToldToWrite() && !IsToldToWrite();
        TellAgain(handle);
        return IsToldToWrite() && isToldOnce;
    }

    private static Socket? TrySocket()
    {
        try
        {
            return new Socket(SocketType.Dgram, ProtocolType.Udp); // of either family
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private bool IsToldToWrite()
    {
        bool isTold = false;
        for (int index = Wait(0, MostEvents) - 1; index >= 0; index--)
            isTold |= EventAt(_events, index)->Filter == KqueueEvent.Write;
        return isTold;
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
        int found = timeoutNs == 0 ? TSystem.Take(_descriptor, _events, capacity) : WaitFor(timeoutNs, capacity);
        return _found = Math.Max(0, found); // a signal came first: nothing has
    }

    /// <inheritdoc/>
    public override void Dispatch()
    {
        IoSide.BeginSignals();
        for (int index = 0; index < _found; index++)
        {
            var told = EventAt(_events, index);
            if (told->Filter == TSystem.UserFilter || _table.Find(told->UserData) is not { } handle)
                continue;
            if (told->Filter == KqueueEvent.Read)
                Readiness<UnixTry>.Signal(ref handle.Reading, hasEnded: true); // K2
            else
                Readiness<UnixTry>.Signal(ref handle.Writing, (told->Flags & (KqueueEvent.EndOfFile | KqueueEvent.Error)) != 0);
        }

        _found = 0;
    }

    /// <inheritdoc/>
    public override void Wake()
    {
        if (!_queue.TryUse())
            return;
        byte* change = stackalloc byte[MostEventBytes];
        Set(change, 0, 0, TSystem.UserFilter, 0);
        var told = EventAt(change, 0);
        told->Flags = 0;
        told->FilterFlags = KqueueEvent.Trigger;
        _ = TSystem.Exchange(_descriptor, change, 1, null, 0, null); // without room for events it does not wait
        _queue.EndUse();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_lock)
            _isDisposed = true;
        _queue.Close();
    }

    // In whole microseconds, upwards: macOS counts those, and would end too early.
    private int WaitFor(long timeoutNs, int capacity)
    {
        if (timeoutNs is < 0 or > LongestNs)
            return TSystem.Exchange(_descriptor, null, 0, _events, capacity, null); // that long is for ever
        long roundedNs = (timeoutNs + NsPerUs - 1) / NsPerUs * NsPerUs;
        Timespec timeout;
        timeout.Seconds = (nint)(roundedNs / Clock.NsPerSecond);
        timeout.Nanoseconds = (nint)(roundedNs % Clock.NsPerSecond);
        return TSystem.Exchange(_descriptor, null, 0, _events, capacity, &timeout);
    }

    private int Change(byte* changes, int count, byte* receipts)
    {
        var none = default(Timespec);
        return TSystem.Exchange(_descriptor, changes, count, receipts, count, &none); // K3
    }

    private static int ErrorOf(int told, byte* receipts, int index)
    {
        if (told < 0)
            return Marshal.GetLastPInvokeError();
        return index < told && (EventAt(receipts, index)->Flags & KqueueEvent.Error) != 0 ? (int)EventAt(receipts, index)->Data : 0;
    }

    private static KqueueEvent* EventAt(byte* events, int index) => (KqueueEvent*)(events + (index * TSystem.EventSize));

    private static void Set(byte* changes, int index, nuint identity, short filter, ulong data)
    {
        new Span<byte>(changes + (index * TSystem.EventSize), TSystem.EventSize).Clear();
        var change = EventAt(changes, index);
        change->Identity = identity;
        change->Filter = filter;
        change->Flags = KqueueEvent.Add | KqueueEvent.Clear | KqueueEvent.Receipt;
        change->UserData = data;
    }

    private static PlatformException Refused(string call, int error, string what)
        => new(call, error, what, "Raise the limit of descriptors (ulimit -n), or close what is not needed.");
}
