// The calls on files that only Linux has. Read and Write are made again and again, so they go by syscall(2) and ask for errno after a failure only, for the reasons that
// Unix/TransferCalls gives; on processors whose registers have no room for an offset, by the C library's 64-bit names, which it may not have (musl): that is found out at
// the first call, by NativeFiles.

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Linux;

[SupportedOSPlatform("linux")]
internal static unsafe partial class FileCalls
{
    private static readonly nint s_readNumber = Syscalls.NumberOf(x64: 327, unified: 286); // preadv2
    private static readonly nint s_writeNumber = Syscalls.NumberOf(x64: 328, unified: 287); // pwritev2

    /// <summary>Reads at an offset. A count, or the negative of the error number.</summary>
    internal static int Read(int descriptor, IoVector* pieces, int count, long offset, int flags)
        => TransferCalls.Outcome(s_readNumber != 0
            ? SystemCall(s_readNumber, descriptor, pieces, count, (nint)offset, 0, flags)
            : ReadCall(descriptor, pieces, count, offset, flags));

    /// <summary>Writes at an offset. A count, or the negative of the error number.</summary>
    internal static int Write(int descriptor, IoVector* pieces, int count, long offset, int flags)
        => TransferCalls.Outcome(s_writeNumber != 0
            ? SystemCall(s_writeNumber, descriptor, pieces, count, (nint)offset, 0, flags)
            : WriteCall(descriptor, pieces, count, offset, flags));

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint descriptor, IoVector* pieces, nint count, nint offset, nint noUpperHalf, nint flags);

    [LibraryImport("libc", EntryPoint = "preadv64v2")]
    private static partial nint ReadCall(int descriptor, IoVector* pieces, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "pwritev64v2")]
    private static partial nint WriteCall(int descriptor, IoVector* pieces, int count, long offset, int flags);

    /// <summary>Makes the content durable, and of what is known about the file only what is needed to read it.</summary>
    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int SyncContent(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(int descriptor);

    /// <summary>What kind of file system a descriptor is on: the first word of <paramref name="answer"/>, which has room for 256 bytes.</summary>
    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int FileSystemOf(int descriptor, void* answer);

    /// <summary>Opens a folder. <c>open</c> is variadic for the sake of a mode, which is not read here.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    /// <summary>Makes a queue of changes of files.</summary>
    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    internal static partial int WatchCreate(int flags);

    /// <summary>Watches a file or a folder. The number of the watch, or -1 and errno.</summary>
    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int WatchAdd(int queue, string path, uint changes);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    internal static partial int WatchRemove(int queue, int watch);
}
