using System.Runtime.InteropServices;

namespace Qi.Actors.IO;

/// <summary>Signals of the operating system, as messages.</summary>
/// <remarks>
/// While somebody waits for a signal the system's own answer to it, such as ending the process, does not happen. <b>Threads</b>: any. <b>Order</b>: as the signals
/// arrive. The system keeps one of a kind that has not been delivered yet: two in a row may be one.
/// </remarks>
public static class SystemSignals
{
    /// <summary>SIGUSR1, which has no name in .NET.</summary>
    /// <exception cref="PlatformNotSupportedException">This system has no such signal.</exception>
    public static PosixSignal User1 => Number(10, 30);

    /// <summary>SIGUSR2, which has no name in .NET.</summary>
    /// <exception cref="PlatformNotSupportedException">This system has no such signal.</exception>
    public static PosixSignal User2 => Number(12, 31);

    /// <summary>Waits for signals from now on.</summary>
    /// <param name="signals">Which; at least one. SIGKILL and SIGSTOP cannot be waited for.</param>
    /// <returns>What arrives, to be read with <c>await foreach</c>. Dispose of it to wait no more.</returns>
    /// <exception cref="ArgumentException">There is none.</exception>
    /// <exception cref="PlatformNotSupportedException">This system has no such signal.</exception>
    /// <exception cref="IOException">The system refuses one.</exception>
    public static SignalWatch Watch(params ReadOnlySpan<PosixSignal> signals) => new(signals);

    /// <summary>Tells an actor of signals from now on.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="message">Makes the message of a signal; called by a thread of the framework. If it throws that is an error in the log, and the actor is not told of the signal.</param>
    /// <param name="signals">Which; at least one.</param>
    /// <returns>Dispose of it to tell no more. If the actor has stopped the messages are dead letters.</returns>
    /// <exception cref="ArgumentException">There is none.</exception>
    /// <exception cref="PlatformNotSupportedException">This system has no such signal.</exception>
    /// <exception cref="IOException">The system refuses one.</exception>
    public static IDisposable TellSignals<TMessage>(this ActorRef<TMessage> actor, Func<PosixSignal, TMessage> message, params ReadOnlySpan<PosixSignal> signals)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(message);
        return new SignalRegistrations(signal => TellOf(signal, actor, message), signals);
    }

    // An exception would end the process: nobody is above this on its thread.
    private static void TellOf<TMessage>(PosixSignal signal, ActorRef<TMessage> actor, Func<PosixSignal, TMessage> message)
    {
        try
        {
            actor.Tell(message(signal));
        }
        catch (Exception e)
        {
            IoLog.SignalNotTold(actor.OwnerSystem.Pool.Logger, signal, actor.Path, e);
        }
    }

    private static PosixSignal Number(int linux, int bsd)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Windows has no such signal. Use SIGINT, SIGTERM, SIGQUIT or SIGHUP.");
        return (PosixSignal)(OperatingSystem.IsLinux() ? linux : bsd);
    }
}
