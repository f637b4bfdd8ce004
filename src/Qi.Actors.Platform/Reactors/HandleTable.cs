// The handles that a reactor of readiness serves, by number: a slot, and the slot's generation, go with each event, so that an event which was fetched before its
// handle went finds nobody.
//
//   _handles, _generations, _free, _used: under the reactor's lock to write; read by its owner while it dispatches, who takes the arrays anew each time.
// A handle goes before its descriptor is closed, and its slot may be used again at once.

using System.Runtime.CompilerServices;

namespace Qi.Actors.Platform;

/// <summary>Handles, each with a number that no other one ever has.</summary>
internal struct HandleTable
{
    private const int FirstSize = 64;

    private readonly Stack<int> _free;

    private IoHandle?[] _handles;
    private uint[] _generations;
    private int _used;

    /// <summary>An empty one.</summary>
    public HandleTable()
    {
        _free = [];
        _handles = new IoHandle?[FirstSize];
        _generations = new uint[FirstSize];
    }

    /// <summary>Adds a handle; returns its number. Under the reactor's lock.</summary>
    public ulong Add(IoHandle handle)
    {
        if (!_free.TryPop(out int slot))
        {
            slot = _used++;
            if (slot == _handles.Length)
            {
                // The generations first: who sees the longer table of handles sees theirs.
                uint[] generations = _generations;
                Array.Resize(ref generations, slot * 2);
                Atomic.Write(ref _generations, generations);
                IoHandle?[] handles = _handles;
                Array.Resize(ref handles, slot * 2);
                Atomic.Write(ref _handles, handles);
            }
        }

        _generations[slot]++;
        Atomic.Write(ref _handles[slot], handle);
        handle.ReactorSlot = slot;
        return NumberOf(handle);
    }

    /// <summary>The number of a handle that is there. Under the reactor's lock.</summary>
    public readonly ulong NumberOf(IoHandle handle) => ((ulong)_generations[handle.ReactorSlot] << 32) | (uint)handle.ReactorSlot;

    /// <summary>Removes a handle. Under the reactor's lock.</summary>
    public void Remove(IoHandle handle)
    {
        int slot = handle.ReactorSlot;
        handle.ReactorSlot = -1;
        Atomic.Write(ref _generations[slot], _generations[slot] + 1); // before the handle goes: who sees another one sees this
        Atomic.Write(ref _handles[slot], null);
        _free.Push(slot);
    }

    /// <summary>The handle with a number; null if it has gone. The reactor's owner.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly IoHandle? Find(ulong number)
    {
        int slot = (int)(uint)number;

        // The handle first: whoever sees one that came later sees the generation that was counted before it, and whoever sees the longer table of handles that of generations.
        var handle = Atomic.Read(ref Atomic.Read(in _handles)[slot]);
        uint generation = Atomic.Read(ref Atomic.Read(in _generations)[slot]);
        return generation == (uint)(number >> 32) ? handle : null;
    }
}
