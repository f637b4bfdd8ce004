// The operations that a port has in progress. Each has a slot, and with it a block of memory that does not move: the kernel writes into it until the packet has come.
//
//   under the lock: _free, _used, Count, and of each slot Operation, Generation, State
//   _slots grows only: it is replaced under the lock and read by anybody; a slot is there for good
//
// C1: a slot is given away again only when the kernel is done with its block: its packet was taken, or the call that began it has ended without one.
// C2: an operation is known by slot and generation, and every attempt at it has a generation of its own. Who names an older one finds nobody.
// C3: State has Beginning from before the call that begins an attempt until after it. A cancel in between cannot know whether the kernel has heard of the operation yet: it leaves
//     CancelAsked, and whoever has made the call asks then (Begun). Both decide under the lock, so one of them asks, after the beginning; so no cancel is lost.
// C4: the kernel is asked to cancel under the lock while the slot is the operation's: so it never ends another one that has the same block, and the descriptor is open.

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Windows;

/// <summary>What is known of an operation besides itself.</summary>
[Flags]
internal enum CompletionState : byte
{
    None = 0,

    /// <summary>The call that begins it has not come back yet (C3).</summary>
    Beginning = 1,

    /// <summary>Its end was asked for.</summary>
    CancelAsked = 2,
}

/// <summary>What the kernel writes to, at a place that does not move.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CompletionBlock
{
    internal NativeOverlapped Overlapped; // the first: its address is the block's
    internal int Index;
    internal int AddressLength;
    internal uint Flags;
    internal uint Ignored;
    internal fixed byte Addresses[WinsockExtensions.AcceptAddressBytes * 2];
}

/// <summary>A place for an operation in progress.</summary>
internal sealed unsafe class CompletionSlot(int index, CompletionBlock* block)
{
    internal readonly int Index = index;
    internal readonly CompletionBlock* Block = block;

    // Under the table's lock.
    internal IoOperation? Operation;
    internal uint Generation;
    internal CompletionState State;
    internal int NextFree;

    // Whoever has the operation: the socket that an accept takes the connection into; 0 if there is none.
    internal nint Accepting;

    internal long Tag => ((long)Generation << 32) | (uint)Index;
}

/// <summary>The operations in progress.</summary>
/// <remarks><b>Threads</b>: any.</remarks>
[SupportedOSPlatform("windows")]
internal sealed unsafe class CompletionTable
{
    private const int SlotsOfAChunk = 128;

    private readonly Lock _lock = new();
    private readonly List<CompletionBlock[]> _blocks = []; // they are pinned, and kept
    private CompletionSlot[] _slots = [];
    private int _firstFree = -1;
    private int _count;

    /// <summary>How many there are.</summary>
    internal int Count => Atomic.Read(ref _count);

    /// <summary>Gives an operation a slot, in which it is about to begin.</summary>
    internal CompletionSlot Add(IoOperation operation)
    {
        lock (_lock)
        {
            if (_firstFree < 0)
                Grow();
            var slot = _slots[_firstFree];
            _firstFree = slot.NextFree;
            _count++;
            slot.Operation = operation;
            slot.State = CompletionState.Beginning;
            operation.ReactorTag = slot.Tag;
            return slot;
        }
    }

    /// <summary>The slot of a packet; null if nobody waits for it.</summary>
    internal CompletionSlot? Find(NativeOverlapped* overlapped)
    {
        var slot = Atomic.Read(ref _slots)[((CompletionBlock*)overlapped)->Index];
        lock (_lock)
            return slot.Operation is null ? null : slot;
    }

    /// <summary>
    /// The call that has begun an attempt has come back, and a packet tells of its end, or has told. Asks for that end if somebody has wished for it meanwhile (C3). The operation need not be
    /// the caller's any more, so it names the attempt.
    /// </summary>
    internal void Begun(CompletionSlot slot, uint generation, nint descriptor)
    {
        lock (_lock)
        {
            if (slot.Generation != generation)
                return;
            slot.State &= ~CompletionState.Beginning;
            if (slot.State != CompletionState.None)
                _ = CompletionCalls.Cancel(descriptor, &slot.Block->Overlapped); // C4
        }
    }

    /// <summary>Begins another attempt at the same operation; false if its end was asked for. Whoever has the operation.</summary>
    internal bool TryBeginAgain(CompletionSlot slot)
    {
        lock (_lock)
        {
            if ((slot.State & CompletionState.CancelAsked) != CompletionState.None)
                return false;
            slot.Generation++; // C2
            slot.State = CompletionState.Beginning;
            slot.Operation!.ReactorTag = slot.Tag;
            return true;
        }
    }

    /// <summary>Asks for the end of a use, if it is in progress.</summary>
    internal void Cancel(IoOperation operation, int use)
    {
        lock (_lock)
        {
            long tag = operation.ReactorTag;
            uint index = (uint)tag;
            if (index >= (uint)_slots.Length)
                return;
            var slot = _slots[index];
            if (slot.Operation != operation || slot.Tag != tag || operation.Use != use || (slot.State & CompletionState.CancelAsked) != CompletionState.None)
                return;
            bool isBeginning = slot.State != CompletionState.None;
            slot.State |= CompletionState.CancelAsked;
            if (!isBeginning)
                _ = CompletionCalls.Cancel(operation.Handle.Value, &slot.Block->Overlapped); // C4; where the end has come already nothing is found
        }
    }

    /// <summary>Frees the slot of an operation that has ended (C1). Whoever has the operation.</summary>
    internal void Remove(CompletionSlot slot)
    {
        lock (_lock)
        {
            slot.Operation = null;
            slot.Generation++;
            slot.NextFree = _firstFree;
            _firstFree = slot.Index;
            _count--;
        }
    }

    private void Grow()
    {
        var blocks = GC.AllocateArray<CompletionBlock>(SlotsOfAChunk, pinned: true);
        _blocks.Add(blocks);
        int first = _slots.Length;
        var slots = _slots;
        Array.Resize(ref slots, first + SlotsOfAChunk);
        for (int index = SlotsOfAChunk - 1; index >= 0; index--)
        {
            var block = (CompletionBlock*)Marshal.UnsafeAddrOfPinnedArrayElement(blocks, index);
            block->Index = first + index;
            slots[first + index] = new CompletionSlot(first + index, block) { NextFree = _firstFree };
            _firstFree = first + index;
        }

        Atomic.Write(ref _slots, slots);
    }
}
