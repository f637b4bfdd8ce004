// The run queues of one dispatcher: one stealable ring for each priority.
//
// The mask is the owner's private, conservative note of which rings may hold something: set at every push, cleared when a
// pop finds the ring empty. Thieves do not touch it; a ring they emptied costs the owner one failed pop.

using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>One dispatcher's rings, by priority.</summary>
internal sealed class Lanes : PaddedObject
{
    public CacheLinePadding After;

    public const int Count = 4;

    private const int UrgentMask = (1 << (int)Priority.High) | (1 << (int)Priority.Critical);

    private readonly StealQueue<RunItem> _low;
    private readonly StealQueue<RunItem> _normal;
    private readonly StealQueue<RunItem> _high;
    private readonly StealQueue<RunItem> _critical;
    private int _mask;

    public Lanes(int capacity)
    {
        _low = new StealQueue<RunItem>(capacity);
        _normal = new StealQueue<RunItem>(capacity);
        _high = new StealQueue<RunItem>(capacity);
        _critical = new StealQueue<RunItem>(capacity);
    }

    /// <summary>True if a High or Critical item may be queued. Owner only.</summary>
    public bool MayHaveUrgent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (_mask & UrgentMask) != 0;
    }

    /// <summary>True if anything may be queued. Owner only.</summary>
    public bool MayHaveWork
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _mask != 0;
    }

    /// <summary>True if all rings look empty. Any thread.</summary>
    public bool IsEmpty => _normal.IsEmpty && _high.IsEmpty && _critical.IsEmpty && _low.IsEmpty;

    /// <summary>True if all rings but Normal's look empty. Any thread.</summary>
    public bool HasNoneButNormal => _high.IsEmpty && _critical.IsEmpty && _low.IsEmpty;

    /// <summary>How many items are queued, about. Any thread.</summary>
    public int ItemCount => _normal.Count + _high.Count + _critical.Count + _low.Count;

    /// <summary>A number that changes when anyone takes an item. Any thread.</summary>
    public uint TakenCount => _normal.TakenCount + _high.TakenCount + _critical.TakenCount + _low.TakenCount;

    /// <summary>The ring of a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public StealQueue<RunItem> Ring(Priority lane) => lane switch
    {
        Priority.Normal => _normal,
        Priority.Low => _low,
        Priority.High => _high,
        _ => _critical,
    };

    /// <summary>Adds an item to its lane; false if the ring is full. Owner only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPush(RunItem item)
    {
        var lane = item.Lane;
        _mask |= 1 << (int)lane;
        return Ring(lane).TryPush(item);
    }

    /// <summary>Takes the oldest item of a lane. Owner only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RunItem? TryPop(Priority lane)
    {
        int bit = 1 << (int)lane;
        if ((_mask & bit) == 0)
            return null;
        var item = Ring(lane).TryPop();
        if (item is null)
            _mask &= ~bit;
        return item;
    }

    /// <summary>Notes that items were put into a lane's ring directly (stolen or injected in a batch). Owner only.</summary>
    public void MarkFilled(Priority lane) => _mask |= 1 << (int)lane;
}
