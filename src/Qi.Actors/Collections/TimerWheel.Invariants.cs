using System.Diagnostics;

namespace Qi.Actors.Collections;

internal sealed partial class TimerWheel
{
    /// <summary>Checks W1 to W4 by walking every list.</summary>
    [Conditional("DEBUG")]
    internal void AssertInvariants()
    {
        int count = 0;
        for (int list = 0; list < _lists.Length; list++)
        {
            TimerNode? previous = null;
            for (TimerNode? node = _lists[list].Head; node is not null; node = node.Next)
            {
                Debug.Assert(node.List == list && ReferenceEquals(node.Previous, previous), "A list is linked both ways.");
                Debug.Assert(
                    list == _lateList ? node.DeadlineTick <= _nowTick : ListOf(node.DeadlineTick) == list,
                    "W1, W3: a node is in the wrong list.");
                Debug.Assert(list != FarList || node.DeadlineTick >= _farBoundTick, "W4: a far node is before the bound.");
                previous = node;
                count++;
            }

            Debug.Assert(ReferenceEquals(_lists[list].Tail, previous), "The tail is the last node of its list.");
            bool isOccupied = list < FirstLateList && ((_occupied[list / SlotsPerLevel] >> (list & SlotMask)) & 1) != 0;
            Debug.Assert(list >= FirstLateList || isOccupied == previous is not null, "W2: a slot's bit differs from its list.");
        }

        Debug.Assert(count == _count, "The count differs from the lists.");
    }
}
