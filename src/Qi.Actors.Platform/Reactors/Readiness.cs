// The way of an operation through a side, in reactors of readiness: T1 to T3 and E2 of IoSide. What is tried is a parameter, so that it can be another
// system's calls, or a model's.
//
// An attempt that has had its share, though more would go, waits for an event like one that must wait, but there may be none to come: the descriptor stays ready. So
//   P1 hold the descriptor, so that its number stays its own    P2 set Waiting (T3, with a word that was just read)    P3 have the reactor tell what is ready now
// Whatever becomes ready before P3 is told again by it. An event between P2 and P3 takes the operation already, and then P3 is an event for nobody.

namespace Qi.Actors.Platform;

/// <summary>One attempt at an operation.</summary>
internal interface IAttempt
{
    /// <summary>What an attempt gives that has had its share, and would go on.</summary>
    const int ShareIsDone = int.MinValue;

    /// <summary>
    /// The result, or the negative of an error number: of <see cref="IoErrors.WouldBlock"/> if it must wait; or <see cref="ShareIsDone"/> if others should have their
    /// turn first.
    /// </summary>
    static abstract int Once(IoOperation operation);
}

/// <summary>Tries operations, and has those wait that must.</summary>
internal static class Readiness<TAttempt>
    where TAttempt : struct, IAttempt
{
    /// <summary>
    /// Goes on with an operation, on any thread that owns it. True if it has ended, with its result, and the side is free again; false if the next event owns it.
    /// </summary>
    public static bool Go(IoOperation operation)
    {
        var handle = operation.Handle;
        ref var side = ref handle.SideOf(operation);
        while (true)
        {
            long seen = side.Seen; // T1
            if (IoSide.IsReady(seen))
            {
                int result = IoSide.IsCancelled(seen) ? -IoErrors.Canceled : TAttempt.Once(operation); // T2
                if (result == IAttempt.ShareIsDone)
                {
                    if (!handle.Reactor!.CanTellAgain)
                        continue;
                    return !PutOff(operation, ref side);
                }

                if (result != -IoErrors.WouldBlock)
                {
                    operation.Result = result;
                    if (operation.Kind == IoKind.Receive && handle.IsEmptyAfterShortRead && result > 0 && result < operation.Memory.Length)
                        handle.EndEmptied(ref side, seen);
                    else
                        handle.End(operation);
                    return true;
                }
            }

            switch (side.TryWait(seen)) // T3
            {
                case IoWait.Waiting:
                    return false;
                case IoWait.Cancelled:
                    operation.Result = -IoErrors.Canceled;
                    handle.End(operation);
                    return true;
            }
        }
    }

    // P1 to P3. False if the operation has ended instead, for it is to.
    private static bool PutOff(IoOperation operation, ref IoSide side)
    {
        var handle = operation.Handle;
        bool isHeld = handle.TryUse(); // P1
        IoWait wait;
        do
        {
            wait = isHeld ? side.TryWait(side.Seen) : IoWait.Cancelled; // P2
        }
        while (wait == IoWait.TryAgain);
        if (wait == IoWait.Waiting)
        {
            handle.Reactor!.TellAgain(handle); // P3
        }
        else
        {
            operation.Result = -IoErrors.Canceled;
            handle.End(operation);
        }

        if (isHeld)
            handle.EndUse();
        return wait == IoWait.Waiting;
    }

    /// <summary>An event of a side (E1, E2). The reactor's owner.</summary>
    public static void Signal(ref IoSide side, bool hasEnded)
    {
        if (side.Signal(hasEnded) is { } operation && Go(operation))
            operation.TellCompleted();
    }

    /// <summary>Ends a use that waits, or marks it, so that it ends when it would wait. Any thread.</summary>
    public static void Cancel(IoOperation operation, int use)
    {
        var handle = operation.Handle;
        if (handle.SideOf(operation).Cancel(use) is { } waiting)
            handle.Complete(waiting, -IoErrors.Canceled);
    }
}
