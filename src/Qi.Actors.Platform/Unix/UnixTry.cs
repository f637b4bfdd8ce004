// One attempt at an operation, without waiting: what the reactors of readiness do, in the submitter's thread first and in their own after an event.

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Unix;

/// <summary>Attempts at operations on non-blocking descriptors.</summary>
internal readonly unsafe struct UnixTry : IAttempt
{
    private const int MostVectors = 1024;

    private static readonly SocketNumbers s_numbers = SocketNumbers.Here;
    private static readonly int s_flags = s_numbers.DontWait;
    private static readonly int s_datagramFlags = s_numbers.DontWait | s_numbers.WholeLength;
    private static readonly int s_sendFlags = s_numbers.DontWait | s_numbers.NoSignal;

    /// <summary>
    /// The result, or the negative of an error number: of <see cref="IoErrors.WouldBlock"/> if it must wait, of <see cref="IoErrors.Fault"/> if its memory is not
    /// there any more: whoever had it may have given it back while the operation waited, and the reactor's owner is not to be harmed by that.
    /// </summary>
    public static int Once(IoOperation operation)
    {
        try
        {
            return Try(operation);
        }
        catch (Exception) when (operation.Kind < IoKind.ReadAt)
        {
            return -IoErrors.Fault;
        }
    }

    private static int Try(IoOperation operation)
    {
        var handle = operation.Handle;
        int descriptor = (int)handle.Value;
        bool isSocket = handle.Kind != IoHandleKind.Pipe;
        while (true)
        {
            nint result = operation.Kind switch
            {
                IoKind.Receive => Receive(descriptor, operation, isSocket),
                IoKind.Send => Send(descriptor, operation, isSocket),
                IoKind.ReceiveVectored => ReceiveVectored(descriptor, operation),
                IoKind.SendVectored => SendVectored(descriptor, operation),
                IoKind.WaitReadable => LookReadable(descriptor),
                IoKind.ReceiveFrom => ReceiveFrom(descriptor, operation),
                IoKind.SendTo => SendTo(descriptor, operation),
                IoKind.Accept => Accept(descriptor, operation),
                IoKind.Connect => Connect(descriptor, operation),
                _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Kind, "Files are no business of a reactor of readiness."),
            };
            if (result >= 0 || result == IAttempt.ShareIsDone)
                return (int)result;
            int error = Marshal.GetLastPInvokeError();
            if (error != IoErrors.Interrupted)
                return -error;
        }
    }

    private static nint Receive(int descriptor, IoOperation operation, bool isSocket)
    {
        fixed (byte* buffer = operation.Memory.Span)
        {
            return isSocket
                ? UnixCalls.Receive(descriptor, buffer, operation.Memory.Length, s_flags)
                : UnixCalls.Read(descriptor, buffer, operation.Memory.Length);
        }
    }

    // All of it, or as much as goes without waiting, then it must wait for room, or its share.
    private static nint Send(int descriptor, IoOperation operation, bool isSocket)
    {
        int length = operation.Memory.Length;
        fixed (byte* buffer = operation.Memory.Span)
        {
            int share = IoOperation.MostBytesAtOnce;
            while (true)
            {
                int done = operation.Transferred;
                int count = Math.Min(length - done, share);
                nint sent = isSocket
                    ? UnixCalls.Send(descriptor, buffer + done, count, s_sendFlags)
                    : UnixCalls.Write(descriptor, buffer + done, count);
                if (sent < 0)
                    return sent;
                operation.Transferred = done + (int)sent;
                if (operation.Transferred >= length)
                    return length;
                share -= (int)sent;
                if (share <= 0)
                    return IAttempt.ShareIsDone;
            }
        }
    }

    private static nint ReceiveVectored(int descriptor, IoOperation operation)
    {
        fixed (IoVector* pieces = operation.Vectors)
        {
            return UnixCalls.ReadVectored(descriptor, pieces, Math.Min(operation.VectorCount, MostVectors));
        }
    }

    private static nint SendVectored(int descriptor, IoOperation operation)
    {
        fixed (IoVector* pieces = operation.Vectors)
        {
            for (nint left = IoOperation.MostBytesAtOnce; operation.NextVector < operation.VectorCount;)
            {
                if (left <= 0)
                    return IAttempt.ShareIsDone;
                int count = operation.Share(MostVectors, out var part);
                nint sent = count == 0 ? UnixCalls.WriteVectored(descriptor, &part, 1) : UnixCalls.WriteVectored(descriptor, pieces + operation.NextVector, count);
                if (sent < 0)
                    return sent;
                left -= sent;
                _ = operation.SkipVectors((int)sent);
            }
        }

        return operation.Transferred;
    }

    private static nint LookReadable(int descriptor)
    {
        UnixCalls.PollEntry entry = new() { Descriptor = descriptor, Wanted = UnixCalls.PollEntry.In };
        if (UnixCalls.PollNow(&entry, 1, 0) > 0)
            return 0;
        Marshal.SetLastPInvokeError(IoErrors.WouldBlock);
        return -1;
    }

    private static nint ReceiveFrom(int descriptor, IoOperation operation)
    {
        fixed (byte* buffer = operation.Memory.Span)
        fixed (byte* address = operation.Address)
        {
            int addressLength = operation.Address!.Length;
            nint received = UnixCalls.ReceiveFrom(descriptor, buffer, operation.Memory.Length, s_datagramFlags, address, &addressLength);
            operation.AddressLength = addressLength;
            return received;
        }
    }

    private static nint Accept(int descriptor, IoOperation operation)
    {
        fixed (byte* address = operation.Address)
        {
            int addressLength = operation.Address?.Length ?? 0;
            int* length = address is null ? null : &addressLength;
            nint accepted = UnixSockets.Accept(descriptor, address, length);
            operation.AddressLength = addressLength;
            return accepted;
        }
    }

    private static nint SendTo(int descriptor, IoOperation operation)
    {
        fixed (byte* buffer = operation.Memory.Span)
        fixed (byte* address = operation.Address)
        {
            return UnixCalls.SendTo(descriptor, buffer, operation.Memory.Length, s_sendFlags, address, operation.AddressLength);
        }
    }

    // The first attempt begins to connect, and the later ones ask what has come of it. A Unix socket whose listener's queue is full says that it would have to
    // wait, but no event tells when there is room: it counts as refused, as on the BSDs.
    private static nint Connect(int descriptor, IoOperation operation)
    {
        if (operation.Transferred == 0)
        {
            fixed (byte* address = operation.Address)
            {
                int result = UnixCalls.Connect(descriptor, address, operation.AddressLength);
                int refusal = result == 0 ? 0 : Marshal.GetLastPInvokeError();
                if (refusal == IoErrors.WouldBlock)
                    Marshal.SetLastPInvokeError(IoErrors.ConnectionRefused);
                if (refusal != IoErrors.InProgress)
                    return result;
            }

            operation.Transferred = 1;
            Marshal.SetLastPInvokeError(IoErrors.WouldBlock);
            return -1;
        }

        UnixCalls.PollEntry entry = new() { Descriptor = descriptor, Wanted = UnixCalls.PollEntry.Out };
        if (UnixCalls.PollNow(&entry, 1, 0) == 0)
        {
            Marshal.SetLastPInvokeError(IoErrors.WouldBlock);
            return -1;
        }

        int error = 0;
        int length = sizeof(int);
        int asked = UnixCalls.GetOption(descriptor, s_numbers.SocketLevel, s_numbers.ErrorOption, &error, &length);
        Debug.Assert(asked == 0, "SO_ERROR can be asked of every socket.");
        if (error == 0)
            return 0;
        Marshal.SetLastPInvokeError(error);
        return -1;
    }
}
