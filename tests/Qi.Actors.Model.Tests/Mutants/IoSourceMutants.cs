namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of what coroutines and others await of a descriptor.</summary>
internal static class IoSourceMutants
{
    public static Mutant[] All { get; } =
    [
        new(
            "Source_ReasonReadTwice",
            "io-source",
            "IoSource.Wait.cs",
            "var failure = TakeFailure(reason);",
            "var failure = TakeFailure(ReasonCode);",
            "A cancel that comes between the two is thrown for a close, and once more."),
        new(
            "Source_CancelBeforeTheWaitIsForgotten",
            "io-source",
            "IoSource.Wait.cs",
            "            root.FinishOperationWait(this, epoch);",
            "            ;",
            "A cancel that came before the wait was published ends nothing."),
        new(
            "Source_ParkPlainly",
            "io-source",
            "IoSource.Wait.cs",
            "if (Atomic.CompareExchange(ref _phase, Parked, Begun) != Begun)",
            "if (Atomic.Exchange(ref _phase, Parked) == Idle)",
            "L2: an end that comes first is wiped out."),
        new(
            "Source_ListenPlainly",
            "io-source",
            "IoSource.Wait.cs",
            "if (Atomic.CompareExchange(ref _phase, Listening, Begun) != Begun)",
            "if (Atomic.Exchange(ref _phase, Listening) == Idle)",
            "L2: an end that comes first is wiped out."),
        new(
            "Source_EndedMeanwhileWakesNobody",
            "io-source",
            "IoSource.Wait.cs",
            "            root.Wake(epoch); // it has ended meanwhile",
            "            ;",
            "L2: who finds the end must wake itself."),
        new(
            "Source_EndIgnoresRun",
            "io-source",
            "IoSource.End.cs",
            "        if (Atomic.Read(ref _run) != run)\n            return; // Q1: what was read may be another run's\n",
            "",
            "Q1: a deadline that comes late ends the next run."),
        new(
            "Source_CancelIgnoresEpoch",
            "io-source",
            "IoSource.End.cs",
            "if (Atomic.Read(ref _epoch) == epoch && Atomic.Read(ref _root) == root)",
            "if (root is not null)",
            "Q1: a cancel ends a wait that it does not mean."),
        new(
            "Pause_NoLookAfterArming",
            "io-pause",
            "IoSource.Pause.cs",
            "        if (IsAsked || Handle.IsClosed) // P3\n            EndPause(timer, generation);\n",
            "",
            "P3: a close, or a cancel, that came before the timer was armed waits for the pause."),
        new(
            "Pause_FailureOfWhoIsAskedCounts",
            "io-pause",
            "IoSource.Pause.cs",
            "            _operation.Result = -IoErrors.Canceled; // a failure that passes is nobody's, also when there is no next attempt\n",
            "",
            "A cancelled run ends with a failure that passes."),
        new(
            "Pause_AskingEndsNone",
            "io-pause",
            "IoSource.End.cs",
            "        if (!EndPause(pause, generation))\n            ReactorSet.Cancel(_operation, use);",
            "        ReactorSet.Cancel(_operation, use);",
            "P5: who wants the end waits for the pause."),
        new(
            "Pause_ClosingEndsNone",
            "io-pause",
            "IoSource.End.cs",
            "        EndPause(pause, pause?.CurrentGeneration ?? 0);\n",
            "",
            "P5: a closed descriptor's run waits for the pause."),
        new(
            "Pause_EndedByBoth",
            "io-pause",
            "IoSource.Pause.cs",
            "if (pause is null || !pause.TryCancel(generation))",
            "if (pause is null || !(pause.TryCancel(generation) || pause.HasFired(generation)))",
            "Who finds the timer fired ends a run that the timer has."),
        new(
            "Source_DoneWithoutALookAtClosed",
            "io-source",
            "IoSource.End.cs",
            "        }\n\n        DropIfClosed();\n    }\n",
            "        }\n    }\n",
            "Q3: what arrives while the handle is closed is nobody's."),
        new(
            "Source_CloseWithoutALookAtDone",
            "io-source",
            "IoSource.End.cs",
            "CloseDeadline();\n        DropIfClosed();",
            "CloseDeadline();",
            "Q3: what has arrived before the close is nobody's."),
        new(
            "Source_TakenPlainly",
            "io-source",
            "IoSource.End.cs",
            "            if (outcome < 0 || _drop is null || _operation.TryTakeResult(outcome, Taken))",
            "            if (outcome is < 0 or >= 0)",
            "Q3: what is taken is dropped too."),
    ];
}
