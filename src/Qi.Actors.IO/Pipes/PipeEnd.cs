using System.ComponentModel;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>One end of a pipe: bytes go in at the writing end and come out at the reading end.</summary>
/// <remarks>
/// <b>Threads</b>: any; one operation at a time. <b>Cost</b>: one that need not wait is one system call; one that must wait suspends the awaiting coroutine, without an
/// allocation. <b>Order</b>: bytes arrive as they were written. Linux only. An end must be disposed of: nothing else closes it before its system stops.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed partial class PipeEnd : IAsyncDisposable, IDisposable, IIoOwner
{
    private const int BrokenPipe = 32;

    private readonly ActorSystem _system;
    private readonly string _name;
    private readonly IoHandle _handle;
    private readonly IoSource _source;

    private PipeEnd(ActorSystem system, nint descriptor, bool isWriting, string name)
    {
        IoWait.Register();
        _system = system;
        _name = name;
        IsWriting = isWriting;
        _handle = system.Pool.Reactors.Own(descriptor, IoHandleKind.Pipe, Release);
        _source = new IoSource(system.Pool, _handle, this);
        system.Pool.Reactors.Attach(_handle); // which closes it if it cannot
    }

    /// <summary>Whether it is the end to write to; else it is the end to read from.</summary>
    public bool IsWriting { get; }

    /// <summary>Reads what is there, waiting until there is something.</summary>
    /// <param name="buffer">What to read into. If it is empty the wait is for something to read, and nothing is read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many bytes; 0 when all writing ends are closed.</returns>
    /// <exception cref="IOException">The system refuses: the inner exception says why.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no byte is lost.</exception>
    /// <exception cref="ObjectDisposedException">This end is closed.</exception>
    /// <exception cref="InvalidOperationException">This is the writing end, or another read is in progress, or its result was not awaited.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IsWriting)
            throw new InvalidOperationException($"{this} is the end to write to. Read from the other one.");
        _source.Begin();
        _source.Wanted.Kind = buffer.IsEmpty ? IoKind.WaitReadable : IoKind.Receive;
        _source.Wanted.Memory = buffer;
        return _source.RunAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>Writes everything, waiting for room as needed.</summary>
    /// <param name="buffer">What to write. It must not change before the end.</param>
    /// <param name="cancellationToken">Ends the wait. A part may have been written.</param>
    /// <exception cref="BrokenPipeException">All reading ends are closed.</exception>
    /// <exception cref="IOException">The system refuses: the inner exception says why.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This end is closed.</exception>
    /// <exception cref="InvalidOperationException">This is the reading end, or another write is in progress, or its result was not awaited.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsWriting)
            throw new InvalidOperationException($"{this} is the end to read from. Write to the other one.");
        ObjectDisposedException.ThrowIf(buffer.IsEmpty && _handle.IsClosed, this);
        if (buffer.IsEmpty)
            return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : default;
        _source.Begin();
        _source.Wanted.Kind = IoKind.Send;
        _source.Wanted.Memory = MemoryMarshal.AsMemory(buffer);
        return _source.RunVoidAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>This end as a stream, for whatever is built on streams.</summary>
    /// <param name="leaveOpen">Whether the end stays open when the stream is disposed of. Default false.</param>
    /// <returns>A new stream, which keeps nothing back: flushing does nothing. A synchronous call that must wait blocks its thread.</returns>
    public Stream AsStream(bool leaveOpen = false) => new PipeEndStream(this, leaveOpen);

    /// <summary>The reading end for parsers of protocols, with buffers of its own.</summary>
    /// <returns>A new reader; completing it closes this end.</returns>
    /// <exception cref="InvalidOperationException">This is the writing end.</exception>
    public PipeReader AsReader()
        => IsWriting ? throw new InvalidOperationException($"{this} is the end to write to. Use AsWriter.") : PipeReader.Create(AsStream());

    /// <summary>The writing end with buffers of its own.</summary>
    /// <returns>A new writer; completing it closes this end.</returns>
    /// <exception cref="InvalidOperationException">This is the reading end.</exception>
    public PipeWriter AsWriter()
        => IsWriting ? PipeWriter.Create(AsStream()) : throw new InvalidOperationException($"{this} is the end to read from. Use AsReader.");

    /// <summary>Closes this end: what waits ends with an <see cref="ObjectDisposedException"/>. What was written can still be read.</summary>
    public void Dispose() => _handle.Close();

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => _name;

    string IIoOwner.Describe(IoKind kind) => IsWriting ? $"Writing to {_name}" : $"Reading from {_name}";

    Exception IIoOwner.Failure(IoKind kind, int error)
    {
        string what = ((IIoOwner)this).Describe(kind);
        if (_handle.IsClosed)
            return new ObjectDisposedException(nameof(PipeEnd), $"{what}: the end is closed.");
        var inner = new Win32Exception(error);
        return error == BrokenPipe
            ? new BrokenPipeException($"{what} failed: nobody reads it any more. Close this end too.", inner)
            : new IOException($"{what} failed: {inner.Message}.", inner);
    }

    private void Release(IoHandle handle)
    {
        _source.OnHandleClosed();
        _system.Pool.Reactors.Release(handle);
    }
}

/// <summary>A write to a pipe that nobody reads any more.</summary>
public sealed class BrokenPipeException : IOException
{
    internal BrokenPipeException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
