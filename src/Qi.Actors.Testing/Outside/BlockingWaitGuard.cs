// A simulation has one thread: whoever blocks it waits for something that can only happen on it, or, worse, for something that happens
// elsewhere in real time. A synchronization context that asks for it (SetWaitNotificationRequired) is called before the thread waits, and
// may throw instead.
//
// Tried on .NET 10, Linux x64. It is called for: WaitHandle.WaitOne, WaitAny, WaitAll, Mutex. Task.Wait, WaitAll, WaitAny, Result and
// GetAwaiter().GetResult(). ManualResetEventSlim, SemaphoreSlim, CountdownEvent, Barrier, ReaderWriterLockSlim, BlockingCollection. Monitor.Wait, and
// Monitor.Enter and Lock.Enter when contended. Thread.Join, Process.WaitForExit, GC.WaitForPendingFinalizers.
// It is not called for Thread.Sleep, SpinWait, SpinLock, Thread.Yield and synchronous input and output, and nothing else in the framework tells about
// those: a Thread.Sleep in a turn makes the simulation slow, but not wrong, since no virtual time passes.
//
// A class of the framework or of Qi that finds its own lock taken for a moment by another thread of the process may wait: nothing that the user has
// written holds it. So a contended lock is refused only if the user's code has asked for it.

using System.Diagnostics;

namespace Qi.Actors.Testing.Outside;

/// <summary>Decides about waits on the simulation's thread.</summary>
internal static class BlockingWaitGuard
{
    /// <summary>
    /// For <see cref="SynchronizationContext.Wait"/> of a context that has called SetWaitNotificationRequired: throws if this thread is in a simulated
    /// turn and the wait is the user's. If it returns, wait as usual.
    /// </summary>
    /// <exception cref="BlockedTurnException">User code in a simulated turn waits.</exception>
    public static void OnWait()
    {
        if (OutsideWatch.OfTurn is { IsBusy: false } && FindUserWait() is { } call)
            throw new BlockedTurnException(call);
    }

    /// <summary>What waits on this thread, and who has called it: "Task.Wait, called by Shop.Load". Null for a lock of the framework or of Qi.</summary>
    public static string? FindUserWait()
    {
        var stack = new StackTrace();
        return IsInnerLock(stack) ? null : $"{CallSite.Of(stack)}";
    }

    // The frames between the runtime's lock code and the user's: if there are others, it is those that lock.
    private static bool IsInnerLock(StackTrace stack)
    {
        bool isLock = false;
        foreach (var method in CallSite.MethodsOf(stack))
        {
            var type = method.DeclaringType;
            if (!isLock)
                isLock = (type == typeof(Lock) || type == typeof(Monitor)) && method.Name.Contains("Enter", StringComparison.Ordinal);
            else if (type != typeof(Lock) && type != typeof(Monitor))
                return CallSite.IsFrameworkOrHouse(method);
        }

        return false;
    }
}
