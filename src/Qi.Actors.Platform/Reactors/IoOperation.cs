using System.Runtime.CompilerServices;

namespace Qi.Actors.Platform;

/// <summary>What an operation does. From <see cref="ReadAt"/> on they are of files, and not every reactor begins those.</summary>
public enum IoKind : byte
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Reads what is there, at most <see cref="IoOperation.Memory"/>, from a connected socket, a pipe or the like. 0 is the end.</summary>
    Receive,

    /// <summary>Writes all of <see cref="IoOperation.Memory"/>. The result is its length.</summary>
    Send,

    /// <summary>As <see cref="Receive"/>, into <see cref="IoOperation.Vectors"/>.</summary>
    ReceiveVectored,

    /// <summary>As <see cref="Send"/>, from <see cref="IoOperation.Vectors"/>, which it changes.</summary>
    SendVectored,

    /// <summary>Waits until a <see cref="Receive"/> would not wait. The result is 0.</summary>
    WaitReadable,

    /// <summary>
    /// Reads one datagram and its sender's address into <see cref="IoOperation.Address"/>. The result is its length, which may be more than there was room for, if
    /// the operating system tells it.
    /// </summary>
    ReceiveFrom,

    /// <summary>Sends one datagram to <see cref="IoOperation.Address"/>.</summary>
    SendTo,

    /// <summary>
    /// Accepts a connection. The result is its descriptor. Who has connected may be in <see cref="IoOperation.Address"/>, if there is room for it: then
    /// <see cref="IoOperation.AddressLength"/> is not 0.
    /// </summary>
    Accept,

    /// <summary>Connects to <see cref="IoOperation.Address"/>. The result is 0.</summary>
    Connect,

    /// <summary>
    /// As <see cref="Receive"/>, into a buffer that the reactor has of <see cref="IoOperation.Buffers"/> and takes when something has come: while it waits, it has none.
    /// The bytes are in <see cref="IoOperation.Received"/>. The result is <see cref="IoOperation.NoBuffer"/> if there was none left: then nothing was read.
    /// </summary>
    ReceiveProvided,

    /// <summary>Reads <see cref="IoOperation.Memory"/> from a file at <see cref="IoOperation.Offset"/>.</summary>
    ReadAt,

    /// <summary>Writes <see cref="IoOperation.Memory"/> to a file at <see cref="IoOperation.Offset"/>.</summary>
    WriteAt,

    /// <summary>As <see cref="ReadAt"/>, into <see cref="IoOperation.Vectors"/>.</summary>
    ReadVectoredAt,

    /// <summary>As <see cref="WriteAt"/>, from <see cref="IoOperation.Vectors"/>.</summary>
    WriteVectoredAt,

    /// <summary>Makes what was written to a file durable.</summary>
    Sync,
}

/// <summary>A piece of memory as the operating system reads it: <c>struct iovec</c>.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential)]
public struct IoVector
{
    /// <summary>Where it begins. It does not move while the operation lasts.</summary>
    public nint Start;

    /// <summary>How long it is. <b>Units</b>: bytes.</summary>
    public nint Length;
}

/// <summary>One operation of a descriptor, used again and again: at most one use at a time.</summary>
/// <remarks>
/// <b>Threads</b>: whoever submits it writes what it asks for, and touches nothing of it until it has ended; then it is the submitter's again.
/// </remarks>
public abstract class IoOperation
{
    /// <summary>The result of an <see cref="IoKind.ReceiveProvided"/> that found no buffer. No buffer is so long.</summary>
    public const int NoBuffer = int.MaxValue;

    /// <summary>How much one system call writes. A reader that is fast enough would keep the call, and its dispatcher, for as long as there is something to write.</summary>
    internal const int MostBytesAtOnce = 1 << 20;

    private int _result;

    /// <summary>The descriptor; set by <see cref="IoHandle.TryBegin"/>.</summary>
    public IoHandle Handle { get; internal set; } = null!;

    /// <summary>Which use this is; set by <see cref="IoHandle.TryBegin"/>. A cancel names it.</summary>
    public int Use { get; internal set; }

    /// <summary>What it does.</summary>
    public IoKind Kind { get; set; }

    /// <summary>What is read into or written.</summary>
    public Memory<byte> Memory { get; set; }

    /// <summary>The pieces of a vectored operation: a pinned array, whose pieces are pinned.</summary>
    public IoVector[]? Vectors { get; set; }

