using Qi.Actors.Scheduling;
using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>What is left of a system when its simulation ends without a stop: nobody waits for it for ever.</summary>
[Category("Simulation")]
internal sealed class EndTests
{
    [Test]
    public void StopAsync_AfterARunThatFailed_HasEndedAndCountsWhoWasLeft()
    {
        ActorSystem? system = null;

        Simulation.TryRun(1, sim =>
        {
            system = sim.System;
            system.Spawn<int>(_ => { });
            throw new FormatException("planted");
        });

        var stop = system!.StopAsync();
        Assert.That(stop.IsCompletedSuccessfully);
        Assert.That(stop.Result.IsComplete, Is.False);
        Assert.That(stop.Result.ActorsLeft, Is.EqualTo(1));
        Assert.That(() => system.Dispose(), Throws.Nothing);
    }

    [Test]
    public void StopAsync_InProgressWhenTheRunFails_Ends()
    {
        Task<StopReport>? stop = null;

        var report = Simulation.TryRun(
            1,
            async sim =>
            {
                sim.System.Spawn<int>(async _ => await new TaskCompletionSource().Task, "endless").Tell(1);
                await sim.UntilIdleAsync();
                stop = sim.System.StopAsync(StopMode.Drain, TimeSpan.FromHours(1));
                await stop;
            },
            new SimulationOptions { TimeLimit = TimeSpan.FromSeconds(1) });

        Assert.That(report.Failure, Is.TypeOf<SimulationObstacleException>().And.Property("Obstacle").EqualTo(SimulationObstacle.TimeLimit));
        Assert.That(stop!.IsCompletedSuccessfully);
        Assert.That(stop.Result.ActorsLeft, Is.EqualTo(1));
    }

    [Test]
    public void Completion_OfAnActorThatARunHasLeft_FailsAndSaysWhy()
    {
        Task? before = null;
        ActorRef<int>? actor = null;

        Simulation.TryRun(1, sim =>
        {
            actor = sim.System.Spawn<int>(_ => { }, "left");
            before = actor.Completion;
            throw new FormatException("planted");
        });

        Assert.That(before!.IsFaulted);
        Assert.That(before.Exception!.InnerException!.Message, Does.Contain("stopped before /user/left did"));
        Assert.That(actor!.Completion.IsFaulted);
    }

    [Test]
    public void JoinHandle_OfACoroutineThatARunHasLeft_Ends()
    {
        JoinHandle coroutine = default;

        Simulation.TryRun(1, async sim =>
        {
            coroutine = sim.System.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.FromDays(9)));
            await sim.UntilIdleAsync();
            throw new FormatException("planted");
        });

        Assert.That(coroutine.IsDone);
        Assert.That(coroutine.AsTask().IsCompleted);
    }

    [Test]
    public void Run_WhoseRestThrowsWhenItIsAbandoned_FailsWithThat()
    {
        var report = Simulation.TryRun(1, sim =>
        {
            new Throwing().Arm(sim.System.Pool, TimeSpan.FromDays(1));
            return Task.CompletedTask;
        });

        Assert.That(report.Failure, Is.TypeOf<FormatException>().With.Message.EqualTo("planted"));
        Assert.That(report.Turns, Is.GreaterThan(0));
    }

    [Test]
    public void StuckTurn_OfAWorldThatIsStillBeingMade_IsNone()
    {
        long seenTurns = -1;

        Assert.That(SimulationRun.IsStuck(null, ref seenTurns), Is.False);
        Assert.That(SimulationRun.IsStuck(null, ref seenTurns), Is.False);
        Assert.That(SimulationRun.IsStuck(0, ref seenTurns), Is.False);
        Assert.That(SimulationRun.IsStuck(5, ref seenTurns), Is.False);
        Assert.That(SimulationRun.IsStuck(5, ref seenTurns));
    }

    [Test]
    public void Spawn_AfterTheEnd_IsRefused()
    {
        ActorSystem? system = null;

        Simulation.TryRun(1, sim =>
        {
            system = sim.System;
            throw new FormatException("planted");
        });

        Assert.That(() => system!.Spawn<int>(_ => { }), Throws.TypeOf<ObjectDisposedException>());
    }

    private sealed class Throwing : TimerEntry
    {
        protected override void Fire(ThreadContext thread) => throw new FormatException("planted");
    }
}
