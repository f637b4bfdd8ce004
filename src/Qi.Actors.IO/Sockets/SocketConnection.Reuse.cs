using System.IO.Pipelines;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

public sealed partial class SocketConnection
{
    /// <summary>
    /// Whether somebody else can begin anew on it: it is open both ways, nothing is in progress or left to flush, and there is nothing to read. What is readable now is the end, or
    /// something that the other end says out of turn. Whoever uses the connection alone.
    /// </summary>
    internal bool IsReusable
    {
        get
        {
            if (_handle.IsClosed || Atomic.Read(ref _hasEndedWriting) || !_reads.IsIdle || !_writes.IsIdle || HoldsBytes())
                return false;
            try
            {
                return !HasUnread;
            }
            catch (ObjectDisposedException)
            {
                return false; // the system stops meanwhile
            }
        }
    }

    /// <summary>Whether something has come that nobody has read, be it the end. Whoever reads it.</summary>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    internal bool HasUnread => NativeSockets.IsReadable(_handle);

    // Bytes that nobody has flushed, or that the pipe has read and nobody has consumed. A reader that was completed can never be used again.
    private bool HoldsBytes()
    {
        if (Atomic.Read(ref _pipe) is not { } pipe)
            return false;
        if (pipe.Output.UnflushedBytes > 0)
            return true;
        try
        {
            pipe.Input.CancelPendingRead(); // else it tells nothing of bytes that were looked at and not consumed
            if (!pipe.Input.TryRead(out ReadResult read))
                return false;
            pipe.Input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}
