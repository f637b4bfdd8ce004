using System.IO.MemoryMappedFiles;

namespace Qi.Actors.IO;

public sealed partial class AsyncFile
{
    /// <summary>Maps the file into memory: make views of the map while the file is open. They live on after it, and must be disposed of themselves.</summary>
    /// <param name="access">What is done with it. Default: what the file was opened for, of reading and writing.</param>
    /// <param name="capacityBytes">How much is mapped; a shorter file is made longer. Default 0: the file's length, which must not be 0 then.</param>
    /// <remarks><b>Cost</b>: the first touch of a page that is not in memory waits for the disk, and holds up the turn. Touching what was cut off kills the process.</remarks>
    /// <exception cref="ArgumentException">The file is empty and no capacity was given.</exception>
    /// <exception cref="UnauthorizedAccessException">The file was not opened for this.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public MemoryMappedFile Map(MemoryMappedFileAccess? access = null, long capacityBytes = 0)
    {
        var wanted = access ?? (_access.HasFlag(FileAccess.Write) ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read);
        return Use(file => MemoryMappedFile.CreateFromFile(file, null, capacityBytes, wanted, HandleInheritability.None, leaveOpen: true));
    }

    /// <summary>The file as a stream with a position of its own, which begins at 0.</summary>
    /// <param name="leaveOpen">True if the file is not closed with the stream. Default: it is closed.</param>
    /// <remarks><b>Threads</b>: one at a time. The stream keeps no bytes back: wrap it in a <see cref="BufferedStream"/> for small writes.</remarks>
    public Stream AsStream(bool leaveOpen = false) => new AsyncFileStream(this, _access, leaveOpen);
}
