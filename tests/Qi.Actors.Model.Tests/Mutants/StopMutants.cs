namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of the ends of actors, and of the table of what lives.</summary>
internal static class StopMutants
{
    private static readonly Mutant[] s_stops =
    [
        new(
            "Tell_LooksTwice",
            "stop",
            "ActorCell.cs",
            "mayBury: false) : TellOpen(message);",
            "mayBury: false) : Tell(message);",
            "What is refused because of a stop between the two looks is buried as well."),
        new(
            "Stop_LooksBeforeItSetsTheFlag",
            "stop",
            "ActorCell.Life.cs",
            """
                    Set(flags);
                    Wake();
            """,
            """
                    Wake();
                    Set(flags);
            """,
            "M6: the flag is set, and then the tail is looked at; not the other way round."),
        new(
            "Stop_DoesNotPokeTheIdle",
            "stop",
            "ActorCell.cs",
            """
                    else if (Mailbox.IsIdle) // after the flag's atomic operation; pairs with the look at Word in WentIdle (M6)
                        Poke();
            """,
            "",
            "M6: an idle actor is not told."),
        new(
            "Stop_WentIdleWithoutLook",
            "stop",
            "ActorCell.cs",
            """
                    if ((Atomic.Read(ref Word) & (StopRequestedFlag | StoppedFlag)) == StopRequestedFlag)
                        Poke();
            """,
            "",
            "M6: a stop that found the mailbox busy is lost when it becomes idle."),
        new(
            "Stop_FirstTurnLeavesWithoutLook",
            "stop",
            "SyncActorCell.Life.cs",
            """
                        case Advance.Idle:
                            WentIdle();
                            break;
            """,
            """
                        case Advance.Idle:
                            break;
            """,
            "M6 in the first turn."),
        new(
            "Stop_EndsBesideAMessage",
            "stop",
            "SyncActorCell.Life.cs",
            "if (!TryStopping(behaviour) || !IsEmpty(behaviour) || Has(StopNowFlag))",
            "if (!TryStopping(behaviour) || Has(StopNowFlag))",
            "A stop that drains buries what was accepted before it."),
        new(
            "Stop_LeavesWithoutComparing",
            "stop",
            "SyncActorCell.Life.cs",
            "            RunSlow(thread); // Something has come after all: it is buried.",
            "            thread.BudgetLeft = 0;",
            "What comes between the last look and idle is neither handled nor buried."),
        new(
            "Stop_EndingActorGoesIdle",
            "stop",
            "ActorCell.Turn.cs",
            """
                        if (IsEnding && Mailbox.IsLast(node))
                            return Taken.Again; // Idle would leave the actor without the turn in which it ends.
            """,
            "",
            "An actor on its way to its end is left without a turn."),
        new(
            "Stop_CompletionMadeLateIsNotSettled",
            "stop",
            "ActorCell.Life.cs",
            """
                        if (IsStopped)
                            Settle(source); // The owner may have looked for a source before this one was made: then this is what settles it.
            """,
            "",
            "Who asks for Completion while the actor ends waits for ever."),
        new(
            "Stop_CompletionIsLookedForBeforeTheFlag",
            "stop",
            "ActorCell.End.cs",
            "        extras = Atomic.Read(ref _extras); // after the flag: a source made before it is seen here, a later one settles itself\n",
            "",
            "Who asks for Completion while the actor ends waits for ever."),
    ];

    private static readonly Mutant[] s_pending =
    [
        new(
            "Hold_CoversAMessage",
            "stop-async",
            "SystemQueue.cs",
            "public bool TryHold() => Atomic.CompareExchange(ref _top, s_held, null) is null;",
            "public bool TryHold() => Atomic.Read(ref _top) is null && Atomic.Exchange(ref _top, s_held) != s_held;",
            "S1: the end of a handler is lost under the mark."),
        new(
            "Hold_WithoutLookForAStop",
            "stop-async",
            "ActorCell.Turn.cs",
            "return (Atomic.Read(ref Word) & StopRequestedFlag) == 0 || !SystemMessages.TryWakeHeld();",
            "return true;",
            "A stop that came before the mark is seen late, or never."),
        new(
            "System_WentIdleWithoutLook",
            "stop-async",
            "ActorCell.Turn.cs",
            """
                                if (SystemMessages.HasMessages)
                                    Poke(); // S5
            """,
            "",
            "S5: the note of a message that was pushed meanwhile may be wiped out by the turn's own store."),
        new(
            "Hold_TwoWakeIt",
            "stop-async",
            "SystemQueue.cs",
            "Atomic.Read(ref _top) == s_held && Atomic.CompareExchange(ref _top, null, s_held) == s_held;",
            "Atomic.Read(ref _top) == s_held && Atomic.Exchange(ref _top, null) != message;\n\n    private static readonly SystemMessage message = new Marker();",
            "S2: a message is thrown away, or the actor is scheduled twice."),
        new(
            "Hold_PushDoesNotSchedule",
            "stop-async",
            "SystemQueue.cs",
            "top == s_held ? Wakeup.Schedule : Wakeup.None;",
            "top == s_held ? Wakeup.None : Wakeup.None;",
            "S2: whoever replaces the mark schedules the actor."),
        new(
            "Pending_DoneIsPushedPlainly",
            "stop-async",
            "SystemQueue.cs",
            "var before = Atomic.CompareExchange(ref _top, message, top);",
            "var before = top;\n            Atomic.Write(ref _top, message);",
            "A message, or the mark, is overwritten."),
    ];

    private static readonly Mutant[] s_live =
    [
        new(
            "LiveTable_FreePlainly",
            "live",
            "LiveTable.cs",
            "int seen = Atomic.CompareExchange(ref chunk.RemoteFree, index, head); // pairs with the exchange in Refill",
            "int seen = head;\n            Atomic.Write(ref chunk.RemoteFree, index);",
            "T2: a slot that two free at once is lost, or taken twice."),
        new(
            "LiveTable_RefillPlainly",
            "live",
            "LiveTable.cs",
            "chunk.LocalFree = Atomic.Exchange(ref chunk.RemoteFree, End);",
            "{\n                chunk.LocalFree = Atomic.Read(ref chunk.RemoteFree);\n                Atomic.Write(ref chunk.RemoteFree, End);\n            }\n",
            "A slot that is freed meanwhile is lost."),
        new(
            "LiveTable_FreeBeforeItIsEmpty",
            "live",
            "LiveTable.cs",
            """
                        if (seen == head)
                            return;
            """,
            """
                        if (seen == head)
                        {
                            Atomic.Write(ref chunk.Items[index].Value, null);
                            return;
                        }
            """,
            "The item that takes the slot next is wiped out."),
    ];

    public static Mutant[] All { get; } = [.. s_stops, .. s_pending, .. s_live];
}
