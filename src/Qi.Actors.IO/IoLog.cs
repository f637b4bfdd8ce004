using System.Net;
using System.Runtime.InteropServices;

using Microsoft.Extensions.Logging;

namespace Qi.Actors.IO;

/// <summary>Log messages of sockets and files.</summary>
internal static partial class IoLog
{
    [LoggerMessage(600, LogLevel.Warning, "No descriptor is left for the next connection at {EndPoint}: {Reason} It waits until one is free. Raise the limit (ulimit -n), or close connections.")]
    public static partial void NoDescriptorToAccept(ILogger logger, EndPoint endPoint, string reason);

    [LoggerMessage(601, LogLevel.Debug, "The file of a listener that was closed could not be deleted: {File}. Delete it before its name is used again.")]
    public static partial void FileNotDeleted(ILogger logger, string file, Exception exception);

    [LoggerMessage(602, LogLevel.Warning, "A connection that came to {EndPoint} could not be set up, and was closed; accepting goes on.")]
    public static partial void ConnectionNotSetUp(ILogger logger, EndPoint endPoint, Exception exception);

    [LoggerMessage(603, LogLevel.Error, "Accepting at {EndPoint} has ended, for the listener is broken. Close it, and bind again.")]
    public static partial void AcceptingEnded(ILogger logger, EndPoint endPoint, Exception exception);

    [LoggerMessage(604, LogLevel.Error, "The queue of changes of files is broken: the watchers of this system have ended. Start them again.")]
    public static partial void WatchingEnded(ILogger logger, Exception exception);

    [LoggerMessage(605, LogLevel.Error, "No message could be made of signal {Signal} for {Path}: it was not told of it, and is told of the next one. Let the function given to TellSignals not throw.")]
    public static partial void SignalNotTold(ILogger logger, PosixSignal signal, ActorPath path, Exception exception);

    [LoggerMessage(606, LogLevel.Warning, "A connection that came to {EndPoint} could not be taken: {Reason} Accepting goes on, with pauses. If this stays, look at the network and the firewall.")]
    public static partial void ConnectionNotTaken(ILogger logger, EndPoint endPoint, string reason);

    [LoggerMessage(608, LogLevel.Warning, "{Connection} reads no more until memory is given back: MemoryLimit, {Limit} bytes, is reached. Dispose of what was received, or raise it.")]
    public static partial void NoMemoryToRead(ILogger logger, SocketConnection connection, long limit);

    [LoggerMessage(609, LogLevel.Error, "Accepting at {EndPoint} for an actor has ended.")]
    public static partial void AcceptingFailed(ILogger logger, EndPoint endPoint, Exception exception);
}
