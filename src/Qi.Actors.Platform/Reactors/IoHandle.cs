// A descriptor and its two sides. It is closed in the operating system exactly once: when Close was called, no operation is in progress on either
// side, and nobody else uses it (setting an option, say). So no system call ever meets a number that has come to mean something else.

using System.Runtime.CompilerServices;

namespace Qi.Actors.Platform;

/// <summary>What a descriptor is.</summary>
public enum IoHandleKind : byte
{
    /// <summary>A connected socket, or one that will be.</summary>
    Stream,

    /// <summary>A socket of datagrams.</summary>
    Datagram,

    /// <summary>A socket that listens.</summary>
    Listener,

    /// <summary>A pipe, a terminal, a descriptor of events: read and written, no socket.</summary>
    Pipe,

    /// <summary>A file: its operations need no side, and any number may be in progress.</summary>
    File,
}

/// <summary>A descriptor that a reactor serves: owned, and closed exactly once.</summary>
/// <remarks><b>Threads</b>: any. One operation at a time may use each side.</remarks>
public sealed class IoHandle : IDisposable
{
    internal IoSide Reading = IoSide.Fresh;
    internal IoSide Writing = IoSide.Fresh;

    private readonly Action<IoHandle> _close;
    private Reactor? _reactor;
    private int _shares = 2; // one for each side, one for each Use in progress
    private int _isClosing;
    private int _fileUses;

    /// <summary>Owns a descriptor from now on.</summary>
    /// <param name="value">The operating system's number of it.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="close">Closes it in the operating system; called once, by any thread.</param>
    public IoHandle(nint value, IoHandleKind kind, Action<IoHandle> close)
    {
        ArgumentNullException.ThrowIfNull(close);
        Value = value;
        Kind = kind;
        _close = close;
    }

    /// <summary>The operating system's number. It may be used between <see cref="TryUse"/> and <see cref="EndUse"/>, or by an operation.</summary>
    public nint Value { get; }

    /// <summary>What it is.</summary>
    public IoHandleKind Kind { get; }

    /// <summary>
    /// Whether a read that came back short has left nothing, so that the next need not be tried before there is an event. True of TCP. Not of what keeps pieces apart, such
    /// as a queue of changes, a pipe of packets, a terminal, or a Unix socket over which descriptors come. Default false. Set before the first operation.
    /// </summary>
    public bool IsEmptyAfterShortRead { get; set; }

    /// <summary>The reactor that serves it; null before it was attached.</summary>
    public Reactor? Reactor
    {
        get => Atomic.Read(ref _reactor);
        internal set => Atomic.Write(ref _reactor, value);
    }

    /// <summary>Where the reactor keeps it. Reactor.</summary>
    internal int ReactorSlot { get; set; } = -1;

    /// <summary>What goes with the descriptor on other systems: the framework's socket, say.</summary>
    internal object? Companion { get; set; }

    /// <summary>True once <see cref="Close"/> was called.</summary>
    public bool IsClosed => Atomic.Read(ref _isClosing) != 0;

    /// <summary>
    /// Takes the side of the operation's kind for it, or, of a file, a share of the descriptor. On <see cref="IoBegin.Begun"/> submit it, or end it by
    /// <see cref="End"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public IoBegin TryBegin(IoOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        operation.Handle = this;
        operation.Transferred = 0;
        operation.NextVector = 0;
        return Kind == IoHandleKind.File ? TryBeginOfFile(operation) : SideOf(operation).TryBegin(operation);
    }

    /// <summary>Ends the use of a side: the operation is its submitter's again. Whoever owns the operation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End(IoOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (Kind == IoHandleKind.File || SideOf(operation).End())
            GiveBack();
    }

    /// <summary>The same after a read that has taken all there was, with the side's word before it. Whoever owns the operation of that side.</summary>
    internal void EndEmptied(ref IoSide side, long seenBefore)
    {
        if (side.EndEmptied(seenBefore))
            GiveBack();
    }

    /// <summary>I6 of IoSide: true if the handle was closed, so that an operation that has begun must not be handed to the operating system.</summary>
    internal bool MustNotSubmit(IoOperation operation)
    {
        Atomic.Fence();
        return Kind == IoHandleKind.File ? IsClosed : SideOf(operation).IsClosed;
    }

    /// <summary>Ends an operation with a result and tells its submitter. Whoever owns the operation.</summary>
    internal void Complete(IoOperation operation, int result)
    {
        operation.Result = result;
        End(operation);
        operation.TellCompleted();
    }

    /// <summary>Keeps the descriptor from being closed until <see cref="EndUse"/>. False if it is closed.</summary>
    public bool TryUse()
    {
        if (IsClosed)
            return false;
        int seen = Atomic.Read(ref _shares);
        while (seen > 0)
        {
            int before = Atomic.CompareExchange(ref _shares, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>Ends what <see cref="TryUse"/> began.</summary>
    public void EndUse() => GiveBack();

    /// <summary>
    /// Closes the descriptor: what waits ends with <see cref="IoErrors.Canceled"/>, what the operating system has in progress is cancelled, and nothing
    /// further begins. The number is given back when nothing is in progress any more. Once; later calls do nothing. Any thread.
    /// </summary>
    public void Close()
    {
        if (Atomic.Exchange(ref _isClosing, 1) != 0)
            return;
        CloseSide(ref Reading);
        CloseSide(ref Writing);
    }

    /// <summary>As <see cref="Close"/>.</summary>
    public void Dispose() => Close();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref IoSide SideOf(IoOperation operation)
    {
        if (operation.IsReading)
            return ref Reading;
        return ref Writing;
    }

    private IoBegin TryBeginOfFile(IoOperation operation)
    {
        operation.Use = Atomic.Add(ref _fileUses, 1); // a number of its own, for a cancel to name
        return TryUse() ? IoBegin.Begun : IoBegin.Closed;
    }

    private void CloseSide(ref IoSide side)
    {
        if (side.Close(out var waiting, out var inProgress))
            GiveBack();
        if (waiting is not null)
            Complete(waiting, -IoErrors.Canceled);
        inProgress?.TellToCancel();
    }

    private void GiveBack()
    {
        if (Atomic.Add(ref _shares, -1) != 0)
            return;
        Reactor?.Detach(this);
        _close(this);
    }
}
