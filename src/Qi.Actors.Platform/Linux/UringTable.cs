// The operations that a ring has in progress, by slot. What the kernel is given as user data is the slot and its generation, so that a completion or a cancel that comes late
// finds nobody. With each slot goes a message header at a fixed place: the kernel writes the length of an
// address into it, as long as the operation lasts.

using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Linux;

/// <summary>What is known of an operation besides itself.</summary>
[Flags]
internal enum UringState : byte
{
    None = 0,

    /// <summary>Its end was asked for: it is not tried again.</summary>
    CancelAsked = 1,

    /// <summary>The ring waits for its descriptor, since that one does not block: then the operation is tried.</summary>
    Polling = 2,

    /// <summary>It was tried before: this is not the first attempt.</summary>
    Tried = 4,

    /// <summary>It found no room in the ring.</summary>
    Postponed = 8,

    /// <summary>Its cancel found no room in the ring.</summary>
    CancelPostponed = 16,
}

/// <summary>What goes with an entry that is a message.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringScratch
{
    internal MessageHeader Header;
    internal IoVector Vector;
}

/// <summary>The operations in progress.</summary>
/// <remarks><b>Threads</b>: the owner of the ring.</remarks>
internal sealed unsafe class UringTable
{
    private const int SlotsOfAChunk = 128;

    private Slot[] _slots = new Slot[SlotsOfAChunk];
    private UringScratch[][] _scratch = [NewChunk()];
    private int _used;
    private int _firstFree = -1;

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Gives an operation a slot, and returns what the kernel calls it.</summary>
    internal ulong Add(IoOperation operation)
    {
        int index = _firstFree;
        if (index >= 0)
        {
            _firstFree = _slots[index].NextFree;
        }
        else
        {
            index = _used++;
            if (index == _slots.Length)
                Grow();
        }

        ref var slot = ref _slots[index];
        slot.Operation = operation;
        slot.State = UringState.None;
        Count++;
        return ((ulong)slot.Generation << 32) | (uint)index;
    }

    /// <summary>The operation of this name; null if it has ended.</summary>
    internal IoOperation? Find(ulong tag)
    {
        uint index = (uint)tag;
        return index < (uint)_used && _slots[index].Generation == (uint)(tag >> 32) ? _slots[index].Operation : null;
    }

    /// <summary>The state of an operation that is there.</summary>
    internal ref UringState StateOf(ulong tag) => ref _slots[(uint)tag].State;

    /// <summary>What the kernel reads besides the entry of an operation that is there. It does not move.</summary>
    internal UringScratch* ScratchOf(ulong tag)
        => (UringScratch*)Marshal.UnsafeAddrOfPinnedArrayElement(_scratch[(uint)tag / SlotsOfAChunk], (int)((uint)tag % SlotsOfAChunk));

    /// <summary>Frees the slot of an operation that is there.</summary>
    internal void Remove(ulong tag)
    {
        ref var slot = ref _slots[(uint)tag];
        slot.Operation = null;
        slot.Generation++;
        slot.NextFree = _firstFree;
        _firstFree = (int)(uint)tag;
        Count--;
    }

    private void Grow()
    {
        Array.Resize(ref _slots, _slots.Length + SlotsOfAChunk);
        Array.Resize(ref _scratch, _scratch.Length + 1);
        _scratch[^1] = NewChunk();
    }

    private static UringScratch[] NewChunk() => GC.AllocateArray<UringScratch>(SlotsOfAChunk, pinned: true);

    private struct Slot
    {
        internal IoOperation? Operation;
        internal uint Generation;
        internal int NextFree;
        internal UringState State;
    }
}
