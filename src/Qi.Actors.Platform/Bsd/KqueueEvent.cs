using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Bsd;

/// <summary>
/// What <c>struct kevent</c> of macOS is, and how that of FreeBSD (12 and later, 64 bits) begins: there 32 bytes follow that are not used here. Those of a
/// system are as far apart as <see cref="IKqueueSystem.EventSize"/> says.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KqueueEvent
{
    /// <summary>EVFILT_READ.</summary>
    internal const short Read = -1;

    /// <summary>EVFILT_WRITE.</summary>
    internal const short Write = -2;

    /// <summary>EV_ADD.</summary>
    internal const ushort Add = 1;

    /// <summary>EV_CLEAR: told once, until something happens again.</summary>
    internal const ushort Clear = 0x20;

    /// <summary>EV_RECEIPT: what came of a change is told in an event of its own, and no other events are.</summary>
    internal const ushort Receipt = 0x40;

    /// <summary>EV_ERROR: <see cref="Data"/> is an error number; 0 in the receipt of a change that was made.</summary>
    internal const ushort Error = 0x4000;

    /// <summary>EV_EOF: nothing comes any more, or nothing can be sent any more.</summary>
    internal const ushort EndOfFile = 0x8000;

    /// <summary>NOTE_TRIGGER, of a user's event: it happens now.</summary>
    internal const uint Trigger = 0x100_0000;

    /// <summary>The descriptor, or the name of a user's event.</summary>
    internal nuint Identity;

    /// <summary>What about it.</summary>
    internal short Filter;

    /// <summary>What to do, or what has come of it.</summary>
    internal ushort Flags;

    /// <summary>More of them, of the filter.</summary>
    internal uint FilterFlags;

    /// <summary>A number of the filter.</summary>
    internal nint Data;

    /// <summary>What the reactor wants to see again.</summary>
    internal ulong UserData;
}
