// The life of an operation in the ring: when its entry is taken, what is left to try after a completion, its end.

namespace Qi.Actors.Platform.Linux;

public sealed unsafe partial class UringReactor
{
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

    // A completion: what it ends with, or what is tried next.
    private void Completed(IoOperation operation, UringCompletion completion)
    {
        ulong tag = completion.UserData;
        int result = completion.Result;
        if (operation.Kind == IoKind.ReceiveProvided)
            result = TakeBuffer(operation, completion);
        ref var state = ref _table.StateOf(tag);
        if ((state & UringState.Polling) != UringState.None)
        {
            state = (state & ~UringState.Polling) | UringState.Tried;
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
        bool wasTried = (state & UringState.Tried) != UringState.None;
        if (error == IoErrors.Interrupted || error == IoErrors.Canceled)
        {
            state |= UringState.Tried;
            return false; // U5
        }

        if (operation.Kind != IoKind.Connect)
        {
            if (error != IoErrors.WouldBlock)
                return true;
        }
        else if (error == IsConnected && wasTried)
        {
            result = 0; // by an earlier attempt
            return true;
        }
        else if (error == IoErrors.WouldBlock && wasTried)
        {
            result = -IoErrors.ConnectionRefused; // a Unix socket whose listener's queue is full: as in UnixTry
            return true;
        }
        else if (error != IoErrors.WouldBlock && error != IoErrors.InProgress && error != IsConnecting)
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
            case IoKind.Accept:
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

    // False if the kernel does not know buffers that it takes by itself.
    private bool TryMakeBuffers(IBufferSource? source)
    {
        if (_buffers is not null || _hasNoBuffers || source is null)
            return _buffers is not null;
        _buffers = UringBufferGroup.TryMake(_ring, source);
        _hasNoBuffers = _buffers is null;
        return !_hasNoBuffers;
    }

    // The buffer that a receive has taken, and its result.
    private int TakeBuffer(IoOperation operation, UringCompletion completion)
    {
        int number = (int)(completion.Flags >> Uring.BufferShift);
        if ((completion.Flags & Uring.HasBuffer) == 0)
        {
            if (completion.Result != -IoErrors.NoBuffers)
                return completion.Result;
            _buffers!.NoteShortage();
            return IoOperation.NoBuffer;
        }

        if (completion.Result > 0)
            operation.Received = _buffers!.Take(number);
        else
            _buffers!.PutBack(number);
        return completion.Result;
    }

    // False if the memory was given back before it came here.
    private static bool TryPin(IoOperation operation)
    {
        try
        {
            operation.Pin = operation.Memory.Pin();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private void End(IoOperation operation, ulong tag, int result)
    {
        _table.Remove(tag);
        operation.Pin.Dispose();
        operation.Pin = default;
        operation.Handle.Complete(operation, result);
    }
}
