// What a reactor of kqueue asks of its system: a parameter, so that each system has code of its own, and so that tests can put another kernel there.

using System.Runtime.InteropServices;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Bsd;

/// <summary>The calls and the numbers of a system with kqueue.</summary>
internal unsafe interface IKqueueSystem
{
    /// <summary>How far apart two events are. <b>Units</b>: bytes.</summary>
    static abstract int EventSize { get; }

    /// <summary>EVFILT_USER.</summary>
    static abstract short UserFilter { get; }

    /// <summary>Makes a queue. Its descriptor, or -1 and errno.</summary>
    static abstract int Create();

    /// <summary>Makes changes, then takes events, waiting until there are some or the time has passed; null is for ever. How many, or -1 and errno.</summary>
    static abstract int Exchange(int queue, byte* changes, int changeCount, byte* events, int capacity, Timespec* timeout);

    /// <summary>Takes the events that are there.</summary>
    static abstract int Take(int queue, byte* events, int capacity);

    /// <summary>Whether there are events. An estimate.</summary>
    static abstract bool HasEvents(int queue);
}

/// <summary>macOS and its kin.</summary>
internal readonly unsafe struct MacOsKqueue : IKqueueSystem
{
    public static int EventSize => 32;

    public static short UserFilter => -10;

    public static int Create() => KqueueCalls.Create();

    public static int Exchange(int queue, byte* changes, int changeCount, byte* events, int capacity, Timespec* timeout)
        => KqueueCalls.Exchange(queue, changes, changeCount, events, capacity, timeout);

    public static int Take(int queue, byte* events, int capacity) => KqueueCalls.Take(queue, events, capacity);

    public static bool HasEvents(int queue) => KqueueCalls.HasEvents(queue);
}

/// <summary>FreeBSD 12 and later.</summary>
internal readonly unsafe struct FreeBsdKqueue : IKqueueSystem
{
    public static int EventSize => 64;

    public static short UserFilter => -11;

    public static int Create() => KqueueCalls.Create();

    public static int Exchange(int queue, byte* changes, int changeCount, byte* events, int capacity, Timespec* timeout)
        => KqueueCalls.Exchange(queue, changes, changeCount, events, capacity, timeout);

    public static int Take(int queue, byte* events, int capacity) => KqueueCalls.Take(queue, events, capacity);

    public static bool HasEvents(int queue) => KqueueCalls.HasEvents(queue);
}

/// <summary>The calls themselves, which both have under the same names.</summary>
internal static unsafe partial class KqueueCalls
{
    /// <summary>Makes a queue. A process that is forked off does not inherit it.</summary>
    [LibraryImport("libc", EntryPoint = "kqueue", SetLastError = true)]
    internal static partial int Create();

    [LibraryImport("libc", EntryPoint = "kevent", SetLastError = true)]
    internal static partial int Exchange(int queue, byte* changes, int changeCount, byte* events, int capacity, Timespec* timeout);

    /// <summary>Takes the events that are there.</summary>
    internal static int Take(int queue, byte* events, int capacity)
    {
        var none = default(Timespec);
        return TakeNow(queue, null, 0, events, capacity, &none);
    }

    /// <summary>Whether there are events.</summary>
    internal static bool HasEvents(int queue)
    {
        UnixCalls.PollEntry entry = new() { Descriptor = queue, Wanted = UnixCalls.PollEntry.In };
        return UnixCalls.PollNow(&entry, 1, 0) > 0;
    }

    // The time must be none: the thread stays in cooperative mode.
    [LibraryImport("libc", EntryPoint = "kevent")]
    [SuppressGCTransition]
    private static partial int TakeNow(int queue, byte* changes, int changeCount, byte* events, int capacity, Timespec* timeout);
}
