// Error numbers by their meaning. Their values differ from system to system.

using System.Net.Sockets;

namespace Qi.Actors.Platform;

/// <summary>The operating system's error numbers that the runtime looks at, and what they are called in .NET.</summary>
public static class IoErrors
{
    private static readonly bool s_isWindows = OperatingSystem.IsWindows();
    private static readonly bool s_isLinux = OperatingSystem.IsLinux();

    /// <summary>The operation was cancelled: ECANCELED, ERROR_OPERATION_ABORTED.</summary>
    public static readonly int Canceled = Pick(125, 89, 995);

    /// <summary>It would have to wait: EAGAIN, WSAEWOULDBLOCK.</summary>
    public static readonly int WouldBlock = Pick(11, 35, 10035);

    /// <summary>A signal came first: EINTR.</summary>
    public static readonly int Interrupted = Pick(4, 4, 10004);

    /// <summary>A connection is being made: EINPROGRESS.</summary>
    public static readonly int InProgress = Pick(115, 36, 10036);

    /// <summary>The process has no descriptor left: EMFILE, WSAEMFILE.</summary>
    public static readonly int TooManyOpen = Pick(24, 24, 10024);

    /// <summary>The system has no descriptor left: ENFILE.</summary>
    public static readonly int TooManyOpenInSystem = Pick(23, 23, 10024);

    /// <summary>No buffer space: ENOBUFS, WSAENOBUFS.</summary>
    public static readonly int NoBuffers = Pick(105, 55, 10055);

    /// <summary>No memory: ENOMEM, WSA_NOT_ENOUGH_MEMORY.</summary>
    public static readonly int NoMemory = Pick(12, 12, 8);

    /// <summary>There is no memory where the operation's should be: EFAULT.</summary>
    public static readonly int Fault = Pick(14, 14, 10014);

    /// <summary>The connection was ended before it was accepted: ECONNABORTED.</summary>
    public static readonly int ConnectionAborted = Pick(103, 53, 10053);

    /// <summary>The connection has failed by its protocol: EPROTO.</summary>
    public static readonly int ProtocolFailed = Pick(71, 100, 10053);

    /// <summary>Nobody listens there: ECONNREFUSED.</summary>
    public static readonly int ConnectionRefused = Pick(111, 61, 10061);

    /// <summary>The other end has reset the connection: ECONNRESET.</summary>
    public static readonly int ConnectionReset = Pick(104, 54, 10054);

    /// <summary>The call or one of its values is not known: EINVAL.</summary>
    public static readonly int Invalid = Pick(22, 22, 10022);

    /// <summary>The call is not known: ENOSYS.</summary>
    public static readonly int NotImplemented = Pick(38, 78, 10045);

    /// <summary>It is not allowed: EPERM.</summary>
    public static readonly int NotPermitted = Pick(1, 1, 10013);

    private static readonly Dictionary<int, SocketError> s_linux = new()
    {
        [1] = SocketError.AccessDenied,
        [2] = SocketError.AddressNotAvailable, // no such file: a Unix socket's
        [4] = SocketError.Interrupted,
        [9] = SocketError.OperationAborted,
        [11] = SocketError.WouldBlock,
        [12] = SocketError.NoBufferSpaceAvailable,
        [13] = SocketError.AccessDenied,
        [14] = SocketError.Fault,
        [22] = SocketError.InvalidArgument,
        [23] = SocketError.TooManyOpenSockets,
        [24] = SocketError.TooManyOpenSockets,
        [32] = SocketError.Shutdown,
        [88] = SocketError.NotSocket,
        [89] = SocketError.DestinationAddressRequired,
        [90] = SocketError.MessageSize,
        [91] = SocketError.ProtocolType,
        [92] = SocketError.ProtocolOption,
        [93] = SocketError.ProtocolNotSupported,
        [94] = SocketError.SocketNotSupported,
        [95] = SocketError.OperationNotSupported,
        [96] = SocketError.ProtocolFamilyNotSupported,
        [97] = SocketError.AddressFamilyNotSupported,
        [98] = SocketError.AddressAlreadyInUse,
        [99] = SocketError.AddressNotAvailable,
        [100] = SocketError.NetworkDown,
        [101] = SocketError.NetworkUnreachable,
        [102] = SocketError.NetworkReset,
        [103] = SocketError.ConnectionAborted,
        [104] = SocketError.ConnectionReset,
        [105] = SocketError.NoBufferSpaceAvailable,
        [106] = SocketError.IsConnected,
        [107] = SocketError.NotConnected,
        [108] = SocketError.Shutdown,
        [110] = SocketError.TimedOut,
        [111] = SocketError.ConnectionRefused,
        [112] = SocketError.HostDown,
        [113] = SocketError.HostUnreachable,
        [114] = SocketError.AlreadyInProgress,
        [115] = SocketError.InProgress,
        [125] = SocketError.OperationAborted,
    };

    private static readonly Dictionary<int, SocketError> s_bsd = new()
    {
        [1] = SocketError.AccessDenied,
        [2] = SocketError.AddressNotAvailable, // no such file: a Unix socket's
        [4] = SocketError.Interrupted,
        [9] = SocketError.OperationAborted,
        [12] = SocketError.NoBufferSpaceAvailable,
        [13] = SocketError.AccessDenied,
        [14] = SocketError.Fault,
        [22] = SocketError.InvalidArgument,
        [23] = SocketError.TooManyOpenSockets,
        [24] = SocketError.TooManyOpenSockets,
        [32] = SocketError.Shutdown,
        [35] = SocketError.WouldBlock,
        [36] = SocketError.InProgress,
        [37] = SocketError.AlreadyInProgress,
        [38] = SocketError.NotSocket,
        [40] = SocketError.MessageSize,
        [45] = SocketError.OperationNotSupported,
        [47] = SocketError.AddressFamilyNotSupported,
        [48] = SocketError.AddressAlreadyInUse,
        [49] = SocketError.AddressNotAvailable,
        [50] = SocketError.NetworkDown,
        [51] = SocketError.NetworkUnreachable,
        [53] = SocketError.ConnectionAborted,
        [54] = SocketError.ConnectionReset,
        [55] = SocketError.NoBufferSpaceAvailable,
        [56] = SocketError.IsConnected,
        [57] = SocketError.NotConnected,
        [60] = SocketError.TimedOut,
        [61] = SocketError.ConnectionRefused,
        [65] = SocketError.HostUnreachable,
        [89] = SocketError.OperationAborted,
    };

    /// <summary>What .NET calls an error number of this system.</summary>
    public static SocketError ToSocketError(int error)
    {
        if (s_isWindows)
            return error == 995 ? SocketError.OperationAborted : (SocketError)error;
        return (s_isLinux ? s_linux : s_bsd).GetValueOrDefault(error, SocketError.SocketError);
    }

    private static int Pick(int linux, int bsd, int windows)
    {
        if (OperatingSystem.IsWindows())
            return windows;
        return OperatingSystem.IsLinux() ? linux : bsd;
    }
}
