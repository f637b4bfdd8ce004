namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of a descriptor's sides.</summary>
internal static class ReadinessMutants
{
    public static Mutant[] All { get; } =
    [
        new(
            "Reactor_MadeForASleeper",
            "sleep-reactor",
            "Dispatcher.Io.cs",
            "        Parker.Unpark();\n        return made;",
            "        return made;",
            "A dispatcher that sleeps elsewhere does not see what happens in the reactor it was given."),
        new(
            "Reactor_EventsOfTheSleepAreForgotten",
            "sleep-reactor",
            "Dispatcher.Park.cs",
            """
                    if (events > 0)
                        DispatchEvents(_reactor!, events);
            """,
            "",
            "What has ended the sleep is lost."),
        new(
            "Reactor_NotSleptIn",
            "sleep-reactor",
            "Dispatcher.Park.cs",
            """
                        bool isUnparked = _reactor is { } bed // S6
                            ? Parker.ParkIn(bed, sleepNs, MostEventsIdle, out events)
                            : Parker.Park(sleepNs);
            """,
            "            bool isUnparked = Parker.Park(sleepNs);",
            "An event wakes nobody."),
        new(
            "Side_WaitWithoutComparingTicks",
            "readiness",
            "IoSide.cs",
            """
                        if ((seen & TickMask) != (seenBefore & TickMask))
                            return IoWait.TryAgain;

            """,
            "",
            "T3: an event between the call and the wait is lost."),
        new(
            "Side_WaitPlainly",
            "readiness",
            "IoSide.cs",
            "if (Atomic.CompareExchange(ref _word, (seen & ~Ready) | Waiting, seen) == seen)",
            "if (Atomic.Exchange(ref _word, (seen & ~Ready) | Waiting) != 0)",
            "T3: an event, a cancel or a close is wiped out."),
        new(
            "Side_WaitWithoutLookAtCancel",
            "readiness",
            "IoSide.cs",
            """
                        if ((seen & (Cancelled | Closed)) != 0)
                            return IoWait.Cancelled;
                        if ((seen & TickMask)
            """,
            "            if ((seen & TickMask)",
            "A use that was cancelled before it waits, waits."),
        new(
            "Side_SignalLeavesWaiting",
            "readiness",
            "IoSide.cs",
            "long signalled = (seen & ~(Waiting | TickMask))",
            "long signalled = (seen & ~TickMask)",
            "I2: two own one operation."),
        new(
            "Side_NoNewsDuringAUse",
            "readiness",
            "IoSide.cs",
            "if ((seen & (Busy | Ready)) == Ready && ",
            "if ((seen & (Waiting | Ready)) == Ready && ",
            "E0: an event between the call and the wait is lost."),
        new(
            "Side_NoFenceBeforeTheLook",
            "readiness",
            "IoSide.cs",
            "public static void BeginSignals() => Atomic.Fence();",
            "public static void BeginSignals() { }",
            "E0: the look comes before what is told can be seen, and the call before the look."),
        new(
            "Side_NoNewsOfWhatIsNotReady",
            "readiness",
            "IoSide.cs",
            "if ((seen & (Busy | Ready)) == Ready && ",
            "if ((seen & Busy) == 0 && ",
            "E0: what arrives between two uses is lost."),
        new(
            "Side_DryInSpiteOfAnEvent",
            "readiness",
            "IoSide.cs",
            "isEmptied && (seen & Ended) == 0 && (seen & TickMask) == (seenBefore & TickMask)",
            "isEmptied && (seen & Ended) == 0",
            "I4: what arrives behind a read that takes all there was is lost."),
        new(
            "Side_CancelIgnoresUse",
            "readiness",
            "IoSide.cs",
            "if ((int)(seen >> UseShift) != use || (seen & Busy) == 0",
            "if ((seen & Busy) == 0",
            "One who cancels late ends the next use."),
        new(
            "Side_CancelPlainly",
            "readiness",
            "IoSide.cs",
            "if (Atomic.CompareExchange(ref _word, (seen & ~Waiting) | Cancelled, seen) == seen)",
            "if (Atomic.Exchange(ref _word, (seen & ~Waiting) | Cancelled) != 0)",
            "A cancel takes what an event has taken."),
        new(
            "Side_ClosePlainly",
            "readiness",
            "IoSide.cs",
            "if (Atomic.CompareExchange(ref _word, (seen & ~Waiting) | Closed, seen) != seen)",
            "if (Atomic.Exchange(ref _word, (seen & ~Waiting) | Closed) == -1)",
            "A close takes what an event has taken, or wipes out a beginning."),
        new(
            "Side_EndPlainly",
            "readiness",
            "IoSide.cs",
            "if (Atomic.CompareExchange(ref _word, seen & ~(Busy | Cancelled | (isDry ? Ready : 0)), seen) == seen)",
            "if (Atomic.Exchange(ref _word, seen & ~(Busy | Cancelled | (isDry ? Ready : 0))) != 0)",
            "A close during a use is wiped out, and the descriptor stays open."),
        new(
            "Side_BeginIgnoresClosed",
            "readiness",
            "IoSide.cs",
            """
                        if ((seen & Closed) != 0)
                            return IoBegin.Closed;
                        if ((seen & Busy)
            """,
            "            if ((seen & Busy)",
            "A use begins on a closed descriptor."),
        new(
            "Handle_CloseTellsNobody",
            "readiness",
            "IoHandle.cs",
            """
                    if (waiting is not null)
                        Complete(waiting, -IoErrors.Canceled);

            """,
            "",
            "Who waits at a descriptor that is closed waits for ever."),
        new(
            "Handle_GiveBackPlainly",
            "readiness",
            "IoHandle.cs",
            "        if (Atomic.Add(ref _shares, -1) != 0)\n            return;\n",
            "        int left = Atomic.Read(ref _shares) - 1;\n        Atomic.Write(ref _shares, left);\n        if (left != 0)\n            return;\n",
            "Two give their shares back at once, and the descriptor is closed twice or never."),
        new(
            "Readiness_ToldBeforeItWaits",
            "readiness",
            "Readiness.cs",
            "        IoWait wait;\n        do\n",
            "        handle.Reactor!.TellAgain(handle);\n        IoWait wait;\n        do\n",
            "P1: what is told of may be closed."),
        new(
            "Readiness_NotToldAgain",
            "readiness",
            "Readiness.cs",
            "            handle.Reactor!.TellAgain(handle); // P3",
            "            ;",
            "P3: no event comes for what is ready already."),
        new(
            "Readiness_NeverLetGo",
            "readiness",
            "Readiness.cs",
            "        if (isHeld)\n            handle.EndUse();\n        return",
            "        return",
            "P1: the descriptor is held for ever, and never closed."),
    ];
}
