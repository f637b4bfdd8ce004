// Error numbers by their meaning. Their values differ from system to system.

using System.Net.Sockets;

namespace Qi.Actors.Platform;

/// <summary>The operating system's error numbers that the runtime looks at, and what they are called in .NET.</summary>
public static class IoErrors
{
    private static readonly ErrorNumbers s_here = ErrorNumbers.Here;

    /// <summary>The operation was cancelled: ECANCELED, ERROR_OPERATION_ABORTED.</summary>
    public static readonly int Canceled = s_here.Canceled;

    /// <summary>It would have to wait: EAGAIN, WSAEWOULDBLOCK.</summary>
    public static readonly int WouldBlock = s_here.WouldBlock;

    /// <summary>A signal came first: EINTR.</summary>
    public static readonly int Interrupted = s_here.Interrupted;

    /// <summary>A connection is being made: EINPROGRESS.</summary>
    public static readonly int InProgress = s_here.InProgress;

    /// <summary>The process has no descriptor left: EMFILE, WSAEMFILE.</summary>
    public static readonly int TooManyOpen = s_here.TooManyOpen;

    /// <summary>The system has no descriptor left: ENFILE.</summary>
    public static readonly int TooManyOpenInSystem = s_here.TooManyOpenInSystem;

    /// <summary>No buffer space: ENOBUFS, WSAENOBUFS.</summary>
    public static readonly int NoBuffers = s_here.NoBuffers;

    /// <summary>No memory: ENOMEM, WSA_NOT_ENOUGH_MEMORY.</summary>
    public static readonly int NoMemory = s_here.NoMemory;

    /// <summary>There is no memory where the operation's should be: EFAULT.</summary>
    public static readonly int Fault = s_here.Fault;

    /// <summary>The connection was ended before it was accepted: ECONNABORTED.</summary>
    public static readonly int ConnectionAborted = s_here.ConnectionAborted;

    /// <summary>The connection has failed by its protocol: EPROTO.</summary>
    public static readonly int ProtocolFailed = s_here.ProtocolFailed;

    /// <summary>Nobody listens there: ECONNREFUSED.</summary>
    public static readonly int ConnectionRefused = s_here.ConnectionRefused;

    /// <summary>The other end has reset the connection: ECONNRESET.</summary>
    public static readonly int ConnectionReset = s_here.ConnectionReset;

    /// <summary>The call or one of its values is not known: EINVAL.</summary>
    public static readonly int Invalid = s_here.Invalid;

    /// <summary>The call is not known: ENOSYS.</summary>
    public static readonly int NotImplemented = s_here.NotImplemented;

    /// <summary>It is not allowed: EPERM.</summary>
    public static readonly int NotPermitted = s_here.NotPermitted;

    /// <summary>Whether an accept that has failed so may succeed with the next connection: the network or a firewall has ended this one, and nothing is wrong with the listener.</summary>
    public static bool IsOfOneConnection(int error) => s_here.OfOneConnection.Contains(error);

    /// <summary>What .NET calls an error number of this system.</summary>
    public static SocketError ToSocketError(int error) => s_here.NameOf(error);
}
