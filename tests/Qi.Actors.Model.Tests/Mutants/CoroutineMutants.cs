namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of coroutines' waits and of timers.</summary>
internal static class CoroutineMutants
{
    private static readonly Mutant[] s_waits =
    [
        new(
            "Wait_WakerIgnoresEpoch",
            "wait",
            "WaitWord.cs",
            "            && seen.Epoch == epoch\n",
            "",
            "W3: a waker that comes late ends a wait that is not its own."),
        new(
            "Wait_WakeWithoutComparing",
            "wait",
            "WaitWord.cs",
            "&& Atomic.CompareExchange(ref location, seen.To(next).Value, seen.Value) == seen.Value;",
            "&& Atomic.Exchange(ref location, seen.To(next).Value) != 0;",
            "W2, W4: two wakers schedule the coroutine."),
        new(
            "Wait_SuspendWithoutFence",
            "wait",
            "CoroutineBox.Wait.cs",
            """
                    int epoch = BeginWait(leaf, WaitKind.Suspend, null);
                    Atomic.Fence();
            """,
            """
                    int epoch = BeginWait(leaf, WaitKind.Suspend, null);
            """,
            "Step 3: neither the resumer sees the wait nor the coroutine the permit."),
        new(
            "Wait_SuspendLooksForCancelOnly",
            "wait",
            "CoroutineBox.Wait.cs",
            "if ((Atomic.Read(ref Word) & (PermitFlag | CancelFlag)) != 0)",
            "if ((Atomic.Read(ref Word) & CancelFlag) != 0)",
            "Step 3: a permit that came before the wait was published is forgotten."),
        new(
            "Wait_FinishWithoutLook",
            "delay",
            "CoroutineBox.Wait.cs",
            """
                    Atomic.Fence();
                    if ((Atomic.Read(ref Word) & CancelFlag) != 0)
                        Wake(epoch);
            """,
            "        Atomic.Fence();",
            "Step 3: a cancel that came before the wait was published is forgotten."),
        new(
            "Wait_ResumeLooksFirst",
            "wait",
            "CoroutineBox.Wait.cs",
            """
                    Atomic.Or(ref Word, PermitFlag);
                    var seen = WaitWord.Load(ref _wait);
            """,
            """
                    var seen = WaitWord.Load(ref _wait);
                    Atomic.Or(ref Word, PermitFlag);
            """,
            "The permit is left, and then the word is looked at; not the other way round."),
        new(
            "Wait_ResumeWithoutSecondLook",
            "wait",
            "CoroutineBox.Wait.cs",
            "&& seen.Kind == WaitKind.Suspend && (Atomic.Read(ref Word) & PermitFlag) != 0)",
            "&& seen.Kind == WaitKind.Suspend)",
            "The wait that the resumer sees may be a later one than that which its permit has ended."),
        new(
            "Wait_CancelBeforeFlag",
            "wait",
            "CoroutineBox.Wait.cs",
            """
                    Atomic.Or(ref Word, CancelFlag);
                    if (Extras?.Cancellation is { } source)
                        CancelToken(source);
                    var seen = WaitWord.Load(ref _wait);
            """,
            """
                    var seen = WaitWord.Load(ref _wait);
                    Atomic.Or(ref Word, CancelFlag);
                    if (Extras?.Cancellation is { } source)
                        CancelToken(source);
            """,
            "The flag is left, and then the word is looked at; not the other way round."),
        new(
            "Wait_PermitTakenPlainly",
            "wait",
            "CoroutineBox.Wait.cs",
            "(Atomic.And(ref Word, ~PermitFlag) & PermitFlag) != 0;",
            "TakePermitPlainly();\n\n    private bool TakePermitPlainly()\n    {\n        int word = Atomic.Read(ref Word);\n        Atomic.Write(ref Word, word & ~PermitFlag);\n        return true;\n    }",
            "A flag that another thread sets meanwhile is wiped out."),
        new(
            "Wait_ReceiveWithoutSecondLook",
            "receive",
            "CoroutineBox.Wait.cs",
            "if (hasArrivals || wait.IsTimedOut",
            "if (wait.IsTimedOut",
            "Step 3: a message that was pushed before the wait was published is not received."),
        new(
            "Wait_ReceiveWithoutFence",
            "receive",
            "CoroutineBox.Wait.cs",
            """
                    int epoch = BeginWait(leaf, WaitKind.Receive, wait);
                    Atomic.Fence();
            """,
            """
                    int epoch = BeginWait(leaf, WaitKind.Receive, wait);
            """,
            "Step 3: neither the sender sees the wait nor the coroutine the message."),
        new(
            "Inbox_AcceptPlainly",
            "receive",
            "Inbox.cs",
            "var newest = Atomic.Exchange(ref _arrivals, null);",
            "var newest = Atomic.Read(ref _arrivals);\n        Atomic.Write(ref _arrivals, null);",
            "A message that comes between the look and the store is lost."),
        new(
            "Join_AddWithoutComparing",
            "join",
            "CoroutineBox.cs",
            "var before = Atomic.CompareExchange(ref _continuation, joiner, seen);",
            "var before = seen;\n            Atomic.Exchange(ref _continuation, joiner);",
            "B2: a joiner is added to what has ended."),
        new(
            "Join_EndWithoutWaking",
            "join",
            "JoinHandle.cs",
            """
                    else
                        root.Wake(epoch);
            """,
            "",
            "A joiner that sees Done wakes itself."),
        new(
            "Delay_CancelledTimerIsLeft",
            "delay",
            "Awaitables.cs",
            "(root.WaitObject as WakeTimer)?.TryCancel(root.Aux);",
            "_ = root.Aux;",
            "The timer of a cancelled sleep stays in the wheel."),
        new(
            "Delay_ArmedAfterTheWaitIsPublished",
            "delay",
            "Awaitables.cs",
            """
                    timer.Arm(root.Host.Pool, _delay);
                    int epoch = root.BeginWait(leaf, WaitKind.Event, timer);
            """,
            """
                    var pool = root.Host.Pool;
                    int epoch = root.BeginWait(leaf, WaitKind.Event, timer);
                    timer.Arm(pool, _delay);
            """,
            "A cancel ends the wait before there is a timer to stop, and the timer stays in the wheel."),
        new(
            "Delay_FiredBeforeTheWaitIsPublished",
            "delay",
            "Awaitables.cs",
            """
                    if (!timer.IsWaiting(generation)) // after FinishWait's fence; pairs with the exchange before Fire
                        root.Wake(epoch);
            """,
            "",
            "A timer that fires before the wait is published ends no wait."),
        new(
            "Stop_BeginCancellingWithoutFence",
            "cancel",
            "CoroutineHost.cs",
            "        Atomic.ProcessWideFence(); // pairs with the fence in Register: either that sees the flag, or the walk sees the coroutine\n",
            "",
            "Neither the walk sees the coroutine nor the coroutine the flag."),
        new(
            "Stop_RegisterLooksFirst",
            "cancel",
            "CoroutineHost.cs",
            """
                    root.Slot = Live.Add(root, thread.Dispatcher?.Pool == Pool ? thread.LiveOwner : null);
                    Atomic.Fence(); // pairs with BeginCancelling
                    if (IsCancelling)
            """,
            """
                    bool isCancelling = IsCancelling;
                    root.Slot = Live.Add(root, thread.Dispatcher?.Pool == Pool ? thread.LiveOwner : null);
                    Atomic.Fence();
                    if (isCancelling)
            """,
            "It registers, and then looks at the flag; not the other way round."),
    ];

