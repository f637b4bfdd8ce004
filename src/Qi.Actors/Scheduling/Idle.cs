// Who searches and who is parked, and so whether a push must wake somebody.
//
// State packs two counts into one word: dispatchers that search (low half) and dispatchers that are parked or about to be
// (high half). It is changed under the lock when the list of parked dispatchers changes, and by one atomic operation when
// only the searching count does. It is read by every push, without a lock and without a fence.
//
// I1: parked (high half) = length of the list _parked; both change under _lock.
// I2: a dispatcher is in _parked only between its Publish and the Retract or TakeToWake that removes it.
// I3: whoever removes another dispatcher by TakeToWake has counted it as searching: the woken one inherits that count.
// I4: searching <= half of the dispatchers, rounded up, plus those woken by TakeToWake.
// The whole sleep protocol, with its proof sketch, stands in docs/protocols/sleep.md.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>The searching and parked dispatchers of a pool.</summary>
internal sealed class Idle(int dispatchers)
{
    private const int OneSearching = 1;
    private const int OneParked = 1 << 16;
    private const int SearchingMask = OneParked - 1;
    private const int VainWakesToDoubt = 2;

    private readonly Lock _lock = new();
    private readonly Dispatcher[] _parked = new Dispatcher[dispatchers];
    private readonly int _searchLimit = Math.Max(1, (dispatchers + 1) / 2);
    private PaddedInt _state;
    private PaddedInt _vainWakes;

    /// <summary>True if somebody is parked and nobody searches: a push must then wake one. Any thread; one plain read.</summary>
    public bool ShouldWake
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int state = Atomic.Read(ref _state.Value);
            return state >= OneParked && (state & SearchingMask) == 0;
        }
    }

    /// <summary>True if anybody searches or is parked. Any thread; one plain read.</summary>
    public bool IsAnyoneIdle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Atomic.Read(ref _state.Value) != 0;
    }

    /// <summary>True if those who were woken last found nothing: to wake one for a single item is likely to be in vain again. Any thread.</summary>
    public bool AreWakesVain
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Atomic.Read(ref _vainWakes.Value) >= VainWakesToDoubt;
    }

    /// <summary>How many dispatchers are parked or about to be.</summary>
    public int ParkedCount => Atomic.Read(ref _state.Value) >> 16;

    /// <summary>How many dispatchers are searching.</summary>
    public int SearchingCount => Atomic.Read(ref _state.Value) & SearchingMask;

    /// <summary>Begins a search unless half of the dispatchers search already.</summary>
    public bool TryBeginSearch()
    {
        int seen = Atomic.Read(ref _state.Value);
        while ((seen & SearchingMask) < _searchLimit)
        {
            int before = Atomic.CompareExchange(ref _state.Value, seen + OneSearching, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>A dispatcher that was woken has found something, or nothing. No count is kept exactly: it is a hint.</summary>
    public void NoteWake(bool isVain)
    {
        int seen = Atomic.Read(ref _vainWakes.Value);
        int next = isVain ? Math.Min(seen + 1, VainWakesToDoubt) : 0;
        if (next != seen)
            Atomic.Write(ref _vainWakes.Value, next);
    }

    /// <summary>Ends a search; true if it was the last one.</summary>
    public bool EndSearch() => (Atomic.Add(ref _state.Value, -OneSearching) & SearchingMask) == 0;

    /// <summary>Announces that a dispatcher is about to park. True if nobody searches, so that it must look at everything once more.</summary>
    public bool Publish(Dispatcher dispatcher)
    {
        lock (_lock)
        {
            int count = Atomic.Read(ref _state.Value) >> 16;
            _parked[count] = dispatcher;
            return (Atomic.Add(ref _state.Value, OneParked) & SearchingMask) == 0;
        }
    }

    /// <summary>Takes the announcement back. False if a waker was faster: the dispatcher is counted as searching then.</summary>
    public bool Retract(Dispatcher dispatcher)
    {
        lock (_lock)
        {
            int count = Atomic.Read(ref _state.Value) >> 16;
            int index = Array.IndexOf(_parked, dispatcher, 0, count);
            if (index < 0)
                return false;
            _parked[index] = _parked[count - 1];
            _parked[count - 1] = null!;
            Atomic.Add(ref _state.Value, -OneParked);
            return true;
        }
    }

    /// <summary>Takes a parked dispatcher to be woken, if nobody searches. The caller must unpark it.</summary>
    public Dispatcher? TakeToWake()
    {
        lock (_lock)
        {
            int state = Atomic.Read(ref _state.Value);
            int count = state >> 16;
            if (count == 0 || (state & SearchingMask) != 0)
                return null;
            var dispatcher = _parked[count - 1];
            _parked[count - 1] = null!;
            Atomic.Add(ref _state.Value, OneSearching - OneParked);
            return dispatcher;
        }
    }
}
