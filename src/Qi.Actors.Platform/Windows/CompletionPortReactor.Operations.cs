// The life of an operation: its attempts, what is left to try after one, its end.

using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Windows;

public sealed unsafe partial class CompletionPortReactor
{
    private const int NetworkNameDeleted = 64; // ERROR_NETNAME_DELETED: what the kernel calls a reset

    // Attempts until one gets a packet, or the operation has ended, with its result. True if it has ended.
    private bool TryEndAtOnce(IoOperation operation, CompletionSlot slot, out int result)
    {
        nint descriptor = operation.Handle.Value;
        bool skips = (operation.Handle.ReactorSlot & SkipsFlag) != 0;
        while (true)
        {
            uint attempt = slot.Generation;
            int error = BeginOrFault(operation, slot);
            if (error == CompletionCalls.Pending || (error == 0 && !skips))
            {
                _table.Begun(slot, attempt, descriptor); // P3
                result = 0;
                return false;
            }

            uint bytes = error == 0 ? (uint)slot.Block->Overlapped.InternalHigh : 0;
            if (IsOver(operation, slot, error, (int)bytes, out result) || !TryGoOn(operation, slot, out result))
                return true;
        }
    }

    // What an operation lacks (an address, say) is a failure of its own, and not of the dispatcher.
    private static int BeginOrFault(IoOperation operation, CompletionSlot slot)
    {
        try
        {
            return Begin(operation, slot);
        }
        catch (Exception)
        {
            return IoErrors.Fault;
        }
    }

    // A packet: what the operation ends with, or its next attempt.
    private void Completed(CompletionSlot slot, uint bytes)
    {
        var operation = slot.Operation!;
        int error = ErrorOf(operation, slot);
        bool hasEnded = IsOver(operation, slot, error, (int)bytes, out int result) || !TryGoOn(operation, slot, out result);
        if (!hasEnded && !TryEndAtOnce(operation, slot, out result))
            return;
        Free(operation, slot);
        operation.Handle.Complete(operation, result);
    }

    // A read that has bytes does not end with Canceled; a write may have written a part.
    private bool TryGoOn(IoOperation operation, CompletionSlot slot, out int result)
    {
        result = 0;
        if (_table.TryBeginAgain(slot))
            return true;
        bool isReading = operation.IsReading || operation.Kind == IoKind.ReadVectoredAt;
        result = isReading && operation.Transferred > 0 ? operation.Transferred : -IoErrors.Canceled;
        return false;
    }

    private static int ErrorOf(IoOperation operation, CompletionSlot slot)
    {
        int status = (int)(nint)slot.Block->Overlapped.InternalLow;
        if (status >= 0)
            return 0;
        if (!IsSocket(operation.Handle))
            return CompletionCalls.ErrorOfStatus(status);
        uint done;
        uint flags;
        return WinsockCalls.GetResult(operation.Handle.Value, &slot.Block->Overlapped, &done, 0, &flags) != 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    // What an attempt has come to. True if nothing is left to try.
    private static bool IsOver(IoOperation operation, CompletionSlot slot, int error, int bytes, out int result)
    {
        switch (operation.Kind)
        {
            case IoKind.Send or IoKind.SendVectored or IoKind.SendTo or IoKind.WriteAt or IoKind.WriteVectoredAt:
                return IsWritten(operation, error, bytes, out result);
            case IoKind.ReadVectoredAt:
            case IoKind.ReceiveVectored when operation.Handle.Kind == IoHandleKind.Pipe:
                return IsReadIntoPieces(operation, error, bytes, out result);
            case IoKind.WaitReadable:
                result = error == IoErrors.Canceled ? -error : 0; // what is broken is readable: the read says so
                return true;
            case IoKind.Accept:
                result = EndAccept(operation, slot, error);
                return true;
            case IoKind.Connect:
                result = EndConnect(operation, error);
                return true;
            case IoKind.ReceiveFrom:
                operation.AddressLength = slot.Block->AddressLength;
                break;
        }

        if (error == 0)
            result = operation.Kind == IoKind.Receive ? Math.Min(bytes, operation.Memory.Length) : bytes;
        else
            result = IsEnd(error) ? 0 : -error;
        return true;
    }

    private static bool IsEnd(int error) => error is CompletionCalls.BrokenPipe or CompletionCalls.EndOfFile;

    private static bool IsWritten(IoOperation operation, int error, int bytes, out int result)
    {
        result = -error;
        if (error != 0)
            return true;
        bool isLeft;
        if (operation.Kind is IoKind.SendVectored or IoKind.WriteVectoredAt)
        {
            isLeft = operation.SkipVectors(bytes);
        }
        else
        {
            operation.Transferred += bytes;
            isLeft = operation.Transferred < operation.Memory.Length;
        }

        result = isLeft ? -CompletionCalls.WriteFault : operation.Transferred;
        return !isLeft || bytes == 0;
    }

    // Files and pipes are read into one piece at a time; of a pipe, into the next one only as long as it holds bytes, so that nothing waits that has bytes to give.
    private static bool IsReadIntoPieces(IoOperation operation, int error, int bytes, out int result)
    {
        bool hasFailed = error != 0;
        nint room = operation.NextVector < operation.VectorCount ? operation.Vectors![operation.NextVector].Length : 0;
        bool isLeft = !hasFailed && bytes == room && operation.NextVector < operation.VectorCount && operation.SkipVectors(bytes);
        if (!isLeft && !hasFailed && bytes != room)
            operation.Transferred += bytes;
        result = operation.Transferred > 0 || !hasFailed || IsEnd(error) ? operation.Transferred : -error;
        return !isLeft || (operation.Handle.Kind == IoHandleKind.Pipe && operation.Transferred > 0 && !HoldsBytes(operation.Handle.Value));
    }

    private static bool HoldsBytes(nint pipe)
    {
        uint available = 0;
        return CompletionCalls.PeekPipe(pipe, null, 0, null, &available, null) != 0 && available > 0;
    }

    // The connection becomes a socket like any other, and says who has connected.
    private static int EndAccept(IoOperation operation, CompletionSlot slot, int error)
    {
        nint accepted = slot.Accepting;
        slot.Accepting = 0;
        operation.AddressLength = 0;
        if (error == 0)
        {
            nint listener = operation.Handle.Value;
            if (WinsockCalls.SetOption(accepted, WinsockCalls.SocketLevel, WinsockCalls.UpdateAcceptContext, &listener, sizeof(nint)) != 0)
                error = Marshal.GetLastPInvokeError();
        }

        if (error != 0)
        {
            if (accepted != 0)
                _ = WinsockCalls.Close(accepted);
            return error is NetworkNameDeleted || error == IoErrors.ConnectionReset ? -IoErrors.ConnectionAborted : -error;
        }

        if (operation.Address is { } address)
        {
            int length = address.Length;
            bool isTold = WinsockCalls.GetPeerName(accepted, AddressOf(operation), &length) == 0;
            operation.AddressLength = isTold ? length : 0;
        }

        return (int)accepted;
    }

    private static int EndConnect(IoOperation operation, int error)
    {
        if (error == 0 && WinsockCalls.SetOption(operation.Handle.Value, WinsockCalls.SocketLevel, WinsockCalls.UpdateConnectContext, null, 0) != 0)
            error = Marshal.GetLastPInvokeError();
        return -error;
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

    private void Free(IoOperation operation, CompletionSlot slot)
    {
        _table.Remove(slot);
        operation.Pin.Dispose();
        operation.Pin = default;
    }
}
