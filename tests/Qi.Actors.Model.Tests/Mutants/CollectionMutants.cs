namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of the collections.</summary>
internal static class CollectionMutants
{
    public static Mutant[] All { get; } =
    [
        new(
            "StealQueue_PushPublishesBeforeItWrites",
            "steal",
            "StealQueue.cs",
            """
                    SlotAt(tail) = item;

                    // Publishes the slot and what the item holds: pairs with the thief's read of the tail.
                    Atomic.Write(ref _tail.Value, tail + 1);
                    AssertInvariants();
            """,
            """
                    Atomic.Write(ref _tail.Value, tail + 1);
                    AssertInvariants();
                    _ = ReadHead();
                    SlotAt(tail) = item;
            """,
            "Q3: the slot is written before the tail moves."),
        new(
            "StealQueue_PushIgnoresThief",
            "steal",
            "StealQueue.cs",
            "if (tail - ReadHead().Steal >= (uint)_slots.Length)",
            "if (tail - ReadHead().Real >= (uint)_slots.Length)",
            "Q4: a thief's slots are not free until it has emptied them."),
        new(
            "StealQueue_ClaimIgnoresOtherThief",
            "steal",
            "StealQueue.cs",
            "if (count == 0 || head.IsBeingStolen)",
            "if (count == 0)",
            "Q2: one thief at a time."),
    ];
}
