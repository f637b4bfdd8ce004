// The operations of the portable reactor. Pieces go through a buffer: the framework takes no pointers.

using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Platform;

/// <summary>Operations as the framework's sockets do them.</summary>
internal static class PortableTransfer
{
    private const int MostPieceBytes = 64 * 1024;

    /// <summary>Does it. The result is that of the operation; failures are the framework's exceptions.</summary>
    internal static async Task<int> RunAsync(IoOperation operation, Socket socket, CancellationToken cancel)
    {
        switch (operation.Kind)
        {
            case IoKind.Receive:
                return await socket.ReceiveAsync(operation.Memory, SocketFlags.None, cancel).ConfigureAwait(false);
            case IoKind.Send:
                await SendAllAsync(socket, operation.Memory, cancel).ConfigureAwait(false);
                return operation.Memory.Length;
            case IoKind.ReceiveVectored:
                return await ReceivePiecesAsync(operation, socket, cancel).ConfigureAwait(false);
            case IoKind.SendVectored:
                return await SendPiecesAsync(operation, socket, cancel).ConfigureAwait(false);
            case IoKind.WaitReadable:
                return await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancel).ConfigureAwait(false);
            case IoKind.ReceiveFrom:
                return await ReceiveFromAsync(operation, socket, cancel).ConfigureAwait(false);
            case IoKind.SendTo:
                return await socket.SendToAsync(operation.Memory, SocketFlags.None, AddressOf(operation, socket), cancel).ConfigureAwait(false);
            case IoKind.Accept:
                operation.AddressLength = 0; // who it is can be asked of the descriptor
                return Take(await socket.AcceptAsync(cancel).ConfigureAwait(false));
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

    private static async Task<int> ReceiveFromAsync(IoOperation operation, Socket socket, CancellationToken cancel)
    {
        var sender = new SocketAddress(socket.AddressFamily);
        int received = await socket.ReceiveFromAsync(operation.Memory, SocketFlags.None, sender, cancel).ConfigureAwait(false);
        operation.AddressLength = Math.Min(sender.Size, operation.Address!.Length);
        sender.Buffer.Span[..operation.AddressLength].CopyTo(operation.Address);
        return received;
    }

    private static SocketAddress AddressOf(IoOperation operation, Socket socket)
    {
        var address = new SocketAddress(socket.AddressFamily, operation.AddressLength);
        operation.Address.AsSpan(0, operation.AddressLength).CopyTo(address.Buffer.Span);
        return address;
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

    // The descriptor is the submitter's, so the framework's socket must not close it.
    private static int Take(Socket accepted)
    {
        nint descriptor = accepted.SafeHandle.DangerousGetHandle();
        accepted.SafeHandle.SetHandleAsInvalid();
        return checked((int)descriptor);
    }
}
