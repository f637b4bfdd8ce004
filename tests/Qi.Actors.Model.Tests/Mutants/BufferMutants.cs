namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of the buffers.</summary>
internal static class BufferMutants
{
    public static Mutant[] All { get; } =
    [
        new(
            "Slab_EndsItsUseInTwoSteps",
            "buffers",
            "Slab.cs",
            "public bool TryEndUse(long use) => Atomic.CompareExchange(ref _use, use + 1, use) == use;",
            "public bool TryEndUse(long use)\n    {\n        if (Atomic.Read(ref _use) != use)\n            return false;\n        Atomic.Write(ref _use, use + 1);\n        return true;\n    }",
            "U1: of many returns of a use one succeeds."),
        new(
            "Slab_UsesAreNotNumbered",
            "buffers",
            "Slab.cs",
            "long use = _use + 1;",
            "long use = 1;",
            "U2: a return does not fit another use."),
        new(
            "ReturnedSlabs_PushesInTwoSteps",
            "buffers",
            "ReturnedSlabs.cs",
            "Slab? before = Atomic.CompareExchange(ref _top.Value, slab, top);",
            "Slab? before = top;\n            Atomic.Write(ref _top.Value, slab);",
            "R1: a push loses nothing that was pushed meanwhile."),
        new(
            "ReturnedSlabs_LinksAfterThePush",
            "buffers",
            "ReturnedSlabs.cs",
            """
                        if (ReferenceEquals(before, top))
                            return true;
            """,
            """
                        _ = Atomic.Read(ref _top.Value);
                        slab.Next = top;
                        if (ReferenceEquals(before, top))
                            return true;
            """,
            "R1: the link is there before the slab is on top."),
        new(
            "ReturnedSlabs_TakesInTwoSteps",
            "buffers",
            "ReturnedSlabs.cs",
            "return Atomic.Exchange(ref _top.Value, null);",
            "Atomic.Write(ref _top.Value, null);\n        return top;",
            "R1: what is pushed after the look is not thrown away."),
        new(
            "ReturnedSlabs_StaysOpen",
            "buffers",
            "ReturnedSlabs.cs",
            "public Slab? Close() => Atomic.Exchange(ref _top.Value, s_closed);",
            "public Slab? Close() => Atomic.Exchange(ref _top.Value, null);",
            "R3: after Close nothing is pushed."),
        new(
            "SlabPool_ClosesWithoutWhatWasReturned",
            "buffers",
            "SlabPool.Chunks.cs",
            "TakeBackAll(_returned.Close());",
            "TakeBackReturned();\n            _returned.Close();",
            "R3: what is pushed before the mark is what Close gives back."),
        new(
            "SlabPool_LastSlabLeavesItsChunk",
            "buffers",
            "SlabPool.Return.cs",
            "if (chunk.InUse == 0)",
            "if (chunk.InUse < 0)",
            "P4: the last slab of a chunk lets it go."),
        new(
            "SlabPool_EmptyPoolIsNotForgotten",
            "buffers",
            "SlabPool.Return.cs",
            "isEmpty = _chunkCount == 0;",
            "isEmpty = _chunkCount < 0;",
            "P4: a closed pool that has nothing left is forgotten."),
        new(
            "BufferBudget_AddsInTwoSteps",
            "buffers",
            "BufferBudget.cs",
            "long before = Atomic.CompareExchange(ref _heldBytes, held + bytes, held);",
            "long before = held;\n            Atomic.Add(ref _heldBytes, bytes);",
            "B1: the limit holds at the moment of the addition."),
        new(
            "BufferBudget_RemovesInTwoSteps",
            "buffers",
            "BufferBudget.cs",
            "public void Remove(long bytes) => Atomic.Add(ref _heldBytes, -bytes);",
            "public void Remove(long bytes) => Atomic.Write(ref _heldBytes, Atomic.Read(ref _heldBytes) - bytes);",
            "B1: what is added meanwhile stays."),
    ];
}
