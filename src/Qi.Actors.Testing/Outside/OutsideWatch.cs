// A simulation controls what goes through Qi. Its users' code also uses what goes past it: timers of the framework, the thread pool. The watch
// stands around each turn and catches what the turn has begun out there: timers are taken over (TakenTimer), pool work too where that can be
// done (TakenWork), and what is left is refused by name.
//
// The framework says what happens through events, synchronously (FrameworkListener), and the watch acts when the turn ends. A turn that sets no
// timer and gives no work away costs a few reads and writes of thread statics.
//
// Everything here belongs to the simulation's thread. Other threads of the process go on using real timers and the real pool.

using System.Diagnostics;

namespace Qi.Actors.Testing.Outside;

/// <summary>Watches what the turns of one simulation do to the world outside. Simulation thread only.</summary>
internal sealed class OutsideWatch : IDisposable
{
    private static readonly TimerInternals? s_timers = Load(static () => new TimerInternals());
    private static readonly Lock s_poolLock = new();
    private static readonly Stack<TimerTaking> s_spare = [];

    [ThreadStatic]
    private static OutsideWatch? t_ofTurn;

    private readonly IOutsideHost _host;
    private readonly TimerTaking? _timers;
    private readonly bool _hears;
    private bool _isDisposed;

    private OutsideWatch(IOutsideHost host, TimerTaking? timers)
    {
        _host = host;
        _timers = timers;
        _hears = FrameworkListener.Acquire();
    }

    /// <summary>The watch whose turn runs on this thread.</summary>
    internal static OutsideWatch? OfTurn => t_ofTurn;

    public static OutsideWatch Begin(IOutsideHost host) => new(host, RentTaking(host));

    public void EnterTurn()
    {
        Debug.Assert(t_ofTurn is null, "A turn begins inside a turn.");
        t_ofTurn = this;
    }

    public void ExitTurn()
    {
        t_ofTurn = null;
        _timers?.EndTurn();
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        FrameworkListener.Release();
        if (_timers is not null)
            ReturnTaking(_timers);
    }

    internal void OnTimerSet(int hash)
    {
        _timers?.Note(hash);
    }

    private static TimerTaking? RentTaking(IOutsideHost host)
    {
        if (s_timers is null)
            return null;

        TimerTaking? taking;
        lock (s_poolLock)
            s_spare.TryPop(out taking);
        taking ??= new TimerTaking(s_timers);
        taking.Begin(host);
        return taking;
    }

    private static void ReturnTaking(TimerTaking taking)
    {
        taking.End();
        lock (s_poolLock)
            s_spare.Push(taking);
    }

    private static T? Load<T>(Func<T> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (MissingMemberException)
        {
            return null; // another framework: what cannot be taken over is refused
        }
    }
}