    private static readonly Mutant[] s_timers =
    [
        new(
            "Timer_CancelIgnoresGeneration",
            "timer",
            "TimerEntry.cs",
            "int armed = generation | (int)TimerPhase.Armed;\n        if",
            "generation = CurrentGeneration;\n        int armed = generation | (int)TimerPhase.Armed;\n        if",
            "One who cancels late stops the next use."),
        new(
            "Timer_FiresPlainly",
            "timer",
            "TimerEntry.cs",
            "if (Atomic.CompareExchange(ref _state, fired, seen) == seen)",
            "Atomic.Write(ref _state, fired);",
            "A use is cancelled and fires."),
        new(
            "Timer_CancelPlainly",
            "timer",
            "TimerEntry.cs",
            "if (Atomic.CompareExchange(ref _state, generation | (int)TimerPhase.Cancelled, armed) != armed)",
            "if (Atomic.Read(ref _state) != armed || Atomic.Exchange(ref _state, generation | (int)TimerPhase.Cancelled) == 0)",
            "A use fires and is cancelled."),
        new(
            "Timer_ArmMessageWithoutLook",
            "timer",
            "TimerEntry.cs",
            "            if (entry.IsPending)\n",
            "",
            "A timer that was cancelled before its message came is linked in for good."),
        new(
            "Timer_CancelLeavesItLinked",
            "timer",
            "TimerEntry.cs",
            "        owner.Send(new RemoveMessage(this));\n",
            "",
            "E3: a cancelled timer is taken out soon."),
        new(
            "ScheduledTell_DisposeWithoutFence",
            "timer",
            "ScheduledTell.cs",
            "        Atomic.Fence(); // pairs with the fence in Fire: either it sees the flag, or this sees the timer it armed\n",
            "",
            "Neither sees the other: a timer that was disposed of goes on."),
        new(
            "ScheduledTell_FireWithoutSecondLook",
            "timer",
            "ScheduledTell.cs",
            """
                        Atomic.Fence();
                        if (Atomic.Read(ref _isDisposed))
                            TryCancel(CurrentGeneration);
            """,
            "            Atomic.Fence();",
            "A timer that was disposed of while it fired goes on."),
    ];

    public static Mutant[] All { get; } = [.. s_waits, .. s_timers];
}
