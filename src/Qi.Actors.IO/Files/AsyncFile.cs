// A read that finds its bytes in the kernel's memory is made inline, by preadv2(RWF_NOWAIT) on the caller's thread: a ring or another thread would cost more than the
// copy. What would wait for a disk goes to the ring of the dispatcher, if its reactor has one, or to the system's threads for blocking work.
//
// The framework's SafeFileHandle owns the descriptor, and an IoHandle counts who uses it: each operation has a share while it lasts, so that the descriptor is
// closed exactly once, after Dispose and after the last operation. A read that waits for a disk cannot be taken back: Dispose lets it end.
//
// Source: preadv2(2), and "io_uring" of J. Axboe for the rest; the names and exceptions are those of System.IO.RandomAccess.

using Microsoft.Win32.SafeHandles;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>A file that is read and written at offsets, by any number of operations at once.</summary>
/// <remarks>
/// <b>Threads</b>: any; any number of operations may be in progress. <b>Cost</b>: a read of what is in memory is one system call on the caller's thread and allocates
/// nothing; what waits for a disk takes io_uring or a thread that may block. <b>Order</b>: operations in progress at once have none. <b>Units</b>: offsets and lengths are
/// bytes. A file must be disposed of: nothing else closes it before its system stops.
/// </remarks>
public sealed partial class AsyncFile : IAsyncDisposable, IDisposable
{
    private readonly ActorSystem _system;
    private readonly SafeFileHandle _file;
    private readonly IoHandle _handle;
    private readonly FileAccess _access;
    private readonly bool _hasRing;
    private readonly bool _isInMemory;
    private readonly IoSource?[] _yields = new IoSource?[MostYields];

    // Written by any thread: false once the file system has said that it cannot be asked not to wait.
    private bool _canReadNow = true;
    private bool _canWriteNow = true;

    private AsyncFile(ActorSystem system, SafeFileHandle file, string path, FileAccess access)
    {
        IoWait.Register();
        _system = system;
        _file = file;
        _access = access;
        Path = path;
        var reactors = system.Pool.Reactors;
        _hasRing = reactors.Plan.Kind == ReactorKind.Uring;
        _handle = reactors.Own(file.DangerousGetHandle(), IoHandleKind.File, Release);
        reactors.Attach(_handle);
        _isInMemory = CanSeek(file) && NativeFiles.IsInMemory(_handle);
    }

    /// <summary>The full path that it was opened by.</summary>
    public string Path { get; }

    /// <summary>How long the file is. <b>Cost</b>: a system call.</summary>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    /// <exception cref="NotSupportedException">It is something without a length, such as a pipe.</exception>
    public long Length => Use(static file => RandomAccess.GetLength(file));

    /// <summary>When it was last written to, in UTC. <b>Cost</b>: a system call.</summary>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public DateTime LastWriteTimeUtc => Use(File.GetLastWriteTimeUtc);

    /// <summary>Its attributes. <b>Cost</b>: a system call.</summary>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public FileAttributes Attributes => Use(File.GetAttributes);

    /// <summary>Opens a file, on a thread that may block.</summary>
    /// <param name="system">Whose dispatchers and threads serve it.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="mode">Whether it must be there or must not be. Default: it must. <see cref="FileMode.Append"/> is not allowed: see <see cref="AppendAsync"/>.</param>
    /// <param name="access">What is done with it. Default: it is read.</param>
    /// <param name="share">What others may do meanwhile; advice, except on Windows. Default: read.</param>
    /// <param name="options">Hints to the operating system. Default: none.</param>
    /// <param name="preallocationBytes">Room that is reserved for a new file. Default 0: none.</param>
    /// <param name="cancellationToken">Ends the attempt, unless it has begun.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened so, or is a folder.</exception>
    /// <exception cref="IOException">It is there and must not be, is in use, or the disk has no room.</exception>
    /// <exception cref="ArgumentException">The mode is <see cref="FileMode.Append"/>, or the values do not go together.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before it began.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static ValueTask<AsyncFile> OpenAsync(
        ActorSystem system,
        string path,
        FileMode mode = FileMode.Open,
        FileAccess access = FileAccess.Read,
        FileShare share = FileShare.Read,
        FileOptions options = FileOptions.None,
        long preallocationBytes = 0,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (mode == FileMode.Append)
            throw new ArgumentException("mode is Append, but there is no position to keep. Open with OpenOrCreate and write by AppendAsync.", nameof(mode));
        string full = System.IO.Path.GetFullPath(path);
        return OwnedResult<AsyncFile>.Of(token => system.RunBlocking(() => Open(system, full, mode, access, share, options, preallocationBytes), token), cancellationToken);
    }

    /// <summary>Opens a file here and now. A thread that may block.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    internal static AsyncFile Open(ActorSystem system, string path, FileMode mode, FileAccess access, FileShare share, FileOptions options = FileOptions.None, long preallocationBytes = 0)
    {
        var file = File.OpenHandle(path, mode, access, share, options, preallocationBytes);
        try
        {
            return new AsyncFile(system, file, path, access);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Closes the file. Operations that the operating system has end as they would have, and the descriptor is given back after the last one. Those that have not reached
    /// it end with an <see cref="ObjectDisposedException"/>, and nothing further begins. Nothing is made durable: see <see cref="FlushAsync"/>.
    /// </summary>
    public void Dispose() => _handle.Close();

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => $"file {Path}";

    private static bool CanSeek(SafeFileHandle file)
    {
        try
        {
            return RandomAccess.GetLength(file) >= 0;
        }
        catch (NotSupportedException)
        {
            return false; // a pipe: it may wait, wherever it lies
        }
    }

    private T Use<T>(Func<SafeFileHandle, T> call)
    {
        if (!_handle.TryUse())
            throw Closed("Asking about");
        try
        {
            return call(_file);
        }
        finally
        {
            _handle.EndUse();
        }
    }

    private ObjectDisposedException Closed(string what) => new(nameof(AsyncFile), $"{what} {Path}: the file is closed.");

    private void Release(IoHandle handle)
    {
        _system.Pool.Reactors.Forget(handle);
        _file.Dispose();
    }
}
