// The idea: the deadline is a number in base 64. A node is filed under the highest digit in which its deadline differs from the
// present tick: level 0 holds, slot by slot, the ticks of the present block of 64; level 1 the later blocks of the present 4,096, and
// so on. When time reaches a slot of a higher level, its nodes are filed again, each a level or more lower. A bit for each
// slot says whether it is occupied, so that the next thing to do is found with one instruction a level, and time jumps from one
// occupied slot to the next however far apart they are.
//
// Fields: all belong to the owner, a dispatcher's thread. Lists are addressed by number: level * 64 + slot, then two lists of
// late nodes, then the far list.
//
// Invariants, outside of Advance's inner steps:
// W1. A node on level n differs from _nowTick in digit n and in no higher one, and its slot is that digit of its deadline, which
//     is greater than _nowTick's. (During a turn of Advance it may also be equal on level 0: due at this very tick.)
// W2. A slot's bit is set exactly if its list is not empty.
// W3. Late nodes were added with a deadline at or before _nowTick. They fire at the next Advance, as of that tick; so a node that
//     arms itself again for a past tick cannot keep Advance from ending.
// W4. Far nodes differ from _nowTick above the top level. _farBoundTick is not after the deadline of any of them, and is
//     long.MaxValue if there is none: a bound that outlived its nodes would send time backwards.
// W5. Nodes of one tick are in the order in which they were added, wherever they are: a slot is emptied from the top level down,
//     in list order, at the moment when time enters its block, before any node can be added directly to the levels below it.
//
// Rejected: a heap (log n and a cache miss each level for a timer that is mostly cancelled), a hashed wheel of one level (every
// turn of the wheel touches the far timers), and TimeProvider timers (an allocation each, and a lock).
// Source: G. Varghese and T. Lauck, "Hashed and hierarchical timing wheels", SOSP 1987, scheme 7.

using System.Diagnostics;
using System.Numerics;

namespace Qi.Actors.Collections;

/// <summary>
/// A hierarchical timer wheel of one owner: adding, removing and firing a timer take constant time, and no allocation.
/// </summary>
/// <remarks>
/// <b>Units</b>: a tick is whatever the owner says, a quarter of a millisecond in a dispatcher. The levels reach 2^30 ticks; further costs more.
/// </remarks>
internal sealed partial class TimerWheel
{
    internal const int Levels = 5;
    internal const int BitsPerLevel = 6;
    internal const int SlotsPerLevel = 1 << BitsPerLevel;

    private const int SlotMask = SlotsPerLevel - 1;
    private const int TopBits = Levels * BitsPerLevel;
    private const int FirstLateList = Levels * SlotsPerLevel;
    private const int FarList = FirstLateList + 2;

    private readonly NodeList[] _lists = new NodeList[FarList + 1];
    private readonly ulong[] _occupied = new ulong[Levels];
    private long _nowTick;
    private long _farBoundTick = long.MaxValue;
    private int _lateList = FirstLateList;
    private int _count;
    private bool _isAdvancing;

