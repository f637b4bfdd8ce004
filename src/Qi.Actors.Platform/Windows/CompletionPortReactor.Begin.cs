// The system calls: what each kind of operation is to Windows. The results are error numbers: 0 if the attempt has succeeded at once, Pending if a packet will tell. Whatever
// is written by such a call, also after it has come back (wine keeps the pointer to the flags), is in the slot's block, the operation's pinned memory or its address.
//
// A datagram that did not fit would be a warning of the kernel, neither success nor failure, of which a caller cannot know whether it brings a packet (P2). So none is too long: what does not
// fit goes to a place that everybody writes to and nobody reads, and the result is how long the datagram was.

using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Windows;

public sealed unsafe partial class CompletionPortReactor
{
    private const int MostPieces = 64;
    private const int InterNetwork = 2;
    private const int IPv4Bytes = 16;
    private const int IPv6Bytes = 28;
    private const int LongestDatagramBytes = 65_536;

    private static readonly byte[] s_rest = GC.AllocateUninitializedArray<byte>(LongestDatagramBytes, pinned: true);

    private static int Begin(IoOperation operation, CompletionSlot slot)
    {
        var overlapped = &slot.Block->Overlapped;
        *overlapped = default;
        if (!IsSocket(operation.Handle))
            return BeginBytes(operation, overlapped);
        switch (operation.Kind)
        {
            case IoKind.Accept:
                return BeginAccept(operation, slot);
            case IoKind.Connect:
                return BeginConnect(operation, slot.Block);
            case IoKind.ReceiveVectored or IoKind.SendVectored:
                return BeginPieces(operation, slot.Block);
        }

        nint socket = operation.Handle.Value;
        uint* flags = &slot.Block->Flags;
        *flags = 0;
        var buffers = stackalloc WinsockBuffer[2];
        buffers[0] = new() { Start = (byte*)operation.Pin.Pointer + operation.Transferred, Length = (uint)(operation.Memory.Length - operation.Transferred) };
        uint count = 1;
        if (operation.IsReading && operation.Handle.Kind == IoHandleKind.Datagram && operation.Memory.Length < LongestDatagramBytes)
            buffers[count++] = new() { Start = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(s_rest, 0), Length = LongestDatagramBytes };
        switch (operation.Kind)
        {
            case IoKind.Send:
                return ErrorOf(WinsockCalls.Send(socket, buffers, 1, null, 0, overlapped, 0));
            case IoKind.SendTo:
                return ErrorOf(WinsockCalls.SendTo(socket, buffers, 1, null, 0, AddressOf(operation), operation.AddressLength, overlapped, 0));
            case IoKind.ReceiveFrom:
                slot.Block->AddressLength = operation.Address!.Length;
                return ErrorOf(WinsockCalls.ReceiveFrom(
                    socket, buffers, count, null, flags, AddressOf(operation), &slot.Block->AddressLength, overlapped, 0));
            case IoKind.WaitReadable:
                buffers[0] = default; // a stream waits for something to read, and nothing is taken; of datagrams one is looked at
                *flags = count > 1 ? WinsockCalls.Peek : 0;
                return ErrorOf(WinsockCalls.Receive(socket, buffers + count - 1, 1, null, flags, overlapped, 0));
            default:
                return ErrorOf(WinsockCalls.Receive(socket, buffers, count, null, flags, overlapped, 0));
        }
    }

    // Empty pieces are left out: a read of nothing would wait, and its end would look like the other end's.
    private static int BeginPieces(IoOperation operation, CompletionBlock* block)
    {
        var buffers = stackalloc WinsockBuffer[MostPieces];
        uint count = 0;
        for (int index = operation.NextVector; index < operation.VectorCount && count < MostPieces; index++)
        {
            ref var piece = ref operation.Vectors![index];
            if (piece.Length > 0)
                buffers[count++] = new WinsockBuffer { Start = (byte*)piece.Start, Length = (uint)piece.Length };
        }

        block->Flags = 0;
        return operation.Kind == IoKind.SendVectored
            ? ErrorOf(WinsockCalls.Send(operation.Handle.Value, buffers, count, null, 0, &block->Overlapped, 0))
            : ErrorOf(WinsockCalls.Receive(operation.Handle.Value, buffers, count, null, &block->Flags, &block->Overlapped, 0));
    }

    // Windows takes a connection into a socket that is there. One that does not listen is refused by Windows; wine would wait for ever.
    private static int BeginAccept(IoOperation operation, CompletionSlot slot)
    {
        int note = operation.Handle.ReactorSlot;
        if ((note & ListensFlag) == 0 && !WinsockCalls.MayListen(operation.Handle.Value))
            return IoErrors.Invalid;
        nint accepting = WinsockCalls.Open((note >> FamilyShift) & ((1 << (TypeShift - FamilyShift)) - 1), (note & ~ListensFlag) >> TypeShift);
        if (accepting == -1)
            return Marshal.GetLastPInvokeError();
        slot.Accepting = accepting;
        return WinsockExtensions.Accept(operation.Handle.Value, accepting, slot.Block);
    }

    // A socket must be bound before: to any address of the family, if nobody has bound it.
    private static int BeginConnect(IoOperation operation, CompletionBlock* block)
    {
        byte* any = stackalloc byte[IPv6Bytes];
        new Span<byte>(any, IPv6Bytes).Clear();
        byte* address = AddressOf(operation);
        *(ushort*)any = *(ushort*)address;
        if (WinsockCalls.Bind(operation.Handle.Value, any, *(ushort*)any == InterNetwork ? IPv4Bytes : IPv6Bytes) != 0
            && Marshal.GetLastPInvokeError() is var refusal && refusal != IoErrors.Invalid)
        {
            return refusal;
        }

        return WinsockExtensions.Connect(operation.Handle.Value, address, operation.AddressLength, block);
    }

    // Files and pipes, which take one piece at a time.
    private static int BeginBytes(IoOperation operation, NativeOverlapped* overlapped)
    {
        byte* start = (byte*)operation.Pin.Pointer + operation.Transferred;
        int length = operation.Memory.Length - operation.Transferred;
        if (operation.Kind is IoKind.ReceiveVectored or IoKind.SendVectored or IoKind.ReadVectoredAt or IoKind.WriteVectoredAt)
            start = NextPiece(operation, out length);
        else if (operation.Kind == IoKind.WaitReadable)
            length = 0;
        if (operation.Handle.Kind == IoHandleKind.File)
        {
            long offset = operation.Offset + operation.Transferred;
            overlapped->OffsetLow = (int)offset;
            overlapped->OffsetHigh = (int)(offset >> 32);
        }

        bool isWriting = operation.Kind is IoKind.Send or IoKind.SendVectored or IoKind.WriteAt or IoKind.WriteVectoredAt;
        bool hasEnded = isWriting
            ? CompletionCalls.Write(operation.Handle.Value, start, (uint)length, null, overlapped) != 0
            : CompletionCalls.Read(operation.Handle.Value, start, (uint)length, null, overlapped) != 0;
        return hasEnded ? 0 : Marshal.GetLastPInvokeError();
    }

    private static byte* NextPiece(IoOperation operation, out int length)
    {
        length = 0;
        if (!operation.SkipVectors(0)) // over empty ones
            return null;
        ref var piece = ref operation.Vectors![operation.NextVector];
        length = (int)Math.Min(piece.Length, int.MaxValue);
        return (byte*)piece.Start;
    }

    private static int ErrorOf(int result) => result == 0 ? 0 : Marshal.GetLastPInvokeError();

    private static byte* AddressOf(IoOperation operation) => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(operation.Address!, 0);
}