    /// <summary>How many of <see cref="Vectors"/> count.</summary>
    public int VectorCount { get; set; }

    /// <summary>Where in a file. <b>Units</b>: bytes from its beginning.</summary>
    public long Offset { get; set; }

    /// <summary>A socket address in the operating system's form, pinned; room for one where it is an output.</summary>
    public byte[]? Address { get; set; }

    /// <summary>How much of <see cref="Address"/> counts. <b>Units</b>: bytes.</summary>
    public int AddressLength { get; set; }

    /// <summary>Where the reactor has buffers from, for <see cref="IoKind.ReceiveProvided"/>: the same for all operations of a reactor.</summary>
    public IBufferSource? Buffers { get; set; }

    /// <summary>What <see cref="IoKind.ReceiveProvided"/> has read into: the submitter's to give back, if the result is above 0 and not <see cref="NoBuffer"/>; else null.</summary>
    public System.Buffers.IMemoryOwner<byte>? Received { get; set; }

    /// <summary>What came of it: a count or a descriptor from 0 up, or the negative of the system's error number.</summary>
    public int Result
    {
        get => _result;
        set => _result = value;
    }

    /// <summary>How much of it is done, while it lasts. <b>Units</b>: bytes. Reactor.</summary>
    internal int Transferred { get; set; }

    /// <summary>The first of <see cref="Vectors"/> that is left, while it lasts. Reactor.</summary>
    internal int NextVector { get; set; }

    /// <summary>What the reactor knows it by. Reactor.</summary>
    internal long ReactorTag { get; set; }

    /// <summary>What keeps its memory in place. Reactor.</summary>
    internal System.Buffers.MemoryHandle Pin { get; set; }

    /// <summary>True for those that use the reading side of the descriptor.</summary>
    public bool IsReading
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Kind is IoKind.Receive or IoKind.ReceiveVectored or IoKind.WaitReadable or IoKind.ReceiveFrom or IoKind.Accept or IoKind.ReceiveProvided;
    }

    /// <summary>Counts bytes that were written from <see cref="Vectors"/>; true if some are left. Reactor.</summary>
    internal bool SkipVectors(int bytes)
    {
        var vectors = Vectors!;
        nint left = bytes;
        Transferred += bytes;
        while (NextVector < VectorCount && left >= vectors[NextVector].Length)
            left -= vectors[NextVector++].Length;
        if (NextVector == VectorCount)
            return false;
        vectors[NextVector].Start += left;
        vectors[NextVector].Length -= left;
        return true;
    }

    /// <summary>Takes a result that is something to own. One of all who try gets it; the others find the other result instead. Any thread, when it has ended.</summary>
    public bool TryTakeResult(int result, int instead) => Atomic.CompareExchange(ref _result, instead, result) == result;

    /// <summary>
    /// The pieces that are left to write, as far as one system call may go. A first piece that alone is too long is put into <paramref name="part"/>, shortened, and
    /// the result is 0; otherwise it is how many whole pieces there are from <see cref="NextVector"/> on. If none is left both are nothing. Reactor.
    /// </summary>
    internal int Share(int mostVectors, out IoVector part)
    {
        part = default;
        if (NextVector >= VectorCount)
            return 0; // behind those that count the array has pieces of an earlier use, which are not pinned any more
        var vectors = Vectors!;
        part = vectors[NextVector];
        if (part.Length > MostBytesAtOnce)
        {
            part.Length = MostBytesAtOnce;
            return 0;
        }

        int count = 0;
        nint left = MostBytesAtOnce;
        while (count < mostVectors && NextVector + count < VectorCount && vectors[NextVector + count].Length <= left)
            left -= vectors[NextVector + count++].Length;
        return count;
    }

    /// <summary>
    /// It has ended, after <see cref="Reactor.Submit"/> returned false. Called once for each use, by the reactor's owner, or by whoever cancels or closes: it
    /// must be short and must not throw.
    /// </summary>
    protected abstract void OnCompleted();

    /// <summary>The handle is being closed while the operating system has this operation: it is to be cancelled. Any thread.</summary>
    protected abstract void RequestCancel(int use);

    /// <summary>Tells the submitter. Reactor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void TellCompleted() => OnCompleted();

    /// <summary>Has it cancelled. Whoever closes the handle.</summary>
    internal void TellToCancel() => RequestCancel(Use);
}
