// The operations of the portable reactor, with the framework's sockets made to keep the contract.
//
// The memory of an operation is pinned from its beginning to its end, and the framework gets a memory over its address: whose memory it is might have it back by the
// time when the framework looks at it, in a thread of its own, which is not to be harmed by that. Pieces go through a buffer: the framework takes no pointers.
//
// The framework tells nobody how long a datagram was that did not fit (on Windows it even fails): each goes through a buffer that has room for the longest.

using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Platform;

/// <summary>A descriptor as the framework has it.</summary>
internal sealed class PortableSocket(Socket socket)
{
    /// <summary>The framework's object.</summary>
    public Socket Socket { get; } = socket;

    /// <summary>An error that a wait for something to read has taken from the socket: it is the next read's. 0 for none. The user of the reading side.</summary>
    public int ReadError { get; set; }
}

/// <summary>Operations as the framework's sockets do them.</summary>
internal static class PortableTransfer
{
    private const int MostPieceBytes = 64 * 1024;
    private const int MostDatagramBytes = 64 * 1024;
    private const int InputOutputError = 5; // EIO: the framework has no word for it

    /// <summary>Does it. The result is that of the operation; it throws nothing.</summary>
    internal static async Task<int> RunAsync(IoOperation operation, PortableSocket socket, CancellationToken cancel)
    {
        PinnedMemory memory;
        try
        {
            memory = new PinnedMemory(operation.Memory);
        }
        catch (Exception)
        {
            return -IoErrors.Fault; // it was given back before it came here
        }

        try
        {
            return await RunAsync(operation, socket, memory.Memory, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return -IoErrors.Canceled;
        }
        catch (SocketException e)
        {
            int error = NumberOf(e);
            if (operation.Kind == IoKind.Connect && error == IoErrors.WouldBlock)
                return -IoErrors.ConnectionRefused; // a Unix socket whose listener's queue is full: as in UnixTry
            if (operation.Kind != IoKind.WaitReadable)
                return -error;
            socket.ReadError = error;
            return 0;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or NotSupportedException)
        {
            return -IoErrors.Invalid; // what the system would say of it: the framework looks first, and has a word of its own
        }
        catch (Exception)
        {
            return -InputOutputError; // an end it has in any case
        }
        finally
        {
            memory.Release();
        }
    }

    private static async Task<int> RunAsync(IoOperation operation, PortableSocket portable, Memory<byte> memory, CancellationToken cancel)
    {
        var socket = portable.Socket;
        if (portable.ReadError is var error and not 0 && operation.IsReading && operation.Kind != IoKind.WaitReadable)
        {
            portable.ReadError = 0;
            return -error;
        }

        switch (operation.Kind)
        {
            case IoKind.Receive:
                return await socket.ReceiveAsync(memory, SocketFlags.None, cancel).ConfigureAwait(false);
            case IoKind.Send when operation.Handle.Kind == IoHandleKind.Datagram:
                return await socket.SendAsync(memory, SocketFlags.None, cancel).ConfigureAwait(false);
            case IoKind.Send:
                await SendAllAsync(socket, memory, cancel).ConfigureAwait(false);
                return memory.Length;
            case IoKind.ReceiveVectored:
                return await ReceivePiecesAsync(operation, socket, cancel).ConfigureAwait(false);
            case IoKind.SendVectored:
                return await SendPiecesAsync(operation, socket, cancel).ConfigureAwait(false);
            case IoKind.WaitReadable:
                return portable.ReadError != 0 ? 0 : await WaitReadableAsync(socket, cancel).ConfigureAwait(false);
            case IoKind.ReceiveFrom:
                return await ReceiveFromAsync(operation, socket, memory, cancel).ConfigureAwait(false);
            case IoKind.SendTo:
                return await socket.SendToAsync(memory, SocketFlags.None, AddressOf(operation, socket), cancel).ConfigureAwait(false);
            case IoKind.Accept:
                return Take(await socket.AcceptAsync(cancel).ConfigureAwait(false), operation);
            default:
                await socket.ConnectAsync(EndPointOf(operation, socket), cancel).ConfigureAwait(false);
                return 0;
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancel).ConfigureAwait(false)..];
    }

