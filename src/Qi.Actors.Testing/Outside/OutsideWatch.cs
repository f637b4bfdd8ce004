// A simulation controls what goes through Qi. Its users' code also uses what goes past it: timers of the framework, the thread pool. The watch
// stands around each turn and catches what the turn has begun out there: timers are taken over (TakenTimer), pool work too where that can be
// done (TakenWork), and what is left is refused by name.
//
// The framework says what happens through events, synchronously (FrameworkListener), and the watch acts when the turn ends. A turn that sets no
// timer and gives no work away costs a few reads and writes of thread statics.
//
// What cannot be seen: a new Thread, Thread.Sleep, a loop that spins, real input and output. What comes back from there arrives on a foreign thread
// (ForeignPost names it).
//
// Everything here belongs to the simulation's thread. Other threads of the process go on using real timers and the real pool.

using System.Diagnostics;

namespace Qi.Actors.Testing.Outside;

/// <summary>Watches what the turns of one simulation do to the world outside. Simulation thread only.</summary>
internal sealed class OutsideWatch : IDisposable
{
    [ThreadStatic]
    private static OutsideWatch? t_ofTurn;

    private readonly IOutsideHost _host;
    private readonly TimerTaking? _timers;
    private readonly PoolTaking? _pool;
    private readonly List<StackTrace> _refusedTimers = [];
    private readonly List<StackTrace> _refusedWork = [];
    private bool _hears;
    private bool _isDisposed;

    private OutsideWatch(IOutsideHost host, Takings takings)
    {
        _host = host;
        _timers = takings.RentTimers();
        _pool = takings.NewPool();
        _timers?.Begin(host);
        _pool?.Begin();
        _hears = FrameworkListener.Acquire();
    }

    /// <summary>The watch whose turn runs on this thread.</summary>
    internal static OutsideWatch? OfTurn => t_ofTurn;

    /// <summary>True while the watch itself is at work in the turn; it may wait for the framework's locks.</summary>
    internal bool IsBusy { get; private set; }

    /// <summary>Begins to watch this thread's turns. Costs milliseconds the first time, microseconds when another simulation was there just before.</summary>
    public static OutsideWatch Begin(IOutsideHost host) => Begin(host, Takings.OfThisFramework);

    /// <summary>The same, with less to take over with: as in a framework that lacks it.</summary>
    internal static OutsideWatch Begin(IOutsideHost host, Takings takings) => new(host, takings);

    /// <summary>User code begins on this thread.</summary>
    public void EnterTurn()
    {
        Debug.Assert(t_ofTurn is null, "A turn begins inside a turn.");
        _pool?.BeginTurn();
        t_ofTurn = this;
    }

    /// <summary>User code has ended, however it did: call it in a finally. Tells the host what the turn has begun outside.</summary>
    public void ExitTurn()
    {
        t_ofTurn = null;
        try
        {
            _pool?.EndTurn(_host, _refusedWork);
        }
        finally
        {
            _timers?.EndTurn();
        }

        if (_refusedTimers.Count + _refusedWork.Count > 0 || !_hears)
            TellRefused();
    }

    /// <summary>Ends the watch. Timers of the simulation that are still set are stopped.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        FrameworkListener.Release();
        if (_timers is not null)
            Takings.Return(_timers);
    }

    /// <summary>A timer is being set or changed by this thread.</summary>
    internal void OnTimerSet(int hash)
    {
        IsBusy = true;
        try
        {
            if (_timers is not null)
                _timers.Note(hash);
            else
                _refusedTimers.Add(new StackTrace());
        }
        finally
        {
            IsBusy = false;
        }
    }

    /// <summary>Work is being given to the pool by this thread.</summary>
    internal void OnPoolWork(int hash)
    {
        IsBusy = true;
        try
        {
            if (_pool is not null)
                _pool.Announce(hash);
            else
                _refusedWork.Add(new StackTrace());
        }
        finally
        {
            IsBusy = false;
        }
    }

    private void TellRefused()
    {
        if (!_hears)
        {
            _hears = true; // once is enough
            _host.Refuse(
                "event sources are switched off in this process, so the simulation does not see timers and thread pool work",
                "Remove EventSourceSupport=false from the test project.");
        }

        foreach (var stack in _refusedTimers)
        {
            _host.Refuse(
                $"{CallSite.Of(stack)}, without a TimeProvider",
                "This version of .NET does not let the simulation take the timer over. Pass the actor system's TimeProvider.");
        }

        foreach (var stack in _refusedWork)
            PoolRefusal.Tell(_host, stack);
        _refusedTimers.Clear();
        _refusedWork.Clear();
    }
}
