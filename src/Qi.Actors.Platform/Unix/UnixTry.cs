// One attempt at an operation, without waiting: what the reactors of readiness do, in the submitter's thread first and in their own after an event.

using System.Diagnostics;
using System.Runtime.CompilerServices;
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
    /// <remarks>
    /// The way to a read or write is a single function in its caller. A call into the kernel leaves the processor without its record of where calls return to, so that each
    /// return behind it, up the stack, is guessed wrong: some 7 ns each.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Once(IoOperation operation)
    {
        while (true)
        {
            int result = operation.Kind switch
            {
                IoKind.Receive => Receive(operation),
                IoKind.Send => Send(operation),
                _ => Other(operation),
            };
            if (result != -IoErrors.Interrupted)
                return result;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Receive(IoOperation operation)
    {
        if (!TryReach(operation, out var memory))
            return -IoErrors.Fault;
        fixed (byte* buffer = memory)
        {
            int descriptor = (int)operation.Handle.Value;
            return operation.Handle.Kind != IoHandleKind.Pipe
                ? TransferCalls.Receive(descriptor, buffer, memory.Length, s_flags)
                : TransferCalls.Read(descriptor, buffer, memory.Length);
        }
    }

    // All of it, or as much as goes without waiting, then it must wait for room, or its share.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Send(IoOperation operation)
    {
        if (!TryReach(operation, out var memory))
            return -IoErrors.Fault;
        fixed (byte* buffer = memory)
        {
            int descriptor = (int)operation.Handle.Value;
            bool isSocket = operation.Handle.Kind != IoHandleKind.Pipe;
            for (int share = IoOperation.MostBytesAtOnce; share > 0;)
            {
                int done = operation.Transferred;
                int count = Math.Min(memory.Length - done, share);
                int sent = isSocket
                    ? TransferCalls.Send(descriptor, buffer + done, count, s_sendFlags)
                    : TransferCalls.Write(descriptor, buffer + done, count);
                if (sent < 0)
                    return sent;
                operation.Transferred = done + sent;
                if (operation.Transferred >= memory.Length)
                    return memory.Length;
                share -= sent;
            }

            return IAttempt.ShareIsDone;
        }
    }

    // The memory, unless it is not there any more. In a function of its own, for a region that catches keeps calls of the system from being made in line.
    private static bool TryReach(IoOperation operation, out Span<byte> memory)
    {
        try
        {
            memory = operation.Memory.Span;
            return true;
        }
        catch (Exception)
        {
            memory = default;
            return false;
        }
    }

    private static int Other(IoOperation operation)
    {
        int descriptor = (int)operation.Handle.Value;
        return operation.Kind switch
        {
            IoKind.ReceiveVectored => ReceiveVectored(descriptor, operation),
            IoKind.SendVectored => SendVectored(descriptor, operation),
            IoKind.WaitReadable => LookReadable(descriptor),
            IoKind.ReceiveFrom => ReceiveFrom(descriptor, operation),
            IoKind.SendTo => SendTo(descriptor, operation),
            IoKind.Accept => Accept(descriptor, operation),
            IoKind.Connect => Connect(descriptor, operation),
            _ => -IoErrors.Invalid, // files, and buffers of the reactor's own, are no business of a reactor of readiness
        };
    }

    private static int ReceiveVectored(int descriptor, IoOperation operation)
    {
        fixed (IoVector* pieces = operation.Vectors)
        {
            return TransferCalls.ReadVectored(descriptor, pieces, Math.Min(operation.VectorCount, MostVectors));
        }
    }

    private static int SendVectored(int descriptor, IoOperation operation)
    {
        fixed (IoVector* pieces = operation.Vectors)
        {
            for (int left = IoOperation.MostBytesAtOnce; operation.NextVector < operation.VectorCount;)
            {
                if (left <= 0)
                    return IAttempt.ShareIsDone;
                int count = operation.Share(MostVectors, out var part);
                int sent = count == 0
                    ? TransferCalls.WriteVectored(descriptor, &part, 1)
                    : TransferCalls.WriteVectored(descriptor, pieces + operation.NextVector, count);
                if (sent < 0)
                    return sent;
                left -= sent;
                _ = operation.SkipVectors(sent);
            }
        }

        return operation.Transferred;
    }

    private static int LookReadable(int descriptor)
    {
        UnixCalls.PollEntry entry = new() { Descriptor = descriptor, Wanted = UnixCalls.PollEntry.In };
        return UnixCalls.PollNow(&entry, 1, 0) > 0 ? 0 : -IoErrors.WouldBlock;
    }

    private static int ReceiveFrom(int descriptor, IoOperation operation)
    {
        if (!TryReach(operation, out var memory))
            return -IoErrors.Fault;
        fixed (byte* buffer = memory)
        fixed (byte* address = operation.Address)
        {
            int addressLength = operation.Address!.Length;
            int received = TransferCalls.ReceiveFrom(descriptor, buffer, memory.Length, s_datagramFlags, address, &addressLength);
            operation.AddressLength = addressLength;
            return received;
        }
    }

    private static int Accept(int descriptor, IoOperation operation)
    {
        fixed (byte* address = operation.Address)
        {
            int addressLength = operation.Address?.Length ?? 0;
            int* length = address is null ? null : &addressLength;
            int accepted = UnixSockets.Accept(descriptor, address, length);
            operation.AddressLength = addressLength;
            return accepted >= 0 ? accepted : -Marshal.GetLastPInvokeError();
        }
    }

    private static int SendTo(int descriptor, IoOperation operation)
    {
        if (!TryReach(operation, out var memory))
            return -IoErrors.Fault;
        fixed (byte* buffer = memory)
        fixed (byte* address = operation.Address)
        {
            return TransferCalls.SendTo(descriptor, buffer, memory.Length, s_sendFlags, address, operation.AddressLength);
        }
    }

    // The first attempt begins to connect, and the later ones ask what has come of it. A Unix socket whose listener's queue is full says that it would have to
    // wait, but no event tells when there is room: it counts as refused, as on the BSDs.
    private static int Connect(int descriptor, IoOperation operation)
    {
        if (operation.Transferred == 0)
        {
            fixed (byte* address = operation.Address)
            {
                if (UnixCalls.Connect(descriptor, address, operation.AddressLength) == 0)
                    return 0;
                int refusal = Marshal.GetLastPInvokeError();
                if (refusal != IoErrors.InProgress)
                    return refusal == IoErrors.WouldBlock ? -IoErrors.ConnectionRefused : -refusal;
            }

            operation.Transferred = 1;
            return -IoErrors.WouldBlock;
        }

        UnixCalls.PollEntry entry = new() { Descriptor = descriptor, Wanted = UnixCalls.PollEntry.Out };
        if (UnixCalls.PollNow(&entry, 1, 0) == 0)
            return -IoErrors.WouldBlock;
        int error = 0;
        int length = sizeof(int);
        int asked = UnixCalls.GetOption(descriptor, s_numbers.SocketLevel, s_numbers.ErrorOption, &error, &length);
        Debug.Assert(asked == 0, "SO_ERROR can be asked of every socket.");
        return -error;
    }
}
