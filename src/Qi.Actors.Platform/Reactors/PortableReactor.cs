// Operations by the framework's own sockets: correct wherever .NET runs, and slower than the others. They end on the framework's pool, and wait in a queue
// for the owner's next Dispatch.
//
//   _uses, _ended, _isWoken: under the lock. _found: the owner.
//
// R1: an operation is in _uses from before the look at Closed (I6 of IoSide) until it is dispatched: so a cancel by a Close that this look has not seen finds it.
// R2: each use has a source of cancelling of its own: a late cancel reaches the use that it names, or none.
//
// The framework's socket owns a duplicate of the descriptor, for to close it is the handle's part. On Windows, which does not duplicate a socket so easily, it borrows it.

using System.Net.Sockets;
using System.Runtime.InteropServices;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform;

/// <summary>Operations by the framework's sockets, where there is nothing better. Pipes and files are not served.</summary>
/// <remarks><b>Cost</b>: some allocations for each operation, and a hop from the framework's pool.</remarks>
public sealed class PortableReactor : Reactor
{
    private readonly Lock _lock = new();
    private readonly ThreadParker _parker = new();
    private readonly Dictionary<IoOperation, (int Use, CancellationTokenSource Cancelling)> _uses = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(IoOperation Operation, int Result)> _ended = new();
    private bool _isWoken;
    private int _found;

    /// <inheritdoc/>
    public override ReactorKind Kind => ReactorKind.Portable;

    /// <inheritdoc/>
    public override bool IsNonBlocking => false;

    /// <inheritdoc/>
    public override bool HasEvents
    {
        get
        {
            lock (_lock)
            {
                return _isWoken || _ended.Count > 0;
            }
        }
    }

    /// <inheritdoc/>
    public override int InProgress
    {
        get
        {
            lock (_lock)
            {
                return _uses.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override void Attach(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (handle.Kind is IoHandleKind.Pipe or IoHandleKind.File)
            throw Refused(handle, 0);
        try
        {
            handle.Companion ??= new PortableSocket(Borrow(handle));
        }
        catch (SocketException refused)
        {
            throw Refused(handle, refused.NativeErrorCode);
        }

        handle.Reactor = this;
    }

    /// <inheritdoc/>
    public override void Detach(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        (handle.Companion as PortableSocket)?.Socket.Dispose();
        handle.Companion = null;
    }

    /// <inheritdoc/>
    public override bool Submit(IoOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (!Supports(operation.Kind) || operation.Handle.Companion is not PortableSocket socket)
            throw new ArgumentException($"{operation.Kind} of descriptor {operation.Handle.Value} ({operation.Handle.Kind}) is not served here.", nameof(operation));
        var cancelling = new CancellationTokenSource();
        lock (_lock)
        {
            _uses.Add(operation, (operation.Use, cancelling)); // R1
        }

        if (operation.Handle.MustNotSubmit(operation))
        {
            Forget(operation);
            operation.Result = -IoErrors.Canceled;
            operation.Handle.End(operation);
            return true;
        }

        _ = RunAsync(operation, socket, cancelling.Token);
        return false;
    }

    /// <inheritdoc/>
    public override void Cancel(IoOperation operation, int use)
    {
        ArgumentNullException.ThrowIfNull(operation);
        (int Use, CancellationTokenSource Cancelling) found;
        lock (_lock)
        {
            if (!_uses.TryGetValue(operation, out found) || found.Use != use)
                return;
        }

        found.Cancelling.Cancel(); // R2; it may end the operation at once, which takes the lock
    }

    /// <inheritdoc/>
    public override int Wait(long timeoutNs, int mostEvents)
    {
        bool mayWait;
        lock (_lock)
        {
            mayWait = timeoutNs != 0 && !_isWoken && _ended.Count == 0;
        }

        if (mayWait)
            _ = _parker.Park(timeoutNs);
        lock (_lock)
        {
            _isWoken = false;
            return _found = Math.Min(_ended.Count, mostEvents);
        }
    }

    /// <inheritdoc/>
    public override void Dispatch()
    {
        for (; _found > 0; _found--)
        {
            IoOperation operation;
            int result;
            lock (_lock)
            {
                (operation, result) = _ended.Dequeue();
                _uses.Remove(operation);
            }

            operation.Handle.Complete(operation, result);
        }
    }

    /// <inheritdoc/>
    public override void Wake()
    {
        lock (_lock)
        {
            _isWoken = true;
        }

        _parker.Unpark();
    }

    /// <inheritdoc/>
    public override void Dispose() => _parker.Dispose();

    private async Task RunAsync(IoOperation operation, PortableSocket socket, CancellationToken cancel)
    {
        int result = await PortableTransfer.RunAsync(operation, socket, cancel).ConfigureAwait(false);
        lock (_lock)
        {
            _ended.Enqueue((operation, result));
        }

        _parker.Unpark();
    }

    private static PlatformException Refused(IoHandle handle, int error) => new(
        "socket",
        error,
        $"Descriptor {handle.Value} ({handle.Kind}) could not be attached",
        "The portable reactor serves open sockets only; let a thread that may block read and write the others.");

    private void Forget(IoOperation operation)
    {
        lock (_lock)
        {
            _uses.Remove(operation);
        }
    }

    private static Socket Borrow(IoHandle handle)
    {
        if (OperatingSystem.IsWindows())
            return new Socket(new SafeSocketHandle(handle.Value, ownsHandle: false));
        int copy = UnixCalls.Duplicate((int)handle.Value);
        if (copy < 0)
            throw new SocketException((int)IoErrors.ToSocketError(Marshal.GetLastPInvokeError()));
        _ = UnixCalls.Control(copy, SocketNumbers.Here.CloseOnExecRequest);
        return new Socket(new SafeSocketHandle(copy, ownsHandle: true));
    }
}
