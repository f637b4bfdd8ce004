// The life of an operation in the ring: its entry, what is left to try after a completion, its end.

using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Linux;

public sealed unsafe partial class UringReactor
{
    private const int MostVectors = 1024;
    private const uint NoSignal = 0x4000;
    private const uint WaitAll = 0x100;
    private const int CannotGoOn = 5; // EIO
    private const int IsConnected = 106;
    private const int IsConnecting = 114;

    private UringSubmission* TakeEntry()
    {
        var entry = _ring.TryTake();
        if (entry is not null || !_ring.TrySubmit())
            return entry;
        return _ring.TryTake();
    }

    // Gives the kernel what is left of the operation, or postpones that.
    private void Issue(IoOperation operation, ulong tag)
    {
        var entry = TakeEntry();
        if (entry is null)
        {
            _table.StateOf(tag) |= UringState.Postponed;
            _postponed.Enqueue(tag);
            return;
        }

        entry->UserData = tag;
        entry->Descriptor = (int)operation.Handle.Value;
        if ((_table.StateOf(tag) & UringState.Polling) != UringState.None)
            FillPoll(entry, operation);
        else
            Fill(entry, operation, tag);
    }

    private void IssueCancel(ulong tag)
    {
        var entry = TakeEntry();
        if (entry is null)
        {
            if ((uint)tag != WakeSlot) // such a read is in nobody's way
            {
                _table.StateOf(tag) |= UringState.CancelPostponed;
                _postponed.Enqueue(tag);
            }

            return;
        }

        entry->Opcode = UringOpcode.Cancel;
        entry->Descriptor = -1;
        entry->Address = tag;
        entry->UserData = IgnoredTag;
    }

    // As many as there were: what finds no room is postponed again.
    private void IssuePostponed()
    {
        for (int left = _postponed.Count; left > 0; left--)
        {
            ulong tag = _postponed.Dequeue();
            if (_table.Find(tag) is not { } operation)
                continue;
            ref var state = ref _table.StateOf(tag);
            bool isOfCancel = (state & UringState.CancelPostponed) != UringState.None;
            state &= ~(UringState.Postponed | UringState.CancelPostponed);
            if (isOfCancel)
                IssueCancel(tag);
            else
                Issue(operation, tag);
        }
    }

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
                entry->Opcode = UringOpcode.Accept;
                entry->OperationFlags = CloseOnExec;
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
        entry->Length = (uint)(operation.Memory.Length - operation.Transferred);
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
        var header = &_table.ScratchOf(tag)->Header;
        *header = new MessageHeader
        {
            Vectors = (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(operation.Vectors!, operation.NextVector),
            VectorCount = (nuint)Math.Min(operation.VectorCount - operation.NextVector, MostVectors),
        };
        FillHeader(entry, opcode, header, flags);
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
        FillHeader(entry, opcode, &scratch->Header, NoSignal);
    }

    private static void FillHeader(UringSubmission* entry, UringOpcode opcode, MessageHeader* header, uint flags)
    {
        entry->Opcode = opcode;
        entry->Address = (ulong)header;
        entry->Length = 1;
        entry->OperationFlags = flags;
    }

    private static byte* AddressOf(IoOperation operation) => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(operation.Address!, 0);

    // A completion: what it ends with, or what is tried next.
    private void Completed(IoOperation operation, ulong tag, int result)
    {
        ref var state = ref _table.StateOf(tag);
        if ((state & UringState.Polling) != UringState.None)
        {
            state = (state & ~UringState.Polling) | UringState.Polled;
            if (result >= 0)
                result = -IoErrors.Interrupted; // the descriptor is ready: now the operation itself
        }

        bool isOver = result < 0 ? IsOver(operation, ref result, ref state) : IsDone(operation, tag, ref result);
        if (!isOver && (state & UringState.CancelAsked) != UringState.None)
        {
            isOver = true;
            result = -IoErrors.Canceled;
        }

        if (isOver)
            End(operation, tag, result);
        else
            Issue(operation, tag);
    }

    private static bool IsOver(IoOperation operation, ref int result, ref UringState state)
    {
        int error = -result;
        if (error == IoErrors.Interrupted || error == IoErrors.Canceled)
            return false; // U5
        bool wasPolled = (state & UringState.Polled) != UringState.None;
        if (operation.Kind == IoKind.Connect)
        {
            if (error == IsConnected && wasPolled)
            {
                result = 0;
                return true;
            }

            if (wasPolled || (error != IoErrors.WouldBlock && error != IoErrors.InProgress && error != IsConnecting))
                return true;
        }
        else if (error != IoErrors.WouldBlock)
        {
            return true;
        }

        state |= UringState.Polling;
        return false;
    }

    // True if nothing is left to transfer.
    private bool IsDone(IoOperation operation, ulong tag, ref int result)
    {
        bool isLeft;
        switch (operation.Kind)
        {
            case IoKind.Send:
            case IoKind.WriteAt:
                operation.Transferred += result;
                isLeft = operation.Transferred < operation.Memory.Length;
                break;
            case IoKind.SendVectored:
            case IoKind.WriteVectoredAt:
                isLeft = operation.SkipVectors(result);
                break;
            case IoKind.ReceiveFrom:
                operation.AddressLength = (int)_table.ScratchOf(tag)->Header.NameLength;
                return true;
            case IoKind.WaitReadable:
                result = 0;
                return true;
            default:
                return true;
        }

        if (isLeft && result == 0)
        {
            result = -CannotGoOn;
            return true;
        }

        if (!isLeft)
            result = operation.Transferred;
        return !isLeft;
    }

    private void End(IoOperation operation, ulong tag, int result)
    {
        _table.Remove(tag);
        operation.Pin.Dispose();
        operation.Pin = default;
        operation.Handle.Complete(operation, result);
    }
}