    /// <summary>Creates an empty wheel that has processed everything up to <paramref name="nowTick"/>.</summary>
    internal TimerWheel(long nowTick = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nowTick);
        _nowTick = nowTick;
    }

    /// <summary>How many nodes are armed.</summary>
    internal int Count => _count;

    /// <summary>The tick up to which everything has fired.</summary>
    internal long NowTick => _nowTick;

    /// <summary>
    /// The tick at which Advance has something to do: the earliest deadline if it is within the present block of 64 ticks or
    /// alone in its slot, else a lower bound of it, where nodes are filed again: at most one for each level and timer.
    /// <see cref="long.MaxValue"/> if nothing is armed; the present tick if a node is late.
    /// </summary>
    internal long NextDeadlineTick
    {
        get
        {
            if (_lists[_lateList].Head is not null)
            {
                return _nowTick;
            }

            int list = FindNextList(out long startTick);
            return list >= 0 && _lists[list].Head is { Next: null } only ? only.DeadlineTick : startTick;
        }
    }

    /// <summary>Arms a node. A deadline at or before the present tick makes it due at the next Advance.</summary>
    internal void Add(TimerNode node, long deadlineTick)
    {
        Debug.Assert(!node.IsArmed, "A timer is armed once at a time: remove it first.");
        node.DeadlineTick = deadlineTick;
        _count++;
        Append(node, deadlineTick <= _nowTick ? _lateList : ListOf(deadlineTick));
    }

    /// <summary>Disarms a node; false if it was not armed, because it has fired, is firing, or never was.</summary>
    internal bool Remove(TimerNode node)
    {
        if (!node.IsArmed)
        {
            return false;
        }

        Unlink(node);
        _count--;
        return true;
    }

    /// <summary>
    /// Moves time on to <paramref name="nowTick"/> and fires every node due by then, in the order of their deadlines.
    /// </summary>
    /// <param name="nowTick">The present tick; one before the last call's does nothing.</param>
    /// <param name="context">Handed to <see cref="TimerNode.OnDue"/>.</param>
    /// <returns>How many nodes fired.</returns>
    internal int Advance(long nowTick, object? context)
    {
        Debug.Assert(!_isAdvancing, "OnDue does not advance the wheel that calls it.");
        if (nowTick < _nowTick)
        {
            return 0;
        }

        _isAdvancing = true;
        int fired = 0;
        try
        {
            // Nodes that become late from here on wait in the other list for the next call (W3).
            int late = _lateList;
            _lateList = (FirstLateList * 2) + 1 - late;
            fired += Fire(late, context);

            for (int list; (list = FindNextList(out long startTick)) >= 0 && startTick <= nowTick;)
            {
                Debug.Assert(startTick >= _nowTick, "W4: time does not go backwards.");
                _nowTick = startTick;
                if (list < SlotsPerLevel)
                {
                    fired += Fire(list, context);
                }
                else
                {
                    FileAgain(list);
                }
            }

            _nowTick = nowTick;
            return fired;
        }
        finally
        {
            _isAdvancing = false;
        }
    }

    // W1: the level is the highest digit in which the deadline differs from the present.
    private int ListOf(long deadlineTick)
    {
        ulong difference = (ulong)(deadlineTick ^ _nowTick);
        int level = BitOperations.Log2(difference | 1) / BitsPerLevel;
        return level >= Levels
            ? FarList
            : (level * SlotsPerLevel) + ((int)(deadlineTick >> (level * BitsPerLevel)) & SlotMask);
    }

    // The occupied list that comes first, and the tick at which it begins. By W1 a lower level comes before a higher one, and
    // in a level the lowest bit is the next slot.
    private int FindNextList(out long startTick)
    {
        for (int level = 0; level < Levels; level++)
        {
            ulong occupied = _occupied[level];
            if (occupied != 0)
            {
                int slot = BitOperations.TrailingZeroCount(occupied);
                int shift = level * BitsPerLevel;
                startTick = (_nowTick & (-1L << (shift + BitsPerLevel))) | ((long)slot << shift);
                return (level * SlotsPerLevel) + slot;
            }
        }

        if (_lists[FarList].Head is not null)
        {
            startTick = _farBoundTick & (-1L << TopBits);
            return FarList;
        }

        startTick = long.MaxValue;
        return -1;
    }

    private int Fire(int list, object? context)
    {
        int fired = 0;

        // The first one each time: OnDue may remove any other node of the list. None is added to it, since its tick has come.
        while (_lists[list].Head is { } node)
        {
            Unlink(node);
            _count--;
            fired++;
            node.OnDue(context);
        }

        return fired;
    }

    // Time has come to the start of a slot above level 0, or of a far block: its nodes go to lower levels, in order (W5).
    private void FileAgain(int list)
    {
        TimerNode? node = _lists[list].Head;
        _lists[list] = default;
        if (list == FarList)
        {
            _farBoundTick = long.MaxValue;
        }
        else
        {
            _occupied[list / SlotsPerLevel] &= ~(1UL << (list & SlotMask));
        }

        while (node is not null)
        {
            TimerNode? next = node.Next;
            Append(node, ListOf(node.DeadlineTick));
            node = next;
        }
    }

    private void Append(TimerNode node, int list)
    {
        ref NodeList target = ref _lists[list];
        node.List = (short)list;
        node.Next = null;
        node.Previous = target.Tail;
        if (target.Tail is { } tail)
        {
            tail.Next = node;
        }
        else
        {
            target.Head = node;
        }

        target.Tail = node;
        if (list < FirstLateList)
        {
            _occupied[list / SlotsPerLevel] |= 1UL << (list & SlotMask);
        }
        else if (list == FarList)
        {
            _farBoundTick = Math.Min(_farBoundTick, node.DeadlineTick);
        }
    }

    private void Unlink(TimerNode node)
    {
        int list = node.List;
        ref NodeList source = ref _lists[list];
        if (node.Previous is { } previous)
        {
            previous.Next = node.Next;
        }
        else
        {
            source.Head = node.Next;
        }

        if (node.Next is { } next)
        {
            next.Previous = node.Previous;
        }
        else
        {
            source.Tail = node.Previous;
        }

        node.Previous = null;
        node.Next = null;
        node.List = TimerNode.Unarmed;
        if (source.Head is not null)
        {
            return;
        }

        if (list < FirstLateList)
        {
            _occupied[list / SlotsPerLevel] &= ~(1UL << (list & SlotMask));
        }
        else if (list == FarList)
        {
            _farBoundTick = long.MaxValue;
        }
    }

    private struct NodeList
    {
        internal TimerNode? Head;
        internal TimerNode? Tail;
    }
}
