using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Bsd;
using Qi.Actors.Platform.Linux;
using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Tests;

/// <summary>A kernel with kqueue that is made of edge-triggered epoll, with the layouts and numbers of another system.</summary>
/// <typeparam name="TLike">Whose layouts and numbers.</typeparam>
[SupportedOSPlatform("linux")]
internal readonly unsafe struct EpollKqueue<TLike> : IKqueueSystem
    where TLike : struct, IKqueueSystem
{
    private static readonly ConcurrentDictionary<int, EpollQueue> s_queues = [];

    public static int EventSize => TLike.EventSize;

    public static short UserFilter => TLike.UserFilter;

    public static int Create()
    {
        var made = new EpollQueue(TLike.UserFilter);
        s_queues[made.Descriptor] = made; // a number that comes again is another queue
        return made.Descriptor;
    }

    public static int Exchange(int queue, byte* changes, int changeCount, byte* events, int capacity, Timespec* timeout)
    {
        var own = s_queues[queue];
        int told = 0;
        for (int index = 0; index < changeCount; index++)
        {
            var change = *(KqueueEvent*)(changes + (index * EventSize));
            int error = own.Apply(change);
            bool wantsReceipt = (change.Flags & KqueueEvent.Receipt) != 0 || (error != 0 && told < capacity);
            if (wantsReceipt && told < capacity)
            {
                change.Flags |= KqueueEvent.Error;
                change.Data = error;
                *(KqueueEvent*)(events + (told++ * EventSize)) = change;
            }
            else if (error != 0)
            {
                Marshal.SetLastPInvokeError(error);
                return -1;
            }
        }

        return told > 0 || capacity == 0 ? told : own.Take(events, EventSize, capacity, timeout);
    }

    public static int Take(int queue, byte* events, int capacity)
    {
        var none = default(Timespec);
        return s_queues[queue].Take(events, EventSize, capacity, &none);
    }

    public static bool HasEvents(int queue) => s_queues.TryGetValue(queue, out var own) && own.HasEvents;
}

/// <summary>One queue. What is left of an event of epoll, for which there was no room, comes first the next time.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class EpollQueue
{
    private const int AddCommand = 1;
    private const int ChangeCommand = 3;
    private const int AlreadyThere = 17;
    private const int NotThere = 2;
    private const int CloseOnExec = 0x80000;
    private const ulong UserMark = 1UL << 32;

    // Always readable: to change its registration tells it once more.
    private static readonly int s_ready = Syscalls.EventCounter(1, CloseOnExec);

    private readonly Lock _lock = new();
    private readonly short _userFilter;
    private readonly Dictionary<int, (ulong Read, ulong Write)> _data = [];
    private readonly Queue<KqueueEvent> _left = new(16);
    private bool _hasUserEvent;

    public EpollQueue(short userFilter)
    {
        _userFilter = userFilter;
        Descriptor = Syscalls.EpollCreate(CloseOnExec);
    }

    public int Descriptor { get; }

    public bool HasEvents
    {
        get
        {
            lock (_lock)
            {
                if (_left.Count > 0)
                    return true;
            }

            UnixCalls.PollEntry entry = new() { Descriptor = Descriptor, Wanted = UnixCalls.PollEntry.In };
            return UnixCalls.PollNow(&entry, 1, 0) > 0;
        }
    }

    public int Apply(in KqueueEvent change)
    {
        if (change.Filter == _userFilter)
            return ApplyToUserEvent(change);
        if (change.Filter is not (KqueueEvent.Read or KqueueEvent.Write) || change.Flags != (KqueueEvent.Add | KqueueEvent.Clear | KqueueEvent.Receipt))
            return IoErrors.Invalid;
        int descriptor = (int)change.Identity;
        lock (_lock)
        {
            var before = _data.GetValueOrDefault(descriptor);
            _data[descriptor] = change.Filter == KqueueEvent.Read ? (change.UserData, before.Write) : (before.Read, change.UserData);
        }

        var wanted = EpollEvent.Of(
            EpollEvent.In | EpollEvent.Out | EpollEvent.Urgent | EpollEvent.ReadHangUp | EpollEvent.EdgeTriggered, (uint)descriptor);
        if (Syscalls.EpollControl(Descriptor, AddCommand, descriptor, &wanted) == 0)
            return 0;
        int error = Marshal.GetLastPInvokeError();
        if (error != AlreadyThere)
            return error;
        return Syscalls.EpollControl(Descriptor, ChangeCommand, descriptor, &wanted) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    public int Take(byte* events, int eventSize, int capacity, Timespec* timeout)
    {
        int told = 0;
        lock (_lock)
        {
            while (told < capacity && _left.TryDequeue(out var left))
                *(KqueueEvent*)(events + (told++ * eventSize)) = left;
        }

        if (told > 0)
            return told;
        byte* found = stackalloc byte[capacity * 16];
        int count = Syscalls.EpollWait(Descriptor, (EpollEvent*)found, capacity, timeout);
        lock (_lock)
        {
            for (int index = 0; index < count; index++)
                Translate(found + (index * EpollEvent.Size));
            while (told < capacity && _left.TryDequeue(out var next))
                *(KqueueEvent*)(events + (told++ * eventSize)) = next;
        }

        return count < 0 ? count : told;
    }

    private int ApplyToUserEvent(in KqueueEvent change)
    {
        if (!_hasUserEvent)
        {
            if ((change.Flags & (KqueueEvent.Add | KqueueEvent.Clear)) != (KqueueEvent.Add | KqueueEvent.Clear))
                return NotThere;
            _hasUserEvent = true;
            var silent = EpollEvent.Of(EpollEvent.EdgeTriggered, UserMark);
            return Syscalls.EpollControl(Descriptor, AddCommand, s_ready, &silent) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }

        if ((change.FilterFlags & KqueueEvent.Trigger) == 0)
            return 0;
        var told = EpollEvent.Of(EpollEvent.In | EpollEvent.EdgeTriggered, UserMark);
        return Syscalls.EpollControl(Descriptor, ChangeCommand, s_ready, &told) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    private void Translate(byte* entry)
    {
        ulong mark = EpollEvent.DataOf(entry);
        uint flags = EpollEvent.FlagsOf(entry);
        if (mark == UserMark)
        {
            _left.Enqueue(new KqueueEvent { Filter = _userFilter });
            return;
        }

        var (reading, writing) = _data[(int)mark];
        bool isBroken = (flags & (EpollEvent.Error | EpollEvent.HangUp)) != 0;
        bool hasEnded = isBroken || (flags & EpollEvent.ReadHangUp) != 0;
        if (hasEnded || (flags & (EpollEvent.In | EpollEvent.Urgent)) != 0)
            _left.Enqueue(Told(KqueueEvent.Read, hasEnded, reading));
        if (isBroken || (flags & EpollEvent.Out) != 0)
            _left.Enqueue(Told(KqueueEvent.Write, isBroken, writing));

        KqueueEvent Told(short filter, bool isEnd, ulong data) => new()
        {
            Identity = (nuint)mark,
            Filter = filter,
            Flags = (ushort)(KqueueEvent.Clear | KqueueEvent.Receipt | (isEnd ? KqueueEvent.EndOfFile : 0)),
            UserData = data,
        };
    }
}
