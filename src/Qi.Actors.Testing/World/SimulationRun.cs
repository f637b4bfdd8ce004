// One run of a body, on a thread of its own: so that every run starts with the same empty caches, and a turn that never ends can be left behind.

using System.Runtime.ExceptionServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Testing.World;

/// <summary>Runs a body in a world of its own.</summary>
internal sealed class SimulationRun(ulong seed, Func<SimulationContext, Task> body, SimulationOptions options) : IDisposable
{
    private const int StackSizeBytes = 16 << 20;

    private readonly ManualResetEventSlim _done = new();
    private SimulatedWorld? _world;
    private SimulationReport? _report;
    private ExceptionDispatchInfo? _misuse;

    /// <summary>Runs it to its end. Blocks.</summary>
    /// <param name="mayFlow">The execution context of the caller, such as what a test framework keeps there, flows into the body. Else what the body fails with is none of its business.</param>
    public SimulationReport Execute(bool mayFlow)
    {
        long startNs = Clock.NowNs();
        var thread = new Thread(() => Main(startNs), StackSizeBytes) { IsBackground = true, Name = $"qi-simulation-{seed}" };
        if (mayFlow)
            thread.Start();
        else
            thread.UnsafeStart();
        long seenTurns = -1;
        while (!_done.Wait(options.StuckTurnLimit))
        {
            var world = Atomic.Read(ref _world);
            if (IsStuck(world?.Dispatcher.Turns, ref seenTurns))
                return ReportStuckTurn(world!, startNs);
        }

        thread.Join();
        _misuse?.Throw();
        return _report!;
    }

    /// <summary>True if no turn has begun since the last look.</summary>
    /// <param name="turns">How many have; null as long as the world is being made, however long that takes.</param>
    /// <param name="seenTurns">What the last look saw.</param>
    internal static bool IsStuck(long? turns, ref long seenTurns)
    {
        if (turns == seenTurns)
            return true;
        seenTurns = turns ?? seenTurns;
        return false;
    }

    public void Dispose()
    {
        if (_done.IsSet)
            _done.Dispose(); // else a thread that was left behind may still set it
    }

    private void Main(long startNs)
    {
        try
        {
            if (MakeWorld() is not { } world)
                return;
            Atomic.Write(ref _world, world);
            var (failure, stop) = RunBody(world);
            var report = Report(world, startNs, failure, stop);
            _report = End(world) is { } late ? report with { Failure = report.Failure ?? late } : report;
        }
        finally
        {
            _done.Set();
        }
    }

    private SimulatedWorld? MakeWorld()
    {
        try
        {
            return new SimulatedWorld(seed, options);
        }
        catch (Exception e)
        {
            _misuse = ExceptionDispatchInfo.Capture(e); // of the options, not of the body
            return null;
        }
    }

    // What is left in the world may throw when it is abandoned: that is the body's failure too.
    private static Exception? End(SimulatedWorld world)
    {
        try
        {
            world.Dispose();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private (Exception? Failure, StopReport? Stop) RunBody(SimulatedWorld world)
    {
        try
        {
            var context = new SimulationContext(world);
            var ended = world.Post(async () =>
            {
                await SimulatedWorld.TaskOf(() => body(context));
                return true;
            });
            world.RunUntilEnded(ended);
            if (ended.Exception is { } failure)
                return (failure.InnerException, null);
            var stopped = world.Post(() => world.System.StopAsync(StopMode.Drain, options.StopTimeout));
            world.RunUntilEnded(stopped);
            return (stopped.Exception?.InnerException, stopped.IsCompletedSuccessfully ? stopped.Result : null);
        }
        catch (Exception e)
        {
            return (e, null); // what has hindered it: mostly an obstacle
        }
    }

    private SimulationReport ReportStuckTurn(SimulatedWorld world, long startNs)
    {
        var failure = new SimulationObstacleException(
            SimulationObstacle.BlockedTurn,
            $"A turn of {world.CurrentTurn} has not ended for {options.StuckTurnLimit}. It computes for ever, or it blocks (Thread.Sleep, a lock): its thread is left behind. Raise SimulationOptions.StuckTurnLimit if it needs longer.");
        world.Fail(failure);
        return Report(world, startNs, failure, null);
    }

    private SimulationReport Report(SimulatedWorld world, long startNs, Exception? failure, StopReport? stop) => new()
    {
        Seed = seed,
        Signature = world.Dispatcher.Signature,
        Turns = world.Dispatcher.Turns,
        VirtualTime = TimeSpan.FromTicks(world.Time.NowTicks),
        RealTime = Clock.NsToTimeSpan(Clock.NowNs() - startNs),
        Faults = [.. world.Injector.Struck],
        MissedFaults = [.. world.Injector.Missed],
        Logs = world.Logs.Entries,
        Failure = failure,
        Stop = stop,
    };
}
