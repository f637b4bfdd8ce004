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
            "?.Close();\n        DropIfClosed();",
            "?.Close();",
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
