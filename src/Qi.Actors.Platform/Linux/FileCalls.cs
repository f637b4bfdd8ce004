// The calls on files that only Linux has. The 64-bit names are used, so that an offset has 64 bits on every processor; a C library without them (musl) is found out
// at the first call, by NativeFiles.

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Linux;

[SupportedOSPlatform("linux")]
internal static unsafe partial class FileCalls
{
    /// <summary>Reads at an offset. A count, or -1 and errno.</summary>
    [LibraryImport("libc", EntryPoint = "preadv64v2", SetLastError = true)]
    internal static partial nint Read(int descriptor, IoVector* pieces, int count, long offset, int flags);

    /// <summary>Writes at an offset. A count, or -1 and errno.</summary>
    [LibraryImport("libc", EntryPoint = "pwritev64v2", SetLastError = true)]
    internal static partial nint Write(int descriptor, IoVector* pieces, int count, long offset, int flags);

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
