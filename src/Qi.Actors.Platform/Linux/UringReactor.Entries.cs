// The entries: what each kind of operation looks like to the kernel.

using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Linux;

public sealed unsafe partial class UringReactor
{
    private const int MostVectors = 1024;
    private const uint NoSignal = 0x4000;
    private const uint WaitAll = 0x100;
    private const uint Truncated = 0x20; // MSG_TRUNC: the result is how long the datagram was

    private static void FillPoll(UringSubmission* entry, IoOperation operation)
    {
        uint wanted = operation.IsReading ? EpollEvent.In : EpollEvent.Out;
        entry->Opcode = UringOpcode.Poll;
        entry->OperationFlags = BitConverter.IsLittleEndian ? wanted : wanted << 16; // the kernel swaps the halves of the word
    }

    private void Fill(UringSubmission* entry, IoOperation operation, ulong tag)
    {
        bool isPipe = operation.Handle.Kind == IoHandleKind.Pipe;
        switch (operation.Kind)
        {
            case IoKind.Receive:
                FillBytes(entry, isPipe ? UringOpcode.Read : UringOpcode.Receive, operation, 0);
                break;
            case IoKind.ReceiveProvided:
                entry->Opcode = isPipe ? UringOpcode.Read : UringOpcode.Receive; // how long is the buffer's affair
                entry->Flags = Uring.SelectBuffer;
                entry->BufferGroup = UringBufferGroup.Number;
                break;
            case IoKind.Send:
                FillBytes(entry, isPipe ? UringOpcode.Write : UringOpcode.Send, operation, isPipe ? 0 : NoSignal | WaitAll);
                break;
            case IoKind.ReceiveVectored when isPipe:
                FillVectors(entry, UringOpcode.ReadVectored, operation);
                break;
            case IoKind.SendVectored when isPipe:
                FillVectors(entry, UringOpcode.WriteVectored, operation);
                break;
            case IoKind.ReceiveVectored:
                FillMessage(entry, UringOpcode.ReceiveMessage, operation, tag, 0);
                break;
            case IoKind.SendVectored:
                FillMessage(entry, UringOpcode.SendMessage, operation, tag, NoSignal | WaitAll);
                break;
            case IoKind.ReceiveFrom:
                FillDatagram(entry, UringOpcode.ReceiveMessage, operation, tag, operation.Address!.Length);
                break;
            case IoKind.SendTo:
                FillDatagram(entry, UringOpcode.SendMessage, operation, tag, operation.AddressLength);
                break;
            case IoKind.WaitReadable:
                FillPoll(entry, operation);
                break;
            case IoKind.Accept:
                FillAccept(entry, operation, tag);
                break;
            case IoKind.Connect:
                entry->Opcode = UringOpcode.Connect;
                entry->Address = (ulong)AddressOf(operation);
                entry->Offset = (uint)operation.AddressLength;
                break;
            default:
                FillFile(entry, operation);
                break;
        }

        if (isPipe && operation.Kind != IoKind.WaitReadable)
            entry->Offset = ulong.MaxValue; // where the descriptor is: it has no position
    }

    private void FillAccept(UringSubmission* entry, IoOperation operation, ulong tag)
    {
        entry->Opcode = UringOpcode.Accept;
        entry->OperationFlags = CloseOnExec;
        var header = &_table.ScratchOf(tag)->Header;
        header->NameLength = 0;
        if (operation.Address is not { } address)
            return;
        header->NameLength = (uint)address.Length;
        entry->Address = (ulong)AddressOf(operation);
        entry->Offset = (ulong)&header->NameLength;
    }

    private static void FillFile(UringSubmission* entry, IoOperation operation)
    {
        switch (operation.Kind)
        {
            case IoKind.ReadAt:
                FillBytes(entry, UringOpcode.Read, operation, 0);
                break;
            case IoKind.WriteAt:
                FillBytes(entry, UringOpcode.Write, operation, 0);
                break;
            case IoKind.ReadVectoredAt:
                FillVectors(entry, UringOpcode.ReadVectored, operation);
                break;
            case IoKind.WriteVectoredAt:
                FillVectors(entry, UringOpcode.WriteVectored, operation);
                break;
            default:
                entry->Opcode = UringOpcode.Sync;
                return;
        }

        entry->Offset = (ulong)(operation.Offset + operation.Transferred);
    }

    private static void FillBytes(UringSubmission* entry, UringOpcode opcode, IoOperation operation, uint flags)
    {
        entry->Opcode = opcode;
        entry->Address = (ulong)operation.Pin.Pointer + (uint)operation.Transferred;
        uint left = (uint)(operation.Memory.Length - operation.Transferred);
        entry->Length = operation.Kind == IoKind.Send ? Math.Min(left, IoOperation.MostBytesAtOnce) : left; // the rest is submitted again, behind others
        entry->OperationFlags = flags;
    }

    private static void FillVectors(UringSubmission* entry, UringOpcode opcode, IoOperation operation)
    {
        entry->Opcode = opcode;
        entry->Address = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(operation.Vectors!, operation.NextVector);
        entry->Length = (uint)Math.Min(operation.VectorCount - operation.NextVector, MostVectors);
    }

    private void FillMessage(UringSubmission* entry, UringOpcode opcode, IoOperation operation, ulong tag, uint flags)
    {
        var scratch = _table.ScratchOf(tag);
        scratch->Vector = default; // without a piece, nothing: not the memory of the operation that was here before
        int count = operation.Kind == IoKind.SendVectored
            ? operation.Share(MostVectors, out scratch->Vector)
            : Math.Min(operation.VectorCount - operation.NextVector, MostVectors);
        scratch->Header = new MessageHeader
        {
            Vectors = count == 0 ? &scratch->Vector : (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(operation.Vectors!, operation.NextVector),
            VectorCount = (nuint)Math.Max(count, 1),
        };
        FillHeader(entry, opcode, &scratch->Header, flags);
    }

    private void FillDatagram(UringSubmission* entry, UringOpcode opcode, IoOperation operation, ulong tag, int addressLength)
    {
        var scratch = _table.ScratchOf(tag);
        scratch->Vector = new IoVector { Start = (nint)operation.Pin.Pointer, Length = operation.Memory.Length };
        scratch->Header = new MessageHeader
        {
            Name = AddressOf(operation),
            NameLength = (uint)addressLength,
            Vectors = &scratch->Vector,
            VectorCount = 1,
        };
        FillHeader(entry, opcode, &scratch->Header, opcode == UringOpcode.SendMessage ? NoSignal : Truncated);
    }

    private static void FillHeader(UringSubmission* entry, UringOpcode opcode, MessageHeader* header, uint flags)
    {
        entry->Opcode = opcode;
        entry->Address = (ulong)header;
        entry->Length = 1;
        entry->OperationFlags = flags;
    }

    private static byte* AddressOf(IoOperation operation) => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(operation.Address!, 0);
}
