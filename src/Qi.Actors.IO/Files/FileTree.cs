// Everything here waits for a disk, so it runs on the system's threads for blocking work, and does there what the framework does: File.Copy, for one, clones the
// file or has the kernel copy it (copy_file_range, sendfile), and reads and writes where neither goes.
//
// A walk fetches entries in batches, and the next batch while the last one is consumed: so at most two are in memory, and no thread waits for a slow consumer.
//
// Replacing follows T. S. Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014): write beside, make the content durable, rename, make the folder durable.

using System.IO.Enumeration;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>Files and folders by their names.</summary>
/// <remarks><b>Threads</b>: any. <b>Cost</b>: each call takes one of the system's threads for blocking work while it lasts. A call that has begun is not cut off by its token.</remarks>
public static class FileTree
{
    private const int BatchEntries = 256;

    /// <summary>Goes through a folder, and through those below it.</summary>
    /// <param name="system">Whose threads do it.</param>
    /// <param name="folder">Where to begin. It is not given itself.</param>
    /// <param name="pattern">Which names are given, with * and ?. Default: all. Folders are gone through whatever their names are.</param>
    /// <param name="options">
    /// Depth, case, hidden entries; null for all folders below, and all entries but those that may not be read. With null links are given and not followed; with options a link to a folder is
    /// gone through as the framework does it, unless <see cref="EnumerationOptions.AttributesToSkip"/> has <see cref="FileAttributes.ReparsePoint"/>.
    /// </param>
    /// <param name="cancellationToken">Ends the walk.</param>
    /// <remarks><b>Order</b>: the file system's. What changes meanwhile is given or not.</remarks>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IAsyncEnumerable<FileEntry> WalkAsync(
        ActorSystem system, string folder, string pattern = "*", EnumerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        var entries = Walk(system, Path.GetFullPath(folder), pattern, options, cancellationToken);
        return new CoroutineEnumerable<FileEntry>(token => entries.GetAsyncEnumerator(token));
    }

    /// <summary>What is known about a file or a folder; null if there is none.</summary>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    public static Task<FileEntry?> GetAsync(ActorSystem system, string path, CancellationToken cancellationToken = default)
        => Run(system, path, Get, cancellationToken);

    /// <summary>Puts new content into a file, or makes it, so that a reader or a crash finds the old content or the new one and nothing between.</summary>
    /// <param name="system">Whose threads do it.</param>
    /// <param name="path">The file. Its folder must be there. The rights of one that is there are kept, and until the new content is whole only whoever writes it can read that; links to it lead to the old content.</param>
    /// <param name="content">What it will hold.</param>
    /// <param name="cancellationToken">Ends it; the file is as it was then. So does the cancel of a coroutine that awaits this.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">No room is left or the disk failed; the file is as it was, unless it was the folder that could not be made durable.</exception>
    public static ValueTask ReplaceAsync(ActorSystem system, string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        => ReplaceAsync(system, path, (file, token) => file.WriteAtAsync(content, 0, token), cancellationToken);

    /// <summary>As the other, with content that is written by a function.</summary>
    /// <param name="system">Whose threads do it.</param>
    /// <param name="path">The file.</param>
    /// <param name="write">
    /// Writes to the file that it is given, which is empty and will take the other's place. If it throws, the file is as it was. Its token is cancelled with the one here and with a coroutine that
    /// awaits this, which waits until it has ended.
    /// </param>
    /// <param name="cancellationToken">Ends it; the file is as it was then.</param>
    /// <inheritdoc cref="ReplaceAsync(ActorSystem, string, ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public static ValueTask ReplaceAsync(ActorSystem system, string path, Func<AsyncFile, CancellationToken, ValueTask> write, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw new ArgumentException($"path is '{path}', a root. Name a file.", nameof(path));
        return LentTask<bool>.OfVoid((system, full, folder, write), static (what, token) => ReplaceAsync(what.system, what.full, what.folder, what.write, token), cancellationToken);
    }

    /// <summary>Copies a file with its rights: by sharing its blocks where the file system can, else inside of the kernel where that can.</summary>
    /// <param name="system">Whose threads do it.</param>
    /// <param name="from">The file.</param>
    /// <param name="to">The copy.</param>
    /// <param name="overwrite">Whether a file that is there may be overwritten. Default: no.</param>
    /// <param name="cancellationToken">Ends it, unless it has begun.</param>
    /// <exception cref="IOException">The copy is there already, no room is left, or the disk failed.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Task CopyAsync(ActorSystem system, string from, string to, bool overwrite = false, CancellationToken cancellationToken = default)
        => Run(system, from, file => Do(() => File.Copy(file, to, overwrite)), cancellationToken);

    /// <summary>Gives a file another name. On one file system that is a single step.</summary>
    /// <param name="system">Whose threads do it.</param>
    /// <param name="from">The file.</param>
    /// <param name="to">Its new name.</param>
    /// <param name="overwrite">Whether a file that is there may be overwritten. Default: no.</param>
    /// <param name="cancellationToken">Ends it, unless it has begun.</param>
    /// <exception cref="IOException">A file of the new name is there already.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Task MoveAsync(ActorSystem system, string from, string to, bool overwrite = false, CancellationToken cancellationToken = default)
        => Run(system, from, file => Do(() => File.Move(file, to, overwrite)), cancellationToken);

    /// <summary>Deletes a file, or a folder with all that is in it. Nothing happens if there is none.</summary>
    /// <exception cref="UnauthorizedAccessException">It may not be deleted.</exception>
    public static Task DeleteAsync(ActorSystem system, string path, CancellationToken cancellationToken = default)
        => Run(system, path, full => Do(() => Delete(full)), cancellationToken);

    internal static FileEntry? Get(string path)
    {
        FileSystemInfo info = new FileInfo(path);
        if (!info.Exists)
            info = new DirectoryInfo(path);
        if (!info.Exists)
            return null;
        return new FileEntry(path, info is DirectoryInfo, info.LinkTarget is not null, (info as FileInfo)?.Length ?? 0, info.LastWriteTimeUtc);
    }

    private static async ValueTask<bool> ReplaceAsync(
        ActorSystem system, string full, string folder, Func<AsyncFile, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        string beside = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.new");
        try
        {
            var file = await system.RunBlocking(() => OpenBeside(system, full, beside), cancellationToken).ConfigureAwait(false);
            await using (file.ConfigureAwait(false))
            {
                await write(file, cancellationToken).ConfigureAwait(false);
                await system.RunBlocking(() => KeepRights(full, beside), cancellationToken).ConfigureAwait(false);
                await file.FlushAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            }

            await system.RunBlocking(() => File.Move(beside, full, overwrite: true), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await DeleteBeside(system, beside).ConfigureAwait(false);
            throw;
        }

        await system.RunBlocking(() => Sync(folder), CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    private static async IAsyncEnumerable<FileEntry> Walk(
        ActorSystem system, string folder, string pattern, EnumerationOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var found = await system.RunBlocking(() => Enumerate(folder, pattern, options).GetEnumerator(), cancellationToken).ConfigureAwait(false);
        var next = system.RunBlocking(() => Take(found), cancellationToken);
        try
        {
            while (true)
            {
                var batch = await next.ConfigureAwait(false);
                bool isLast = batch.Count < BatchEntries;
                if (!isLast)
                    next = system.RunBlocking(() => Take(found), cancellationToken);
                foreach (var entry in batch)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return entry;
                }

                if (isLast)
                    yield break;
            }
        }
        finally
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a batch in progress still uses the enumerator
        }
    }

    private static FileSystemEnumerable<FileEntry> Enumerate(string folder, string pattern, EnumerationOptions? options)
    {
        bool followsLinks = options is not null;
        options ??= new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        return new(folder, Describe, options)
        {
            ShouldIncludePredicate = (ref entry) => FileSystemName.MatchesSimpleExpression(pattern, entry.FileName, options.MatchCasing == MatchCasing.CaseInsensitive),
            ShouldRecursePredicate = (ref entry) => followsLinks || !IsLink(ref entry),
        };
    }

    private static FileEntry Describe(ref FileSystemEntry entry)
        => new(entry.ToFullPath(), entry.IsDirectory, IsLink(ref entry), entry.IsDirectory ? 0 : entry.Length, entry.LastWriteTimeUtc.UtcDateTime);

    private static bool IsLink(ref FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);

    private static List<FileEntry> Take(IEnumerator<FileEntry> found)
    {
        var batch = new List<FileEntry>(BatchEntries);
        while (batch.Count < BatchEntries && found.MoveNext())
            batch.Add(found.Current);
        return batch;
    }

    // Until the content is whole it is nobody's but the owner's, who may forbid others to read the old one; and who has a file open keeps it, whatever its rights become.
    private static AsyncFile OpenBeside(ActorSystem system, string full, string beside)
    {
        if (!Directory.Exists(Path.GetDirectoryName(full)))
            throw new DirectoryNotFoundException($"Replacing {full} failed: there is no such folder. Make it first.");
        if (OperatingSystem.IsWindows() || !File.Exists(full))
            return AsyncFile.Open(system, beside, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(beside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }).Dispose();
        return AsyncFile.Open(system, beside, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    // A system that has stopped lends no thread: then it is done on this one.
    private static async Task DeleteBeside(ActorSystem system, string beside)
    {
        try
        {
            await system.RunBlocking(() => TryDelete(beside)).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            TryDelete(beside);
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is the one to tell.
        }
    }

    private static void KeepRights(string from, string to)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(from))
            File.SetUnixFileMode(to, File.GetUnixFileMode(from));
    }

    private static void Sync(string folder)
    {
        int result = NativeFiles.SyncFolder(folder);
        if (result < 0 && result != -IoErrors.NotImplemented)
            throw FileErrors.Of(-result, FileErrors.Sentence("Making durable", null, null, folder), folder);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
            Directory.Delete(path, recursive: true);
        else if (Directory.Exists(Path.GetDirectoryName(path)))
            File.Delete(path);
    }

    private static bool Do(Action action)
    {
        action();
        return true;
    }

    private static Task<T> Run<T>(ActorSystem system, string path, Func<string, T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        return system.RunBlocking(() => work(full), cancellationToken);
    }
}
