// The error numbers that the runtime looks at, of each system, and what .NET calls its others. They are of the systems' errno.h and of winsock2.h.

using System.Net.Sockets;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform;

/// <summary>The error numbers of one system.</summary>
internal sealed class ErrorNumbers
{
    private static readonly (int Number, SocketError Name)[] s_unixNames =
    [
        (1, SocketError.AccessDenied),
        (2, SocketError.AddressNotAvailable), // no such file: a Unix socket's
        (4, SocketError.Interrupted),
        (9, SocketError.OperationAborted),
        (12, SocketError.NoBufferSpaceAvailable),
        (13, SocketError.AccessDenied),
        (14, SocketError.Fault),
        (22, SocketError.InvalidArgument),
        (23, SocketError.TooManyOpenSockets),
        (24, SocketError.TooManyOpenSockets),
        (32, SocketError.Shutdown),
    ];

    private static readonly (int Number, SocketError Name)[] s_linuxNames =
    [
        (11, SocketError.WouldBlock),
        (88, SocketError.NotSocket),
        (89, SocketError.DestinationAddressRequired),
        (90, SocketError.MessageSize),
        (91, SocketError.ProtocolType),
        (92, SocketError.ProtocolOption),
        (93, SocketError.ProtocolNotSupported),
        (94, SocketError.SocketNotSupported),
        (95, SocketError.OperationNotSupported),
        (96, SocketError.ProtocolFamilyNotSupported),
        (97, SocketError.AddressFamilyNotSupported),
        (98, SocketError.AddressAlreadyInUse),
        (99, SocketError.AddressNotAvailable),
        (100, SocketError.NetworkDown),
        (101, SocketError.NetworkUnreachable),
        (102, SocketError.NetworkReset),
        (103, SocketError.ConnectionAborted),
        (104, SocketError.ConnectionReset),
        (105, SocketError.NoBufferSpaceAvailable),
        (106, SocketError.IsConnected),
        (107, SocketError.NotConnected),
        (108, SocketError.Shutdown),
        (110, SocketError.TimedOut),
        (111, SocketError.ConnectionRefused),
        (112, SocketError.HostDown),
        (113, SocketError.HostUnreachable),
        (114, SocketError.AlreadyInProgress),
        (115, SocketError.InProgress),
        (125, SocketError.OperationAborted),
    ];

    private static readonly (int Number, SocketError Name)[] s_bsdNames =
    [
        (35, SocketError.WouldBlock),
        (36, SocketError.InProgress),
        (37, SocketError.AlreadyInProgress),
        (38, SocketError.NotSocket),
        (39, SocketError.DestinationAddressRequired),
        (40, SocketError.MessageSize),
        (41, SocketError.ProtocolType),
        (42, SocketError.ProtocolOption),
        (43, SocketError.ProtocolNotSupported),
        (44, SocketError.SocketNotSupported),
        (45, SocketError.OperationNotSupported),
        (46, SocketError.ProtocolFamilyNotSupported),
        (47, SocketError.AddressFamilyNotSupported),
        (48, SocketError.AddressAlreadyInUse),
        (49, SocketError.AddressNotAvailable),
        (50, SocketError.NetworkDown),
        (51, SocketError.NetworkUnreachable),
        (52, SocketError.NetworkReset),
        (53, SocketError.ConnectionAborted),
        (54, SocketError.ConnectionReset),
        (55, SocketError.NoBufferSpaceAvailable),
        (56, SocketError.IsConnected),
        (57, SocketError.NotConnected),
        (58, SocketError.Shutdown),
        (60, SocketError.TimedOut),
        (61, SocketError.ConnectionRefused),
        (64, SocketError.HostDown),
        (65, SocketError.HostUnreachable),
    ];

    private readonly Dictionary<int, SocketError>? _names;

    private ErrorNumbers(params ReadOnlySpan<(int Number, SocketError Name)[]> names)
    {
        if (names.IsEmpty)
            return;
        _names = [];
        foreach (var group in names)
        {
            foreach (var (number, name) in group)
                _names.Add(number, name);
        }
    }

