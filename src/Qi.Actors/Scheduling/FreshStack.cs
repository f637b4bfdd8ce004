// What a dispatcher's turns spawned last: taken newest first by the dispatcher itself, oldest first when it moves to the ring.
//
// Owner only, so there are no atomics. Positions wrap: [_bottom, _top) is filled, and all other slots are null.

using System.Runtime.CompilerServices;

namespace Qi.Actors.Scheduling;

/// <summary>A small stack of run items whose oldest can be taken too.</summary>
internal struct FreshStack
{
    public const int Capacity = 16;

    private Slots _slots;
    private uint _bottom;
    private uint _top;

    public readonly int Count => (int)(_top - _bottom);

    /// <summary>Adds an item; there must be room.</summary>
    public void Push(RunItem item) => _slots[(int)(_top++ % Capacity)] = item;

    /// <summary>Takes the newest item, or null.</summary>
    public RunItem? TryPop() => _top == _bottom ? null : Take(--_top);

    /// <summary>Takes the oldest item, or null.</summary>
    public RunItem? TryTakeOldest() => _top == _bottom ? null : Take(_bottom++);

    private RunItem? Take(uint position)
    {
        ref var slot = ref _slots[(int)(position % Capacity)];
        var item = slot;
        slot = null;
        return item;
    }

    // Inside the dispatcher, not an array of its own: writing an element needs no check of its type, and no bounds that vary.
    [InlineArray(Capacity)]
    private struct Slots
    {
        private RunItem? _first;
    }
}
