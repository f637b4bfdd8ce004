// AcceptEx and ConnectEx are no exports: each provider of sockets has its own, and is asked for it with a socket. The question is answered within the process.

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Windows;

/// <summary>Accepting and connecting without waiting.</summary>
/// <remarks>The results are error numbers: 0 if it has succeeded at once, <see cref="CompletionCalls.Pending"/> if a packet will tell.</remarks>
[SupportedOSPlatform("windows")]
internal static unsafe class WinsockExtensions
{
    /// <summary>Room for one address as AcceptEx writes it: 16 bytes more than an address has. <b>Units</b>: bytes.</summary>
    internal const int AcceptAddressBytes = 28 + 16;

    private const uint AskForFunction = 0xC800_0006; // SIO_GET_EXTENSION_FUNCTION_POINTER

    private static readonly Guid s_acceptEx = new(0xB5367DF1, 0xCBAC, 0x11CF, 0x95, 0xCA, 0x00, 0x80, 0x5F, 0x48, 0xA1, 0x92);
    private static readonly Guid s_connectEx = new(0x25A207B9, 0xDDF3, 0x4660, 0x8E, 0xE9, 0x76, 0xE5, 0x8C, 0x74, 0x06, 0x3E);

    /// <summary>Takes a connection into a socket that was made for it.</summary>
    internal static int Accept(nint listener, nint accepted, CompletionBlock* block)
    {
        nint function = Ask(listener, s_acceptEx, out int error);
        if (function == 0)
            return error;
        var call = (delegate* unmanaged<nint, nint, byte*, uint, uint, uint, uint*, NativeOverlapped*, int>)function;
        Marshal.SetLastSystemError(0);
        int hasEnded = call(listener, accepted, block->Addresses, 0, AcceptAddressBytes, AcceptAddressBytes, &block->Ignored, &block->Overlapped);
        error = Marshal.GetLastSystemError();
        return hasEnded != 0 ? 0 : error;
    }

    /// <summary>Connects a socket that is bound.</summary>
    internal static int Connect(nint socket, byte* address, int addressLength, CompletionBlock* block)
    {
        nint function = Ask(socket, s_connectEx, out int error);
        if (function == 0)
            return error;
        var call = (delegate* unmanaged<nint, byte*, int, byte*, uint, uint*, NativeOverlapped*, int>)function;
        Marshal.SetLastSystemError(0);
        int hasEnded = call(socket, address, addressLength, null, 0, &block->Ignored, &block->Overlapped);
        error = Marshal.GetLastSystemError();
        return hasEnded != 0 ? 0 : error;
    }

    private static nint Ask(nint socket, Guid name, out int error)
    {
        nint function = 0;
        uint answered;
        error = WinsockCalls.Control(socket, AskForFunction, &name, (uint)sizeof(Guid), &function, (uint)sizeof(nint), &answered, null, 0) == 0
            ? 0
            : Marshal.GetLastPInvokeError();
        return error == 0 ? function : 0;
    }
}
