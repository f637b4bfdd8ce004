using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform;

/// <summary>Lets one thread sleep until another wakes it, without ever missing a wake-up.</summary>
/// <remarks>
/// <para><b>Threads</b>: one owner calls <see cref="Park"/>; any thread calls <see cref="Unpark"/>. There is one permit, which is
/// not counted: <see cref="Unpark"/> gives it, <see cref="Park"/> takes it, waiting if there is none.</para>
/// <para><b>Order</b>: both are full fences; what was written before an <see cref="Unpark"/> is visible after the
/// <see cref="Park"/> that took its permit.</para>
/// <para><b>Cost</b>: <see cref="Unpark"/> is one atomic operation if the owner is awake, else a system call; a garbage
/// collection never waits for a parked thread. <b>Source</b>: futex(2) on Linux, a monitor elsewhere.</para>
/// </remarks>
public sealed class ThreadParker : IDisposable
{
    // Exactly one of the two is set: a branch that always goes the same way is cheaper than a virtual call.
    private readonly FutexParker? _futex;
    private readonly MonitorParker? _monitor;

    /// <summary>Creates a parker without a permit.</summary>
    public ThreadParker()
    {
        if (OperatingSystem.IsLinux() && Syscalls.HasFutex)
        {
            _futex = new FutexParker();
        }
        else
        {
            _monitor = new MonitorParker();
        }
    }

    /// <summary>Waits for the permit and takes it.</summary>
    /// <param name="timeoutNs"><b>Units</b>: nanoseconds. Negative waits for ever; 0 only takes a permit that is there.</param>
    /// <returns>True when unparked or disposed; false when the time has passed, never before it has.</returns>
    public bool Park(long timeoutNs)
        => OperatingSystem.IsLinux() && _futex is { } futex ? futex.Park(timeoutNs) : _monitor!.Park(timeoutNs);

    /// <summary>
    /// As <see cref="Park"/>, in a reactor: waits for the permit, for events, or until the time has passed. Owner of both.
    /// </summary>
    /// <param name="reactor">What to wait in.</param>
    /// <param name="timeoutNs"><b>Units</b>: nanoseconds. Negative waits for ever; 0 only looks.</param>
    /// <param name="mostEvents">How many events to take at most.</param>
    /// <param name="events">How many there are for <see cref="Reactor.Dispatch"/>.</param>
    /// <returns>True if there was a permit, which is taken.</returns>
    public bool ParkIn(Reactor reactor, long timeoutNs, int mostEvents, out int events)
    {
        ArgumentNullException.ThrowIfNull(reactor);
        return OperatingSystem.IsLinux() && _futex is { } futex
            ? futex.ParkIn(reactor, timeoutNs, mostEvents, out events)
            : _monitor!.ParkIn(reactor, timeoutNs, mostEvents, out events);
    }

    /// <summary>
    /// Gives the permit: wakes the owner if it is parked, else makes its next <see cref="Park"/> return at once.
    /// </summary>
    public void Unpark()
    {
        if (OperatingSystem.IsLinux() && _futex is { } futex)
        {
            futex.Unpark();
        }
        else
        {
            _monitor!.Unpark();
        }
    }

    /// <summary>
    /// Wakes the owner and makes every later <see cref="Park"/> return true at once. May be called by any thread.
    /// </summary>
    /// <remarks>A late <see cref="Unpark"/> is harmless: the memory it touches belongs to the collector.</remarks>
    public void Dispose()
    {
        if (OperatingSystem.IsLinux() && _futex is { } futex)
        {
            futex.Dispose();
        }
        else
        {
            _monitor!.Dispose();
        }
    }
}
