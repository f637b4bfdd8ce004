// The framework does not tell which file a name leads to, nor whether that is a pipe or a mount. Linux does, by statx(2), whose answer has the same form on every processor. It is
// called by its number, for the C library may not have it (musl).

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform;

/// <summary>What the framework does not tell of files.</summary>
/// <remarks><b>Threads</b>: any.</remarks>
public static partial class FileStatus
{
    private const int AnswerBytes = 256;
    private const nint CurrentFolder = -100;
    private const nint NoFollow = 0x100;
    private const nint TypeAndNumber = 0x101;
    private const int TypeMask = 0xF000;
    private const int Pipe = 0x1000;
    private const ulong RootOfMount = 0x2000; // STATX_ATTR_MOUNT_ROOT

    private static readonly nint s_call = OperatingSystem.IsLinux() ? Syscalls.NumberOf(x64: 332, unified: 291) : 0;

    /// <summary>
    /// What tells the file of this name from another one that has the name later: device and number, or where they are not known the time at which it was made. The number may be
    /// another file's as soon as nobody has this one open. The same for every name without a file.
    /// </summary>
    /// <param name="path">Its name. A link is itself the file.</param>
    public static (ulong Device, ulong Number) IdentityOf(string path)
    {
        if (s_call == 0 || !OperatingSystem.IsLinux())
            return (0, (ulong)File.GetCreationTimeUtc(path).Ticks);
        return TryAsk(path, NoFollow, out var answer) ? (((ulong)answer.DeviceMajor << 32) | answer.DeviceMinor, answer.Number) : default;
    }

    /// <summary>Whether this name leads to something that is no named pipe. False if it leads to nothing, or that is not known.</summary>
    [SupportedOSPlatform("linux")]
    public static bool IsOtherThanPipe(string path) => TryAsk(path, 0, out var answer) && (answer.Mode & TypeMask) != Pipe;

    /// <summary>Whether something is mounted at this name, be it a file alone. False if there is nothing, or that is not known: before Linux 5.8.</summary>
    /// <param name="path">The name. A link is itself the file.</param>
    [SupportedOSPlatform("linux")]
    public static bool IsMounted(string path) => TryAsk(path, NoFollow, out var answer) && (answer.Attributes & RootOfMount) != 0;

    [SupportedOSPlatform("linux")]
    private static bool TryAsk(string path, nint flags, out Answer answer)
    {
        answer = default;
        return s_call != 0 && SystemCall(s_call, CurrentFolder, path, flags, TypeAndNumber, ref answer) == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint SystemCall(nint number, nint folder, string path, nint flags, nint wanted, ref Answer answer);

    /// <summary><c>struct statx</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = AnswerBytes)]
    private struct Answer
    {
        [FieldOffset(8)]
        public ulong Attributes;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
