namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>What a simulation says when it cannot go on, and what it makes of bad options.</summary>
[Category("Simulation")]
internal sealed class ObstacleTests
{
    [Test]
    public void Run_SystemThatNeverRests_EndsAtTheTurnLimit()
    {
        var failure = Obstacle(
            async sim =>
            {
                var busy = sim.System.Spawn(() => new Restless(), "restless");
                busy.Tell(1);
                await busy.Completion;
            },
            new SimulationOptions { TurnLimit = 1000 });

        Assert.That(failure.Obstacle, Is.EqualTo(SimulationObstacle.TurnLimit));
        Assert.That(failure.Message, Does.Contain("1,000 turns").And.Contain("/user/restless"));
    }

    [Test]
    public void Run_BodyThatWaitsTooLong_EndsAtTheTimeLimit()
    {
        var failure = Obstacle(sim => sim.DelayAsync(TimeSpan.FromHours(2)), new SimulationOptions { TimeLimit = TimeSpan.FromHours(1) });

        Assert.That(failure.Obstacle, Is.EqualTo(SimulationObstacle.TimeLimit));
    }

    [Test]
    public void Run_TurnThatNeverEnds_IsLeftBehind()
    {
        using var end = new ManualResetEventSlim();
        var failure = Obstacle(
            async sim =>
            {
                var spinning = sim.System.Spawn<int>(_ => SpinWait.SpinUntil(() => end.IsSet), "spinning");
                spinning.Tell(1);
                await spinning.Completion;
            },
            new SimulationOptions { StuckTurnLimit = TimeSpan.FromMilliseconds(200) });
        end.Set();

        Assert.That(failure.Obstacle, Is.EqualTo(SimulationObstacle.BlockedTurn));
        Assert.That(failure.Message, Does.Contain("/user/spinning"));
    }

    [Test]
    public void Run_MessageFromAThread_IsRefusedAndNamesTheThread()
    {
        using var told = new ManualResetEventSlim();
        var failure = Obstacle(
            async sim =>
            {
                var actor = sim.System.Spawn<int>(_ => { }, "target");
                var thread = new Thread(() =>
                {
                    actor.Tell(1);
                    told.Set();
                })
                {
                    Name = "intruder",
                };
                thread.Start();
                SpinWait.SpinUntil(() => told.IsSet);
                await sim.DelayAsync(TimeSpan.FromSeconds(1));
            });

        Assert.That(failure.Obstacle, Is.EqualTo(SimulationObstacle.Outside));
        Assert.That(failure.Message, Does.Contain("intruder").And.Contain("/user/target"));
    }

    [Test]
    public void Options_OutOfRange_AreNamed()
    {
        Assert.That(() => new SimulationOptions { TurnLimit = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new SimulationOptions { TurnCost = TimeSpan.FromSeconds(-1) }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("TurnCost"));
        Assert.That(
            () => Simulation.Run(1, _ => Task.CompletedTask, new SimulationOptions { System = new QiActorsOptions { QueueCapacity = 1 } }),
            Throws.ArgumentException.With.Message.Contains("QueueCapacity"));
        Assert.That(() => Seeds.First(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Run_InsideARun_IsRefused()
    {
        var failure = Simulation.TryRun(1, sim =>
        {
            Simulation.Run(2, _ => Task.CompletedTask);
            return Task.CompletedTask;
        }).Failure;

        Assert.That(failure, Is.TypeOf<InvalidOperationException>().With.Message.Contains("inside another one"));
    }

    private static SimulationObstacleException Obstacle(Func<SimulationContext, Task> body, SimulationOptions? options = null)
    {
        var failure = Simulation.TryRun(1, body, options).Failure;
        Assert.That(failure, Is.TypeOf<SimulationObstacleException>());
        return (SimulationObstacleException)failure!;
    }

    private sealed class Restless : Actor<int>
    {
        protected override void Receive(int message) => Self.Tell(message);
    }
}
