// What the kernel and this process share, as it stands in include/uapi/linux/io_uring.h: layouts, numbers, flags. Tests check sizes and offsets.

using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Linux;

/// <summary>Numbers of io_uring's interface.</summary>
internal static class Uring
{
    // Where the parts are mapped.
    internal const long RingsOffset = 0;
    internal const long SubmissionsOffset = 0x10000000;

    // io_uring_setup.
    internal const uint SetupCompletionSize = 1 << 3;
    internal const uint SetupClamp = 1 << 4;
    internal const uint SetupSubmitAll = 1 << 7;
    internal const uint SetupCoopTaskRun = 1 << 8;
    internal const uint SetupTaskRunFlag = 1 << 9;
    internal const uint SetupSingleIssuer = 1 << 12;
    internal const uint SetupDeferTaskRun = 1 << 13;

    // What io_uring_setup says it can do.
    internal const uint FeatureSingleMap = 1 << 0;
    internal const uint FeatureNoDrop = 1 << 1;
    internal const uint FeatureSubmitStable = 1 << 2;
    internal const uint FeatureFastPoll = 1 << 5;
    internal const uint FeatureExtendedArgument = 1 << 8;

    /// <summary>Without these (Linux 5.11 has them all) it is not used.</summary>
    internal const uint NeededFeatures = FeatureSingleMap | FeatureNoDrop | FeatureSubmitStable | FeatureFastPoll | FeatureExtendedArgument;

    // io_uring_enter.
    internal const uint EnterGetEvents = 1 << 0;
    internal const uint EnterExtendedArgument = 1 << 3;

    // The flags that the kernel keeps in the ring of submissions.
    internal const uint RingOverflow = 1 << 1;
    internal const uint RingTaskRun = 1 << 2;

    // io_uring_register.
    internal const uint RegisterProbe = 8;
    internal const uint RegisterBufferRing = 22;
    internal const uint UnregisterBufferRing = 23;
    internal const ushort ProbeSupported = 1;

    // Of a submission: a buffer of the group is taken when something has come. Of its completion: which one.
    internal const byte SelectBuffer = 1 << 5;
    internal const uint HasBuffer = 1;
    internal const int BufferShift = 16;

    /// <summary>The opcodes that are used; each must be known to the kernel.</summary>
    internal static ReadOnlySpan<byte> NeededOpcodes =>
    [
        (byte)UringOpcode.ReadVectored, (byte)UringOpcode.WriteVectored, (byte)UringOpcode.Sync, (byte)UringOpcode.Poll,
        (byte)UringOpcode.SendMessage, (byte)UringOpcode.ReceiveMessage, (byte)UringOpcode.Accept, (byte)UringOpcode.Cancel,
        (byte)UringOpcode.Connect, (byte)UringOpcode.Read, (byte)UringOpcode.Write, (byte)UringOpcode.Send, (byte)UringOpcode.Receive,
    ];

    /// <summary>
    /// What to try after the kernel did not know some of these flags: one fewer, the youngest first. The same flags if none is left that can be done without.
    /// </summary>
    internal static uint Peel(uint flags)
    {
        if ((flags & SetupDeferTaskRun) != 0)
            return flags & ~SetupDeferTaskRun;
        if ((flags & SetupSingleIssuer) != 0)
            return flags & ~SetupSingleIssuer;
        if ((flags & SetupTaskRunFlag) != 0)
            return flags & ~SetupTaskRunFlag;
        if ((flags & SetupCoopTaskRun) != 0)
            return flags & ~SetupCoopTaskRun;
        return flags & ~SetupSubmitAll;
    }
}

/// <summary>What a submission asks for.</summary>
internal enum UringOpcode : byte
{
    ReadVectored = 1,
    WriteVectored = 2,
    Sync = 3,
    Poll = 6,
    SendMessage = 9,
    ReceiveMessage = 10,
    Accept = 13,
    Cancel = 14,
    Connect = 16,
    Read = 22,
    Write = 23,
    Send = 26,
    Receive = 27,
}

/// <summary><c>struct io_uring_sqe</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct UringSubmission
{
    [FieldOffset(0)]
    internal UringOpcode Opcode;
    [FieldOffset(1)]
    internal byte Flags;
    [FieldOffset(2)]
    internal ushort Priority;
    [FieldOffset(4)]
    internal int Descriptor;
    [FieldOffset(8)]
    internal ulong Offset;
    [FieldOffset(16)]
    internal ulong Address;
    [FieldOffset(24)]
    internal uint Length;
    [FieldOffset(28)]
    internal uint OperationFlags;
    [FieldOffset(32)]
    internal ulong UserData;

    /// <summary>The group that a buffer is taken from.</summary>
    [FieldOffset(40)]
    internal ushort BufferGroup;
}

/// <summary><c>struct io_uring_cqe</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringCompletion
{
    internal ulong UserData;
    internal int Result;
    internal uint Flags;
}

/// <summary><c>struct io_uring_buf</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct UringBuffer
{
    [FieldOffset(0)]
    internal ulong Address;
    [FieldOffset(8)]
    internal uint Length;
    [FieldOffset(12)]
    internal ushort Number;

    /// <summary>Of the first one: the ring's tail.</summary>
    [FieldOffset(14)]
    internal ushort Tail;
}

/// <summary><c>struct io_uring_buf_reg</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct UringBufferRing
{
    [FieldOffset(0)]
    internal ulong Address;
    [FieldOffset(8)]
    internal uint Entries;
    [FieldOffset(12)]
    internal ushort Group;
}

/// <summary><c>struct io_sqring_offsets</c> and <c>struct io_cqring_offsets</c>: the last of the fields differ in their meaning.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringOffsets
{
    internal uint Head;
    internal uint Tail;
    internal uint Mask;
    internal uint Entries;

    /// <summary>Of submissions: the flags. Of completions: how many were lost.</summary>
    internal uint FlagsOrOverflow;

    /// <summary>Of submissions: how many were dropped. Of completions: the entries.</summary>
    internal uint DroppedOrCompletions;

    /// <summary>Of submissions: the array of indexes. Of completions: flags.</summary>
    internal uint ArrayOrFlags;

    private readonly uint _reserved;
    private readonly ulong _userAddress;
}

/// <summary><c>struct io_uring_params</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringParameters
{
    internal uint SubmissionEntries;
    internal uint CompletionEntries;
    internal uint Flags;
    internal uint ThreadCore;
    internal uint ThreadIdleMs;
    internal uint Features;
    internal uint WorkerDescriptor;
    private readonly uint _reserved0;
    private readonly uint _reserved1;
    private readonly uint _reserved2;
    internal UringOffsets Submissions;
    internal UringOffsets Completions;
}

/// <summary><c>struct __kernel_timespec</c>: 64 bits everywhere.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelTimespec
{
    internal long Seconds;
    internal long Nanoseconds;
}

/// <summary><c>struct io_uring_getevents_arg</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UringWaitArgument
{
    internal ulong Signals;
    internal uint SignalsBytes;
    internal uint LeastWaitUs;
    internal ulong Timeout;
}

/// <summary><c>struct msghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    internal byte* Name;
    internal uint NameLength;
    internal IoVector* Vectors;
    internal nuint VectorCount;
    internal void* Control;
    internal nuint ControlLength;
    internal int Flags;
}
