namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of the sleep protocol, of the lease and of pending deadlines.</summary>
internal static class SleepMutants
{
    public static Mutant[] All { get; } =
    [
        new(
            "Park_WithoutTheFence",
            "sleep",
            "Dispatcher.Park.cs",
            "Atomic.ProcessWideFence(); // S3; pairs with the plain accesses W1 and W2 of every waker",
            "",
            "S3: a waker's push may become visible after its look at Idle."),
        new(
            "Park_WithoutTheLastLook",
            "sleep",
            "Dispatcher.Park.cs",
            "(isLastAwake && SeesWork())",
            "false",
            "S4: what was pushed before the waker could see the sleeper."),
        new(
            "Park_LooksBeforeItPublishes",
            "sleep",
            "Dispatcher.Park.cs",
            """
                    bool isLastAwake = Pool.Idle.Publish(this); // S2
                    Atomic.ProcessWideFence(); // S3; pairs with the plain accesses W1 and W2 of every waker
                    bool hasReason = Pool.IsStopping || !Control.IsEmpty || (isLastAwake && SeesWork()); // S4
            """,
            """
                    bool hasReason = Pool.IsStopping || !Control.IsEmpty || SeesWork();
                    Pool.Idle.Publish(this);
                    Atomic.ProcessWideFence();
            """,
            "S2 comes before S4."),
        new(
            "Park_IgnoresRings",
            "sleep",
            "Dispatcher.Park.cs",
            "if (!other.Lanes.IsEmpty && !(other.Lanes.HasNoneButNormal && IsServed(other, Priority.Normal)))",
            "if (other == this && !other.Lanes.IsEmpty)",
            "S4 looks at all rings."),
        new(
            "Park_IgnoresControlMessages",
            "sleep",
            "Dispatcher.Park.cs",
            "bool hasReason = Pool.IsStopping || !Control.IsEmpty || (",
            "bool hasReason = Pool.IsStopping || (",
            "S4: a control message that came before the flag was seen."),
        new(
            "Park_WokenDoesNotSearch",
            "sleep",
            "Dispatcher.Park.cs",
            "_isSearching = _wasWoken = true; // S8",
            "_wasWoken = true;",
            "S8: a count of searchers that nobody takes back keeps all others from being woken."),
        new(
            "Park_LeavesTheMonitorAsleep",
            "monitor",
            "Dispatcher.Park.cs",
            "Pool.EnsureMonitorAwake(); // S9: pairs with the fence before the monitor's last look at Idle, which has just been changed",
            "",
            "S9: a control message ends the sleep of a dispatcher, and its turn may block."),
        new(
            "Search_IsNotPassedOn",
            "sleep",
            "Dispatcher.Park.cs",
            "if (isLast && Pool.Idle.ShouldWake && Pool.HasVisibleWork())\n            Pool.WakeOne();",
            "_ = isLast;",
            "The last searcher looks for more to find."),
        new(
            "Search_IsNotPassedOnAfterTheLastLook",
            "sleep",
            "Dispatcher.Park.cs",
            "bool isLast = !_isSearching || Pool.Idle.EndSearch();",
            "bool isLast = _isSearching && Pool.Idle.EndSearch();",
            "S5: whoever pushed before S1 has left it to the searcher to wake others."),
        new(
            "Injected_MoveIsNoPush",
            "sleep",
            "Dispatcher.Find.cs",
            "if (share > 1 && Pool.Idle.ShouldWake)",
            "if (share < 0)",
            "W2: what is moved into a ring was in no queue for a moment, in which another dispatcher may have parked."),
        new(
            "Send_LooksBeforeItEnqueues",
            "sleep",
            "Dispatcher.cs",
            """
                    Control.Enqueue(message);
                    Atomic.Fence(); // pairs with the fence between _isParked := true and the last look at Control in Park
                    if (IsParked)
            """,
            """
                    bool isParked = IsParked;
                    Control.Enqueue(message);
                    if (isParked)
            """,
            "A control message is enqueued before its sender looks whether the dispatcher sleeps."),
        new(
            "Idle_WokenIsNotCounted",
            "sleep",
            "Idle.cs",
            "Atomic.Add(ref _state.Value, OneSearching - OneParked);",
            "Atomic.Add(ref _state.Value, -OneParked);",
            "I3: who is woken inherits a count of searching."),
        new(
            "Idle_PublishTellsTooLittle",
            "sleep",
            "Idle.cs",
            "return (Atomic.Add(ref _state.Value, OneParked) & SearchingMask) == 0;",
            "Atomic.Add(ref _state.Value, OneParked);\n            return count == 0;",
            "S2: whoever finds nobody searching looks at everything."),
        new(
            "Monitor_SleepsWithoutTheLastLook",
            "monitor",
            "DispatcherMonitor.cs",
            "if (_pool.Idle.ParkedCount == _pool.Dispatchers.Length && !_pool.IsStopping)\n                _parker.Park(-1);",
            "_parker.Park(-1);",
            "The monitor looks once more before it sleeps."),
        new(
            "Lease_RevokedWithoutTheFence",
            "lease",
            "ThreadContext.cs",
            "            return false;\n        Atomic.ProcessWideFence();",
            "            return false;",
            "M2: the owner's O1 may not be visible yet."),
        new(
            "Lease_EntersInTheWrongOrder",
            "lease",
            "ThreadContext.cs",
            """
                    Atomic.Write(ref _inside, 1); // O1; pairs with M3 through the fence M2
                    if (Atomic.Read(ref _lease) == (int)LeaseState.Held) // O2; pairs with M1
                        return true;
            """,
            """
                    if (Atomic.Read(ref _lease) == (int)LeaseState.Held)
                    {
                        Atomic.Write(ref _inside, 1);
                        return true;
                    }
            """,
            "O1 comes before O2."),
        new(
            "Lease_RevokedWhateverTheOwnerDoes",
            "lease",
            "ThreadContext.cs",
            "bool isRevoked = Dispatcher == dispatcher && Atomic.Read(ref _inside) == 0;",
            "bool isRevoked = Dispatcher == dispatcher;",
            "L2: the monitor retreats from an owner that is inside."),
        new(
            "Lease_TurnEndsWhileItIsRevoked",
            "lease",
            "ThreadContext.cs",
            "return Atomic.Read(ref _lease) == (int)LeaseState.Held || SettleLease();",
            "return Atomic.Read(ref _lease) != (int)LeaseState.Revoked;",
            "L1: an owner that sees the monitor at work waits for its decision."),
        new(
            "Lease_DroppedWhileItIsRevoked",
            "lease",
            "ThreadContext.cs",
            "while ((seen = Atomic.CompareExchange(ref _lease, (int)LeaseState.Free, (int)LeaseState.Held)) == (int)LeaseState.Revoking)\n            SettleLease();",
            "seen = Atomic.CompareExchange(ref _lease, (int)LeaseState.Free, (int)LeaseState.Held);",
            "While the lease is being revoked the thread cannot drop it."),
        new(
            "Deadline_FixedWithoutTheFence",
            "deadline",
            "PendingDeadline.cs",
            "Atomic.Fence(); // D5",
            "",
            "D5: the waiter may see itself listed, and its dispatcher may not see it wait."),
        new(
            "Deadline_LookedAtBeforeItIsTakenOff",
            "deadline",
            "PendingDeadline.cs",
            """
                    Atomic.Write(ref _isListed, false); // D4
                    Atomic.Fence(); // D5
                    FixIfWaiting(); // D6
            """,
            """
                    FixIfWaiting();
                    Atomic.Write(ref _isListed, false);
                    Atomic.Fence();
            """,
            "D4 comes before D6."),
    ];
}
