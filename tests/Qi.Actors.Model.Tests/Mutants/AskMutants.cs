namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of asks.</summary>
internal static class AskMutants
{
    private static readonly Mutant[] s_outcomes =
    [
        new(
            "Ask_LateReplyTakesAWaitUnseen",
            "ask",
            "AskSlot.cs",
            "return Atomic.Read(ref _state) == seen && root!.TryTakeWait(epoch);",
            "return root!.TryTakeWait(epoch);",
            "A3: root and epoch may be those of the next use."),
        new(
            "Ask_UseNumberStays",
            "ask",
            "AskSlot.Pool.cs",
            "Atomic.Write(ref _state, _state + OneUse);",
            "Atomic.Write(ref _state, _state);",
            "A2: a late answer reaches the next use."),
        new(
            "Ask_WakesBeforeTheOutcomeIsThere",
            "ask",
            "AskSlot.cs",
            """
                        _reply = reply;
                        Conclude(use, root);
            """,
            """
                        Conclude(use, root);
                        _ = Atomic.Read(ref _state);
                        _reply = reply;
            """,
            "A1: the winner owns the slot until it wakes the asker."),
        new(
            "Ask_SchedulesBeforeDone",
            "ask",
            "AskSlot.cs",
            """
                        Atomic.Write(ref _state, use | Done);
                        root.ScheduleTaken();
            """,
            """
                        root.ScheduleTaken();
                        Atomic.Write(ref _state, use | Done);
            """,
            "The asker runs and finds no outcome."),
        new(
            "Ask_ClaimGivesUpWhenParked",
            "ask",
            "AskSlot.cs",
            "return seen == (use | Waiting | Parked) && TryWin(use, out root);",
            "return false;",
            "An answer is lost when the asker parks meanwhile."),
        new(
            "Ask_ClaimPlainly",
            "ask",
            "AskSlot.cs",
            "long before = Atomic.CompareExchange(ref _state, seen + (Claimed - Waiting), seen);",
            "long before = seen;\n            Atomic.Write(ref _state, seen + (Claimed - Waiting));",
            "A1: two have won the use."),
        new(
            "Ask_ConcludeForgetsWhoHasParked",
            "ask",
            "AskSlot.cs",
            """
                        if ((seen & Parked) != 0)
                            root!.Wake(epoch);
                        else if
            """,
            "            if",
            "A coroutine that parks while the outcome is written is not woken."),
        new(
            "Ask_ParkWithoutWakingItself",
            "ask",
            "AskSlot.Wait.cs",
            "        root.Wake(epoch); // the reply has come meanwhile\n",
            "",
            "A coroutine parks beside its outcome."),
        new(
            "Ask_ParkWithoutLookForCancel",
            "ask-cancel",
            "AskSlot.Wait.cs",
            """
                            if (root.IsCancelPending)
                                root.Wake(epoch);
            """,
            "",
            "A4: a cancel that came before the wait was published is forgotten."),
        new(
            "Ask_ParkBeforeTheWait",
            "ask-cancel",
            "AskSlot.Wait.cs",
            "int epoch = root.BeginWait(leaf, WaitKind.Event, null);",
            "int epoch = _epoch;\n        if (root.IsCancelPending)\n            return false;\n        root.BeginWait(leaf, WaitKind.Event, null);\n        if (Atomic.CompareExchange(ref _state, seen | Parked, seen) == seen)\n            return true;",
            "A4: the last look for a cancel comes after the wait is published."),
        new(
            "Ask_CancelledUseIsLeftOpen",
            "ask-cancel",
            "AskSlot.Wait.cs",
            "else if (Atomic.CompareExchange(ref _state, use | Done, seen) == seen)",
            "else",
            "An answer and a cancel both end the use."),
        new(
            "Ask_ListenPlainly",
            "ask-listen",
            "AskSlot.Wait.cs",
            "long before = Atomic.CompareExchange(ref _state, seen | Listening, seen);",
            "long before = seen;\n            Atomic.Write(ref _state, seen | Listening);",
            "A5: an outcome is overwritten by who begins to listen."),
        new(
            "Ask_ListenerIsNotTold",
            "ask-listen",
            "AskSlot.Wait.cs",
            """
                    if (seen == (use | Done))
                        _core.SetResult(true); // the reply has come meanwhile, and its winner saw nobody listening
            """,
            "",
            "A5: the outcome came while the asker began to listen."),
        new(
            "Ask_ConcludeForgetsWhoListens",
            "ask-listen",
            "AskSlot.cs",
            "if (Atomic.CompareExchange(ref _state, use | Done | (seen & Listening), seen) != seen)",
            "if (Atomic.Exchange(ref _state, use | Done | (seen & Listening)) == 0)",
            "A5: who begins to listen while the outcome is written is not told."),
    ];

