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
        new(
            "StealQueue_PopDoesNotLookAgain",
            "steal",
            "StealQueue.cs",
            """
                        StealHead before = Swap(head, head.Take(1));
                        if (before.Packed == head.Packed)
            """,
            """
                        StealHead before = Swap(head, head.Take(1));
                        if (before.Real == head.Real)
            """,
            "Q2: a swap that has failed has taken nothing, although the positions taken from are the same."),
        new(
            "StealQueue_ReleaseForgetsOwner",
            "steal",
            "StealHead.cs",
            "return At(Real);\n    }\n}",
            "return At(Steal + 1);\n    }\n}",
            "Q1: what the owner has taken meanwhile stays taken."),
        new(
            "RunNode_AppendWithoutComparing",
            "run",
            "RunNode.cs",
            "if (index == Capacity || Atomic.CompareExchange(ref _state, expected + 1, expected) != expected)",
            "if (index == Capacity || Atomic.Read(ref _state) != expected || Atomic.Exchange(ref _state, expected + 1) < 0)",
            "N1: a claim succeeds on the exact state only."),
        new(
            "RunNode_UsesAreNotNumbered",
            "run",
            "RunNode.cs",
            "long state = (_state & ~(OneUse - 1)) + OneUse + 1;",
            "long state = (_state & ~(OneUse - 1)) + 1;",
            "N1: a sender's claim does not succeed on another one's use."),
        new(
            "RunNode_CloseWithoutLookingForClaims",
            "run",
            "RunNode.cs",
            "return (seen & CountMask) == _taken && Atomic.CompareExchange(ref _state, seen | ClosedFlag, seen) == seen;",
            "return _taken == Atomic.Read(ref _published) && (Atomic.Exchange(ref _state, seen | ClosedFlag) | 1) != 0;",
            "N3: a run is closed when all that was claimed has been taken, not all that was written."),
        new(
            "RunNode_PublishesBeforeItWrites",
            "run",
            "RunNode.cs",
            """
                    _slots[index] = message;
                    Atomic.Write(ref _published, index + 1);
                    state
            """,
            """
                    Atomic.Write(ref _published, index + 1);
                    _ = Atomic.Read(ref _state);
                    _slots[index] = message;
                    state
            """,
            "N2: a slot that lies below the published ones is written."),
        new(
            "InjectQueue_CutsWithoutLock",
            "inject",
            "InjectQueue.cs",
            """
                    RunItem? first;
                    lock (_lock)
                    {
                        first = CutLocked(lane, wanted);
                    }
            """,
            "        RunItem? first = CutLocked(lane, wanted);\n",
            "I1: lists and counters change under the lock."),
        new(
            "InjectQueue_PushesAfterClose",
            "inject",
            "InjectQueue.cs",
            """
                        if (_isClosed)
                        {
                            return false;
                        }
            """,
            """
                        if (_isClosed && count > 1)
                        {
                            return false;
                        }
            """,
            "I4: no item is added after Close."),
        new(
            "InjectQueue_BatchStaysLinked",
            "inject",
            "InjectQueue.cs",
            "head = Detach(last);",
            "head = last.Next;",
            "I2: a popped item leads to none."),
        new(
            "MpscQueue_AnnouncesInTwoSteps",
            "control",
            "MpscQueue.cs",
            "private Node Announce(Node node) => Atomic.Exchange(ref _last.Value, node)!;",
            "private Node Announce(Node node)\n    {\n        var before = Atomic.Read(ref _last.Value)!;\n        Atomic.Write(ref _last.Value, node);\n        return before;\n    }",
            "M1: every producer links to a node of its own."),
        new(
            "MpscQueue_EmptyLooksAtTheEndFirst",
            "control",
            "MpscQueue.cs",
            """
                        Node? stub = Atomic.Read(ref _stub.Value);
                        return ReferenceEquals(stub, Atomic.Read(ref _last.Value));
            """,
            """
                        Node? last = Atomic.Read(ref _last.Value);
                        return ReferenceEquals(last, Atomic.Read(ref _stub.Value));
            """,
            "M2: the end at the first look may have been passed by the second."),
        new(
            "MpscQueue_DequeuesThroughAGap",
            "control",
            "MpscQueue.cs",
            "Node? next = Atomic.Read(ref stub.Next) ?? WaitForLink(stub);",
            "Node? next = Atomic.Read(ref stub.Next) ?? (ReferenceEquals(stub, Atomic.Read(ref _last.Value)) ? null : Atomic.Read(ref _last.Value));",
            "M3: what is behind a gap waits for its link."),
    ];
}