    /// <summary>Those of Linux.</summary>
    public static ErrorNumbers Linux { get; } = new(s_unixNames, s_linuxNames)
    {
        Canceled = 125,
        WouldBlock = 11,
        InProgress = 115,
        NoBuffers = 105,
        ConnectionAborted = 103,
        ProtocolFailed = 71,
        ConnectionRefused = 111,
        ConnectionReset = 104,
        NotImplemented = 38,
        OfOneConnection = [1, 64, 92, 95, 100, 101, 112, 113], // accept(2): EPERM, ENONET, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH
    };

    /// <summary>Those of macOS.</summary>
    public static ErrorNumbers MacOs { get; } = new(s_unixNames, s_bsdNames, [(89, SocketError.OperationAborted), (102, SocketError.OperationNotSupported)])
    {
        Canceled = 89,
        WouldBlock = 35,
        InProgress = 36,
        NoBuffers = 55,
        ConnectionAborted = 53,
        ProtocolFailed = 100,
        ConnectionRefused = 61,
        ConnectionReset = 54,
        NotImplemented = 78,
    };

    /// <summary>Those of FreeBSD.</summary>
    public static ErrorNumbers FreeBsd { get; } = new(s_unixNames, s_bsdNames, [(85, SocketError.OperationAborted)])
    {
        Canceled = 85,
        WouldBlock = 35,
        InProgress = 36,
        NoBuffers = 55,
        ConnectionAborted = 53,
        ProtocolFailed = 92,
        ConnectionRefused = 61,
        ConnectionReset = 54,
        NotImplemented = 78,
    };

    /// <summary>Those of Windows.</summary>
    public static ErrorNumbers Windows { get; } = new()
    {
        Canceled = 995,
        WouldBlock = 10035,
        Interrupted = 10004,
        InProgress = 10036,
        TooManyOpen = 10024,
        TooManyOpenInSystem = 10024,
        NoBuffers = 10055,
        NoMemory = 8,
        Fault = 10014,
        ConnectionAborted = 10053,
        ProtocolFailed = 10053,
        ConnectionRefused = 10061,
        ConnectionReset = 10054,
        Invalid = 10022,
        NotImplemented = 10045,
        NotPermitted = 10013,
    };

    /// <summary>Those of this system.</summary>
    public static ErrorNumbers Here { get; } = Find();

    public required int Canceled { get; init; }

    public required int WouldBlock { get; init; }

    public int Interrupted { get; private init; } = 4;

    public required int InProgress { get; init; }

    public int TooManyOpen { get; private init; } = 24;

    public int TooManyOpenInSystem { get; private init; } = 23;

    public required int NoBuffers { get; init; }

    public int NoMemory { get; private init; } = 12;

    public int Fault { get; private init; } = 14;

    public required int ConnectionAborted { get; init; }

    public required int ProtocolFailed { get; init; }

    public required int ConnectionRefused { get; init; }

    public required int ConnectionReset { get; init; }

    public int Invalid { get; private init; } = 22;

    public required int NotImplemented { get; init; }

    public int NotPermitted { get; private init; } = 1;

    /// <summary>Failures of an accept that are of the connection which was to be taken. Linux tells them there; the others when it is used.</summary>
    public int[] OfOneConnection { get; private init; } = [];

    /// <summary>What .NET calls an error number of that system.</summary>
    public SocketError NameOf(int error)
    {
        if (_names is null)
            return error == Canceled ? SocketError.OperationAborted : (SocketError)error;
        return _names.GetValueOrDefault(error, SocketError.SocketError);
    }

    private static ErrorNumbers Find()
    {
        if (OperatingSystem.IsWindows())
            return Windows;
        return UnixFlavors.Here switch
        {
            UnixFlavor.Linux => Linux,
            UnixFlavor.MacOs => MacOs,
            _ => FreeBsd,
        };
    }
}