    // A receive of nothing waits for a byte of a stream, and takes a whole datagram.
    private static async Task<int> WaitReadableAsync(Socket socket, CancellationToken cancel)
    {
        if (socket.SocketType == SocketType.Stream)
            return await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancel).ConfigureAwait(false);
        byte[] whole = ArrayPool<byte>.Shared.Rent(MostDatagramBytes);
        try
        {
            _ = await socket.ReceiveAsync(whole.AsMemory(), SocketFlags.Peek, cancel).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private static async Task<int> ReceivePiecesAsync(IoOperation operation, Socket socket, CancellationToken cancel)
    {
        long room = 0;
        for (int index = 0; index < operation.VectorCount; index++)
            room += operation.Vectors![index].Length;
        byte[] buffer = new byte[Math.Min(room, MostPieceBytes)];
        int received = await socket.ReceiveAsync(buffer, SocketFlags.None, cancel).ConfigureAwait(false);
        int copied = 0;
        for (int index = 0; copied < received; index++)
        {
            var piece = SpanOf(operation.Vectors![index]);
            int length = Math.Min(piece.Length, received - copied);
            buffer.AsSpan(copied, length).CopyTo(piece);
            copied += length;
        }

        return received;
    }

    private static async Task<int> SendPiecesAsync(IoOperation operation, Socket socket, CancellationToken cancel)
    {
        byte[] buffer = new byte[MostPieceBytes];
        bool isLeft = operation.SkipVectors(0);
        while (isLeft)
        {
            int length = Gather(operation, buffer);
            await SendAllAsync(socket, buffer.AsMemory(0, length), cancel).ConfigureAwait(false);
            isLeft = operation.SkipVectors(length);
        }

        return operation.Transferred;
    }

    private static int Gather(IoOperation operation, Span<byte> buffer)
    {
        int gathered = 0;
        for (int index = operation.NextVector; index < operation.VectorCount && gathered < buffer.Length; index++)
        {
            var piece = SpanOf(operation.Vectors![index]);
            int length = Math.Min(piece.Length, buffer.Length - gathered);
            piece[..length].CopyTo(buffer[gathered..]);
            gathered += length;
        }

        return gathered;
    }

    private static unsafe Span<byte> SpanOf(in IoVector piece) => new((void*)piece.Start, checked((int)piece.Length));

    private static async Task<int> ReceiveFromAsync(IoOperation operation, Socket socket, Memory<byte> memory, CancellationToken cancel)
    {
        byte[] whole = ArrayPool<byte>.Shared.Rent(MostDatagramBytes);
        try
        {
            var sender = new SocketAddress(socket.AddressFamily);
            int received = await socket.ReceiveFromAsync(whole.AsMemory(), SocketFlags.None, sender, cancel).ConfigureAwait(false);
            whole.AsSpan(0, Math.Min(received, memory.Length)).CopyTo(memory.Span);
            SetAddress(operation, sender);
            return received;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private static SocketAddress AddressOf(IoOperation operation, Socket socket)
    {
        var address = new SocketAddress(socket.AddressFamily, operation.AddressLength);
        operation.Address.AsSpan(0, operation.AddressLength).CopyTo(address.Buffer.Span);
        return address;
    }

    private static void SetAddress(IoOperation operation, SocketAddress address)
    {
        operation.AddressLength = Math.Min(address.Size, operation.Address!.Length);
        address.Buffer.Span[..operation.AddressLength].CopyTo(operation.Address);
    }

    private static EndPoint EndPointOf(IoOperation operation, Socket socket)
    {
        var address = AddressOf(operation, socket);
        return socket.AddressFamily switch
        {
            AddressFamily.Unix => new UnixDomainSocketEndPoint("-").Create(address),
            AddressFamily.InterNetworkV6 => new IPEndPoint(IPAddress.IPv6Any, 0).Create(address),
            _ => new IPEndPoint(IPAddress.Any, 0).Create(address),
        };
    }

    // The descriptor is the submitter's, so the framework's socket must not close it. Who has connected: the framework has asked, when it accepted.
    private static int Take(Socket accepted, IoOperation operation)
    {
        operation.AddressLength = 0;
        try
        {
            if (operation.Address is not null && accepted.RemoteEndPoint is { } caller)
                SetAddress(operation, caller.Serialize());
        }
        catch (SocketException)
        {
            // It has gone again: who it was cannot be told.
        }

        nint descriptor = accepted.SafeHandle.DangerousGetHandle();
        accepted.SafeHandle.SetHandleAsInvalid();
        return checked((int)descriptor);
    }

    // The framework's word for an error stands for several numbers, of which it keeps one; for those that it has no word for, none.
    private static int NumberOf(SocketException e) => e.NativeErrorCode > 0 ? e.NativeErrorCode : InputOutputError;

    /// <summary>Memory by its address, which stays pinned.</summary>
    private sealed unsafe class PinnedMemory : MemoryManager<byte>
    {
        private readonly int _length;
        private MemoryHandle _pin;

        public PinnedMemory(Memory<byte> memory)
        {
            _length = memory.Length;
            _pin = memory.Pin();
        }

        public override Span<byte> GetSpan() => new(_pin.Pointer, _length);

        public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)_pin.Pointer + elementIndex);

        // The pins of the framework hold nothing: its own is held from the beginning to Release.
        public override void Unpin()
        {
        }

        public void Release() => _pin.Dispose();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
