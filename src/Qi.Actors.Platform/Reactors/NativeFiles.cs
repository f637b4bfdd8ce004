// What the framework does not offer for files: reads and writes that fail rather than wait, appends in one piece, syncs of content alone and of folders, and the
// queue of changes. Results are counts from 0 up or the negative of an error number, as in IoOperation.Result.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using Qi.Actors.Platform.Linux;
using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform;

/// <summary>Calls on files that do not wait, and others that the framework lacks.</summary>
/// <remarks>
/// <b>Threads</b>: any, while the handle is kept open by <see cref="IoHandle.TryUse"/>. Where the system cannot do it the result is the negative of
/// <see cref="IoErrors.NotImplemented"/>.
/// </remarks>
public static unsafe class NativeFiles
{
    private const int NoWait = 8; // RWF_NOWAIT: fail with EAGAIN rather than wait for a disk or a lock
    private const int AtEnd = 16; // RWF_APPEND: at the end of the file, whatever the offset says
    private const int NotSupported = 95; // EOPNOTSUPP
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const nint TmpfsMagic = 0x0102_1994;
    private const uint RamfsMagic = 0x8584_58F6;
    private const int FileSystemBytes = 256;

    private static readonly bool s_hasCalls = OperatingSystem.IsLinux() && HasCalls();
    private static readonly int s_folderFlags = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x4000 : 0x10000;

    /// <summary>Reads without waiting for a disk. Fewer bytes than asked for are at the end of the file, or what is in memory.</summary>
    /// <param name="file">The file.</param>
    /// <param name="buffer">What to read into.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="isInMemory">As <see cref="IsInMemory"/>: the file system cannot be asked not to wait, and never does.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TryRead(IoHandle file, Span<byte> buffer, long offset, bool isInMemory = false)
    {
        fixed (byte* start = buffer)
        {
            IoVector piece = new() { Start = (nint)start, Length = buffer.Length };
            return TryReadVectored(file, &piece, 1, offset, isInMemory);
        }
    }

    /// <summary>As <see cref="TryRead"/>, into several pieces.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // in a caller's try region the call of the system would go by a stub
    public static int TryReadVectored(IoHandle file, IoVector* pieces, int count, long offset, bool isInMemory = false)
    {
        if (!s_hasCalls || !OperatingSystem.IsLinux())
            return -IoErrors.NotImplemented;
        return Known(FileCalls.Read((int)file.Value, pieces, count, offset, isInMemory ? 0 : NoWait));
    }

    /// <summary>Writes without waiting. Fewer bytes than asked for were written if it would have to wait for the rest.</summary>
    /// <param name="file">The file.</param>
    /// <param name="buffer">What to write.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="isInMemory">As <see cref="IsInMemory"/>.</param>
    public static int TryWrite(IoHandle file, ReadOnlySpan<byte> buffer, long offset, bool isInMemory = false)
    {
        fixed (byte* start = buffer)
        {
            IoVector piece = new() { Start = (nint)start, Length = buffer.Length };
            return TryWriteVectored(file, &piece, 1, offset, isInMemory);
        }
    }

    /// <summary>As <see cref="TryWrite"/>, from several pieces.</summary>
    public static int TryWriteVectored(IoHandle file, IoVector* pieces, int count, long offset, bool isInMemory = false)
        => WriteOnce(file, pieces, count, offset, isInMemory ? 0 : NoWait);

    /// <summary>Writes at the end of the file, wherever that is by then, and waits as long as it takes. The result is how much was written.</summary>
    public static int Append(IoHandle file, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            IoVector piece = new() { Start = (nint)start, Length = buffer.Length };
            while (true)
            {
                int result = WriteOnce(file, &piece, 1, 0, AtEnd);
                if (result != -IoErrors.Interrupted)
                    return result;
            }
        }
    }

    /// <summary>Makes the content durable, and what is needed to read it. The result is 0. It waits as long as it takes.</summary>
    public static int SyncContent(IoHandle file)
    {
        if (!OperatingSystem.IsLinux())
            return -IoErrors.NotImplemented;
        return FileCalls.SyncContent((int)file.Value) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Makes durable which names stand in a folder. The result is 0. It waits as long as it takes.</summary>
    public static int SyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
            return -IoErrors.NotImplemented;
        int descriptor = FileCalls.Open(path, s_folderFlags | CloseOnExec);
        if (descriptor < 0)
            return -Marshal.GetLastPInvokeError();
        int result = FileCalls.Sync(descriptor) == 0 ? 0 : -Marshal.GetLastPInvokeError();
        _ = UnixCalls.Close(descriptor);
        return result;
    }

    /// <summary>True if the file lies on a file system that has no disk (tmpfs, ramfs), so that a read never waits for one.</summary>
    public static bool IsInMemory(IoHandle file)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        nint* answer = stackalloc nint[FileSystemBytes / sizeof(nint)];
        return FileCalls.FileSystemOf((int)file.Value, answer) == 0 && (*answer == TmpfsMagic || (uint)*answer == RamfsMagic);
    }

    /// <summary>Makes a queue of changes of files; the result is its descriptor, which nobody owns yet.</summary>
    /// <param name="isNonBlocking">As <see cref="Reactor.IsNonBlocking"/>.</param>
    public static int CreateWatchQueue(bool isNonBlocking)
    {
        if (!OperatingSystem.IsLinux())
            return -IoErrors.NotImplemented;
        int descriptor = FileCalls.WatchCreate(CloseOnExec | (isNonBlocking ? NonBlocking : 0));
        return descriptor >= 0 ? descriptor : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Has changes of a file or of the names in a folder put into a queue. The result is the number of the watch: the same for the same file.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="changes">The system's bits for changes.</param>
    public static int AddWatch(IoHandle queue, string path, uint changes)
    {
        if (!OperatingSystem.IsLinux())
            return -IoErrors.NotImplemented;
        int watch = FileCalls.WatchAdd((int)queue.Value, path, changes);
        return watch >= 0 ? watch : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Ends a watch. Nothing happens if it has ended.</summary>
    public static void RemoveWatch(IoHandle queue, int watch)
    {
        if (OperatingSystem.IsLinux())
            _ = FileCalls.WatchRemove((int)queue.Value, watch);
    }

    private static int WriteOnce(IoHandle file, IoVector* pieces, int count, long offset, int flags)
    {
        if (!s_hasCalls || !OperatingSystem.IsLinux())
            return -IoErrors.NotImplemented;
        return Known(FileCalls.Write((int)file.Value, pieces, count, offset, flags));
    }

    private static int Known(int result) => result == -NotSupported ? -IoErrors.NotImplemented : result;

    private static bool HasCalls()
    {
        try
        {
            _ = OperatingSystem.IsLinux() ? FileCalls.Read(-1, null, 0, 0, 0) : 0;
            return true;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // another C library: what would wait is left to threads that may
        }
    }
}
