// Notices a dispatcher whose turn does not end, and hands it to a spare thread, so that a blocking turn delays itself only.
//
// It looks at every dispatcher twice in each threshold. A dispatcher that is in user code, and has begun no turn for three
// looks in a row, has been in the same turn for the threshold at least. (Two looks would take every pause for collection for
// one.) If its thread sleeps, the turn is blocked: its lease is revoked (see ThreadContext) and the dispatcher, with all its
// queues and timers, gets another thread. If the thread computes, or waits for a core, another one would only compete with it, and
// idle dispatchers take over what is in the rings. Such a turn is asked to leave nothing where they cannot see it; if after another
// threshold something still waits that nobody but its thread can reach, or that nobody takes, it is handed over too.
// The monitor also wakes a sleeper if a ring has work and nobody searches: no correctness rests on it. It sleeps for good while
// all dispatchers are parked, and is woken by the first that parks no more, whatever woke that one.

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>The watch over blocked turns.</summary>
internal sealed class DispatcherMonitor : IDisposable
{
    private const int StackSizeBytes = 256 * 1024;
    private const int QuietPeriodsBeforeSleep = 20;
    private const int SameLooksForBlocked = 2;
    private const int SameLooksForHiding = 4;

    private readonly DispatcherPool _pool;
    private readonly DispatcherThreads _threads;
    private readonly ThreadParker _parker = new();
    private readonly uint[] _seenSerials;
    private readonly ThreadContext?[] _seenThreads;
    private readonly int[] _sameLooks;
    private readonly uint[] _seenTaken;
    private readonly RuntimeThread _thread;
    private bool _isAsleep;
    private bool _hasWarned;
    private long _handOffs;

    public DispatcherMonitor(DispatcherPool pool, DispatcherThreads threads)
    {
        _pool = pool;
        _threads = threads;
        _seenSerials = new uint[pool.Settings.Dispatchers];
        _seenThreads = new ThreadContext?[pool.Settings.Dispatchers];
        _sameLooks = new int[pool.Settings.Dispatchers];
        _seenTaken = new uint[pool.Settings.Dispatchers];
        _thread = new RuntimeThread(Main, $"{pool.Settings.Name}-monitor", StackSizeBytes);
    }

    /// <summary>How many dispatchers were handed over.</summary>
    public long HandOffs => Atomic.Read(ref _handOffs);

    public void Start() => _thread.Start();

    /// <summary>Wakes the monitor if it sleeps for good. Any thread; one plain read when it does not.</summary>
    public void EnsureAwake()
    {
        if (Atomic.Read(ref _isAsleep))
            _parker.Unpark();
    }

    /// <summary>Ends the watch: when this returns, no dispatcher is on its way from one thread to another. After the pool was told to stop.</summary>
    public void Stop()
    {
        _parker.Unpark();
        _thread.Join();
    }

    public void Dispose() => _parker.Dispose();

    private void Main()
    {
        int quietPeriods = 0;
        while (!_pool.IsStopping)
        {
            bool isQuiet = _pool.Idle.ParkedCount == _pool.Dispatchers.Length;
            quietPeriods = isQuiet ? quietPeriods + 1 : 0;
            if (quietPeriods < QuietPeriodsBeforeSleep)
            {
                // A permit means a stop, or was left over from the last sleep: no period has passed then.
                if (!_parker.Park(_pool.Settings.BlockedTurnNs / SameLooksForBlocked))
                    Look();
                continue;
            }

            Atomic.Write(ref _isAsleep, true);
            Atomic.ProcessWideFence(); // pairs with the plain read in EnsureAwake, which follows a change of Idle
            if (_pool.Idle.ParkedCount == _pool.Dispatchers.Length && !_pool.IsStopping)
                _parker.Park(-1);
            Atomic.Write(ref _isAsleep, false);
            quietPeriods = 0;
        }
    }

    private void Look()
    {
        for (int i = 0; i < _pool.Dispatchers.Length; i++)
        {
            var dispatcher = _pool.Dispatchers[i];
            var thread = dispatcher.Thread;
            uint serial = dispatcher.TurnSerial;
            bool isSame = thread is not null && thread == _seenThreads[i] && serial == _seenSerials[i] && thread.IsInTurn;
            _seenThreads[i] = thread;
            _seenSerials[i] = serial;
            _sameLooks[i] = isSame ? _sameLooks[i] + 1 : 0;
        }

        for (int i = 0; i < _sameLooks.Length; i++)
        {
            if (_sameLooks[i] >= SameLooksForBlocked && NeedsAnotherThread(i))
                HandOver(_pool.Dispatchers[i], _seenThreads[i]!);
        }

        _pool.Idle.NoteWake(isVain: false); // what was in vain for a while may not be any more
        if (_pool.Idle.ShouldWake && _pool.HasVisibleWork())
            _pool.WakeOne();
    }

    private bool NeedsAnotherThread(int index)
    {
        if (_seenThreads[index]!.Probe?.IsRunnable() is not true)
            return true; // it blocks, or nobody knows
        var dispatcher = _pool.Dispatchers[index];
        dispatcher.ShareDuring(_seenSerials[index]);
        uint taken = dispatcher.Lanes.TakenCount;
        bool isRingStuck = taken == _seenTaken[index] && !dispatcher.Lanes.IsEmpty;
        _seenTaken[index] = taken;
        if (_sameLooks[index] < SameLooksForHiding)
            return false;

        // Injected items wait for a dispatcher that is not in such a turn, if there is one.
        bool isInjectStuck = !_pool.Inject.IsEmpty && Array.TrueForAll(_sameLooks, static same => same >= SameLooksForBlocked);
        return isRingStuck || isInjectStuck || dispatcher.HidesWork();
    }

    private void HandOver(Dispatcher dispatcher, ThreadContext thread)
    {
        if (!_threads.HasRoom)
        {
            if (!_hasWarned)
                SchedulingLog.NoSpareThread(_pool.Logger, _pool.Settings.SpareThreadLimit);
            _hasWarned = true;
            return;
        }

        if (!thread.TryRevoke(dispatcher))
            return;
        Atomic.Add(ref _handOffs, 1);
        SchedulingLog.HandedOver(_pool.Logger, dispatcher.Index, _pool.Settings.BlockedTurnNs / 1e6);
        _threads.Assign(dispatcher);
    }
}