    private static readonly Mutant[] s_deadlines =
    [
        new(
            "Pending_FixWithoutFence",
            "ask-deadline",
            "PendingDeadline.cs",
            "        Atomic.Fence(); // D5\n",
            "",
            "D2, D5: neither the waiter lists itself nor the dispatcher sees it."),
        new(
            "Pending_FixBeforeItIsOffTheList",
            "ask-deadline",
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
            "D4 to D6: a use that begins after the look is not listed, and not fixed."),
        new(
            "Deadline_OnTimerWithoutFence",
            "ask-deadline",
            "AskSlot.Deadline.cs",
            "        Atomic.Fence(); // D10\n",
            "",
            "D7, D10: neither the fixer arms the timer nor the timer sees the stamp."),
        new(
            "Deadline_TimerIsOffAfterTheLook",
            "ask-deadline",
            "AskSlot.Deadline.cs",
            """
                    Atomic.Write(ref _isArmed, 0); // D9
                    Atomic.Fence(); // D10
                    long seen = Atomic.Read(ref _state); // D11
                    long stamp = Atomic.Read(ref _stamp);
            """,
            """
                    long seen = Atomic.Read(ref _state);
                    long stamp = Atomic.Read(ref _stamp);
                    Atomic.Exchange(ref _isArmed, 0);
            """,
            "D9 to D11: a use that is stamped after the look has no timer."),
        new(
            "Deadline_TimerTrustsAnyStamp",
            "ask-deadline",
            "AskSlot.Deadline.cs",
            "if ((seen & PhaseMask) != Waiting || stamp >>> DeadlineBits != StampOf(seen, 0) >>> DeadlineBits)",
            "if ((seen & PhaseMask) != Waiting)",
            "A use times out by the deadline of the one before."),
        new(
            "Deadline_OvertakenFixerGivesUp",
            "ask-deadline",
            "AskSlot.Deadline.cs",
            """
                            EnsureTimer(use);
                            return;
                        }
            """,
            """
                            EnsureTimer(use);
                        }

                        return;
            """,
            "D12: the one whose D7 fails may be the one whose use waits."),
        new(
            "Deadline_ArmedTimerIsTrusted",
            "ask-deadline",
            "AskSlot.Deadline.cs",
            "? TryArm(leftMs) : Atomic.Read(ref _armedUntilMs) <= deadlineMs;",
            "? TryArm(leftMs) : true;",
            "D8: the timer that is armed fires after this use's deadline."),
        new(
            "Deadline_ArmedUntilBeginsAtZero",
            "ask-deadline",
            "AskSlot.Deadline.cs",
            "private long _armedUntilMs = long.MaxValue;",
            "private long _armedUntilMs;",
            "D8: a timer that is being armed for a later time is taken for one that fires soon."),
        new(
            "Deadline_ArmPlainly",
            "ask-deadline",
            "AskSlot.Deadline.cs",
            "if (Atomic.Exchange(ref _isArmed, 1) != 0)\n            return false;",
            "if (Atomic.Read(ref _isArmed) != 0)\n            return false;\n        Atomic.Write(ref _isArmed, 1);",
            "D8: two arm one timer."),
    ];

    public static Mutant[] All { get; } = [.. s_outcomes, .. s_deadlines];
}
