// Making and accepting sockets. Linux and FreeBSD do it in one call, flags and all. On macOS each flag is a call of its own, so a program that is started just
// then may inherit the descriptor; nobody can help that there.
//
// On macOS an accepted socket does not block if its listener does not.

using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Unix;

/// <summary>New sockets: closed when another program is begun, and without a signal for a broken connection.</summary>
internal static unsafe class UnixSockets
{
    // What is variadic travels on the stack there, and nowhere else.
    private static readonly bool s_isAppleArm = UnixFlavors.Here == UnixFlavor.MacOs && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>A socket, or -1 and errno.</summary>
    public static int Open(int family, int type, bool isNonBlocking)
    {
        var numbers = SocketNumbers.Here;
        if (numbers.CloseOnExecType != 0)
            return UnixCalls.Socket(family, type | numbers.CloseOnExecType | (isNonBlocking ? numbers.NonBlockingType : 0), 0);
        int made = UnixCalls.Socket(family, type, 0);
        if (made < 0 || !isNonBlocking)
            return made < 0 ? made : Arm(made, numbers);
        int one = 1;
        int result = s_isAppleArm
            ? UnixCalls.ControlOnStack(made, numbers.NonBlockingRequest, 0, 0, 0, 0, 0, 0, &one)
            : UnixCalls.Control(made, numbers.NonBlockingRequest, &one);
        return result < 0 ? Abandon(made) : Arm(made, numbers);
    }

    /// <summary>A connection that a listener which does not block has accepted, which does not block either; or -1 and errno.</summary>
    public static int Accept(int listener, byte* address, int* addressLength)
    {
        var numbers = SocketNumbers.Here;
        if (numbers.CloseOnExecType != 0)
            return UnixCalls.AcceptWithFlags(listener, address, addressLength, numbers.CloseOnExecType | numbers.NonBlockingType);
        int accepted = UnixCalls.Accept(listener, address, addressLength);
        return accepted < 0 ? accepted : Arm(accepted, numbers);
    }

    private static int Arm(int made, SocketNumbers numbers)
    {
        if (UnixCalls.Control(made, numbers.CloseOnExecRequest) < 0)
            return Abandon(made);
        int one = 1;

        // macOS refuses this for a connection that is broken already. The framework ignores the signal as well, so that nothing depends on it.
        if (numbers.NoSignalOption != 0)
            _ = UnixCalls.SetOption(made, numbers.SocketLevel, numbers.NoSignalOption, &one, sizeof(int));
        return made;
    }

    private static int Abandon(int made)
    {
        int error = Marshal.GetLastPInvokeError();
        _ = UnixCalls.Close(made);
        Marshal.SetLastPInvokeError(error);
        return -1;
    }
}
