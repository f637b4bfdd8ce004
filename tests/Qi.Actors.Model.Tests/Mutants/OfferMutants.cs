namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of bounded mailboxes.</summary>
internal static class OfferMutants
{
    public static Mutant[] All { get; } =
    [
        new(
            "Offer_LineIsNotServedWhenTheQueueIsEmpty",
            "offer",
            "ActorCell.Room.cs",
            "            if (room is null || !ServeRoom(room))\n                return false;",
            "            return false;",
            "Q3: an owner that finds the queue empty serves the line."),
        new(
            "Offer_PlaceGivenBackIsNotTold",
            "offer",
            "BoundedQueue.cs",
            "return _room is { HasWaitersLocked: true } && Signal();",
            "return false;",
            "Q3: a reservation given back signals the owner if anybody waits."),
        new(
            "Offer_JoinsTheLineInTwoSteps",
            "offer",
            "BoundedQueue.cs",
            """
                        if (queue.HasRoomLocked())
                        {
                            queue.Enqueue(message, out mustSignal, out _);
                            return true;
                        }

                        mustSignal = false;
                        waiter.Place = _line.AddLast(waiter);
                        return false;
                    }
            """,
            """
                        if (queue.HasRoomLocked())
                        {
                            queue.Enqueue(message, out mustSignal, out _);
                            return true;
                        }
                    }

                    lock (queue.LineGate)
                    {
                        mustSignal = false;
                        waiter.Place = _line.AddLast(waiter);
                        return false;
                    }
            """,
            "Q3: the look for room and the joining of the line are one step."),
        new(
            "Offer_NewcomersOvertake",
            "offer",
            "BoundedQueue.cs",
            "internal bool HasRoomLocked() => _messages.Count + _reserved < _capacity && _room is not { HasWaitersLocked: true };",
            "internal bool HasRoomLocked() => _messages.Count + _reserved < _capacity;",
            "While anyone stands in line nobody overtakes."),
        new(
            "Offer_SignalIsForgotten",
            "offer",
            "BoundedQueue.cs",
            """
                        _reserved--;
                        _messages.Enqueue(message);
                        AssertInvariants();
                        return Signal();
            """,
            """
                        _reserved--;
                        _messages.Enqueue(message);
                        AssertInvariants();
                        return false;
            """,
            "Q1: a queue that is not empty has a poke on its way, or a turn that will look again."),
    ];
}
