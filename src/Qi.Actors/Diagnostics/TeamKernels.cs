using Qi.Actors.Platform;

namespace Qi.Actors.Diagnostics;

/// <summary>Short runs on a system with several dispatchers: what travels between cores.</summary>
internal sealed class TeamKernels
{
    private const int Sinks = 64;
    private const int RemoteMessages = 8192;
    private const int MessagesToYield = 512;
    private const int SpinSteps = 300_000;
    private const int SpinLimit = 200_000;

    private readonly ActorSystem _system;
    private readonly ActorSystem _solo;
    private readonly TimeProvider _clock;
    private readonly SinkActor[] _sinks = new SinkActor[Sinks];
    private readonly ActorRef<long>[] _refs = new ActorRef<long>[Sinks];
    private ulong _spun = 1;

    public TeamKernels(ActorSystem system, ActorSystem solo, TimeProvider clock)
    {
        _system = system;
        _solo = solo;
        _clock = clock;
        for (int i = 0; i < Sinks; i++)
        {
            var sink = _sinks[i] = new SinkActor();
            _refs[i] = system.Spawn(() => sink);
        }
    }

    /// <summary>Turns of one message that another dispatcher has stolen.</summary>
    public void Stolen(double[] result) => result[0] = _system.BlockOn(StolenAsync);

    /// <summary>Messages from one dispatcher to an actor that runs on another.</summary>
    public void Remote(double[] result) => result[0] = _system.BlockOn(RemoteAsync);

    /// <summary>The same work on all dispatchers at once, against one alone.</summary>
    public void Crowding(double[] result)
    {
        double alone = _solo.BlockOn(() => SpinAsync(1));
        int all = _system.Statistics.WorkerThreads;
        result[0] = _system.BlockOn(() => SpinAllAsync(all)) / alone;
    }

    private double SinceNs(long start) => _clock.GetElapsedTime(start).TotalNanoseconds;

    private long Handled()
    {
        long sum = 0;
        foreach (var sink in _sinks)
            sum += sink.Count;
        return sum;
    }

    // While this turn goes on, only others can run what it has told. Its LIFO slot keeps the last actor: that one is not waited for.
    // The time begins when the first is handled, for waking up is measured elsewhere.
    private async Coroutine<double> StolenAsync()
    {
        await Coroutine.YieldAsync();
        long before = Handled();
        foreach (var actor in _refs)
            actor.Tell(0);
        int spins = 0;
        while (Handled() == before && ++spins < SpinLimit)
            Atomic.Pause();
        long start = _clock.GetTimestamp();
        long first = Handled();
        while (Handled() < before + Sinks - 1 && ++spins < SpinLimit)
            Atomic.Pause();
        double elapsedNs = SinceNs(start);
        while (Handled() < before + Sinks)
            await Coroutine.YieldAsync();
        return elapsedNs / Math.Max(1, before + Sinks - 1 - first);
    }

    // The actor waits in this dispatcher's LIFO slot until the first yield; then one of the two is stolen, and from then on they
    // run side by side. Where they meet again on one dispatcher, the next yield parts them, as it does in any flood.
    private async Coroutine<double> RemoteAsync()
    {
        var sink = _sinks[0];
        long target = sink.Count + RemoteMessages;
        long start = _clock.GetTimestamp();
        for (int i = 1; i <= RemoteMessages; i++)
        {
            _refs[0].Tell(i);
            if (i % MessagesToYield == 0)
                await Coroutine.YieldAsync();
        }

        while (sink.Count < target)
            await Coroutine.YieldAsync();
        return SinceNs(start) / RemoteMessages;
    }

    private async Coroutine<double> SpinAllAsync(int count)
    {
        var handles = new JoinHandle<double>[count];
        for (int i = 0; i < count; i++)
            handles[i] = _system.Spawn(SpinAsync((ulong)i));
        double sum = 0;
        foreach (var handle in handles)
            sum += await handle;
        return sum / count;
    }

    private async Coroutine<double> SpinAsync(ulong seed)
    {
        await Coroutine.YieldAsync();
        long start = _clock.GetTimestamp();
        ulong state = seed;
        for (int i = 0; i < SpinSteps; i++)
            state = (state * 6364136223846793005UL) + 1442695040888963407UL;
        double elapsedNs = SinceNs(start);
        _spun ^= state; // The loop has a result, so it is not removed. Which of several wins does not matter.
        return elapsedNs;
    }
}
