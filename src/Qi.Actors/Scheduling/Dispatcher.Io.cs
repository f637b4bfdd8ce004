// The dispatcher's reactor. It is made when the first descriptor needs it; from then on the dispatcher sleeps in it (Dispatcher.Park.cs), looks into
// it whenever it runs out of work and while it searches, and now and then while it is busy. How often then is tuned: a look that finds as many events as it
// may take halves the interval, down to a sixteenth; one that finds none doubles it again, up to a quarter of the poll interval. A look takes a bounded
// number of events, so that a burst of input does not keep what is runnable waiting either.
//
// _reactor: written once, under the lock of ReactorSet. Any thread reads it. Whoever makes a reactor for a dispatcher that may be asleep elsewhere unparks it
// afterwards: it then sleeps in the reactor.

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

internal sealed partial class Dispatcher
{
    private const int MostEventsIdle = 256;
    private const int MostEventsBusy = 64;
    private const int LeastIoShare = 16;
    private const long EndWaitNs = 10_000_000;
    private const long MostEndNs = 1_000_000_000;

    // What the operating system may still write for, though everybody else has let go of it: for good.
    private static readonly ConcurrentBag<Reactor> s_unended = [];

    private Reactor? _reactor;
    private long _nextLookNs;
    private long _lookEveryNs;

    /// <summary>The reactor, if there is one yet. Any thread.</summary>
    public Reactor? Reactor => Atomic.Read(ref _reactor);

    /// <summary>The reactor; made now if there is none. Any thread.</summary>
    /// <exception cref="PlatformException">The operating system refuses.</exception>
    public Reactor EnsureReactor()
    {
        if (Reactor is { } there)
            return there;
        var made = Pool.Reactors.MakeFor(ref _reactor);
        Parker.Unpark();
        return made;
    }

    // A thread begins to run this dispatcher, which another one may have run before.
    private void AdoptReactor() => _reactor?.Succeed();

    // The pool stops. Handles were closed; what the operating system still has is being cancelled, and whoever waits for it must be told.
    private void EndReactor()
    {
        if (_reactor is not { } reactor)
            return;
        ApplyControl(); // the cancels, and what was to begin
        Finish(reactor);
    }

    // A dispatcher whose last thread did not come back has not ended its reactor. What does not end even now (a disk that does not answer) keeps its memory, through the reactor.
    private void DisposeReactor()
    {
        if (_reactor is not { } reactor)
            return;
        if (reactor.InProgress > 0)
        {
            reactor.Succeed();
            Finish(reactor);
        }

        if (reactor.InProgress == 0)
            reactor.Dispose();
        else
            s_unended.Add(reactor);
    }

    private static void Finish(Reactor reactor)
    {
        for (long untilNs = Clock.NowNs() + MostEndNs; reactor.InProgress > 0 && Clock.NowNs() < untilNs;)
        {
            if (reactor.Wait(EndWaitNs, MostEventsIdle) > 0)
                reactor.Dispatch();
        }
    }

    // Takes what events there are. Not to be called while the dispatcher counts as parked: what they make runnable would wake it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool LookIntoReactor(int mostEvents) => _reactor is { } reactor && LookInto(reactor, mostEvents) > 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int LookInto(Reactor reactor, int mostEvents)
    {
        int events = reactor.Wait(0, mostEvents);
        if (events > 0)
            DispatchEvents(reactor, events);
        return events;
    }

    private void DispatchEvents(Reactor reactor, int events)
    {
        _thread!.Counters.IoEvents += events;
        reactor.Dispatch();
    }

    // While there is other work.
    private void LookIntoReactorInBetween(long nowNs)
    {
        if (_reactor is not { } reactor || nowNs < _nextLookNs)
            return;
        int events = LookInto(reactor, MostEventsBusy);
        long mostNs = Pool.Settings.PollIntervalNs / 4;
        if (events == MostEventsBusy)
            _lookEveryNs = Math.Max(_lookEveryNs / 2, mostNs / LeastIoShare);
        else if (events == 0)
            _lookEveryNs = Math.Clamp(_lookEveryNs * 2, 1, mostNs);
        _nextLookNs = nowNs + _lookEveryNs;
    }
}
