// The free reply slots, kept by each thread, so that a steady stream of asks allocates nothing. A slot knows its system, and its timer may be
// armed on one of that system's dispatchers. A dispatcher's thread ends with its system, so it may hold its slots; any other thread
// outlives systems, and holds theirs only as long as something else holds the system.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal sealed partial class AskSlot<TReply>
{
    private const int PoolLimit = 256;

    [ThreadStatic]
    private static AskPool? t_free;

    [ThreadStatic]
    private static ConditionalWeakTable<ActorSystem, AskPool>? t_outside;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static AskSlot<TReply> Rent(ActorSystem system, ThreadContext thread)
    {
        AskPool? pool = null;
        if (IsOwnDispatcher(thread, system))
            pool = t_free;
        else
            t_outside?.TryGetValue(system, out pool);
        return pool?.TryTake(system) ?? new AskSlot<TReply>(system);
    }

    // A thread that ends with the system. A driver's does not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOwnDispatcher(ThreadContext thread, ActorSystem system)
        => thread.Dispatcher is { } dispatcher && dispatcher.Pool == system.Pool && dispatcher.Pool.Driver is null;

    // The outcome was taken: the use ends, so that taking it twice is noticed before the slot is used again.
    private void Recycle()
    {
        if (_isCancellable)
        {
            _registration.Dispose();
            _registration = default;
            _isCancellable = false;
        }

        if (_isCoreUsed)
        {
            _core.Reset();
            _isCoreUsed = false;
        }

        _target = null;
        _root = null;
        _failure = null;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<TReply>())
            _reply = default;
        Atomic.Write(ref _state, _state + OneUse);
        if (ThreadContext.Existing is { } thread && IsOwnDispatcher(thread, _system))
            (t_free ??= new AskPool()).Put(this);
        else
            (t_outside ??= []).GetValue(_system, static _ => new AskPool()).Put(this);
    }

    /// <summary>
    /// A thread's free slots, all of one system: those of another one give way, so that a thread keeps no more than the system it asked
    /// last. A place keeps its slot while that is in use: it comes back to the same place as a rule, and then nothing is written.
    /// </summary>
    private sealed class AskPool
    {
        private AskSlot<TReply>?[] _slots = new AskSlot<TReply>?[4];
        private ActorSystem? _system;
        private int _count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public AskSlot<TReply>? TryTake(ActorSystem system)
        {
            int last = _count - 1;
            var slots = _slots;
            if ((uint)last >= (uint)slots.Length)
                return null;
            var slot = slots[last];
            if (slot!._system != system) // Its timer may be armed by the clock of another system.
                return null;
            _count = last;
            return slot;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Put(AskSlot<TReply> slot)
        {
            int count = _count;
            var slots = _slots;
            if ((uint)count < (uint)slots.Length && slots[count] == slot)
                _count = count + 1;
            else
                PutElsewhere(slot);
        }

        // It was taken by another thread, or made anew.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private void PutElsewhere(AskSlot<TReply> slot)
        {
            if (_system != slot._system)
            {
                Array.Clear(_slots);
                _count = 0;
                _system = slot._system;
            }

            if (_count == _slots.Length)
            {
                if (_count >= PoolLimit)
                    return;
                Array.Resize(ref _slots, _count * 4);
            }

            _slots[_count++] = slot;
        }
    }
}
