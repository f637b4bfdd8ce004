namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>What a simulation's context refuses: times that there are none of, and other threads.</summary>
[Category("Simulation")]
internal sealed class ContextTests
{
    [Test]
    public void Timer_OfTheClock_WithATimeBelowZeroOrTooLong_IsRefused()
    {
        using var test = new TestSystem();
        using var timer = test.Time.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        Assert.That(
            () => test.Time.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(-5), Timeout.InfiniteTimeSpan),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("-00:00:05").And.Message.Contains("dueTime"));
        Assert.That(() => timer.Change(TimeSpan.Zero, TimeSpan.FromSeconds(-1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("period"));
        Assert.That(
            () => timer.Change(TimeSpan.MaxValue, Timeout.InfiniteTimeSpan),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Timeout.InfiniteTimeSpan for never"));
    }

    [Test]
    public void JumpClockAndDelayNext_BeyondTheLastDate_AreRefused()
    {
        using var test = new TestSystem();
        var actor = test.System.Spawn<int>(_ => { });
        test.Advance(TimeSpan.FromDays(1));

        Assert.That(() => test.Context.JumpClock(TimeSpan.MaxValue), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("the clock ends at 9999-12-31"));
        Assert.That(() => test.Context.DelayNext(actor, TimeSpan.MaxValue), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("the clock ends at"));
        test.Context.JumpClock(TimeSpan.FromDays(1));
        Assert.That(test.Now, Is.EqualTo(TimeSpan.FromDays(2)));
    }

    [Test]
    public void Run_ThatReachesTheLastDate_EndsAtTheTimeLimit()
    {
        var options = new SimulationOptions { StartTime = DateTimeOffset.MaxValue - TimeSpan.FromHours(1) };

        var failure = Simulation.TryRun(1, sim => sim.DelayAsync(TimeSpan.FromHours(2)), options).Failure;

        Assert.That(failure, Is.TypeOf<SimulationObstacleException>().And.Property("Obstacle").EqualTo(SimulationObstacle.TimeLimit));
    }

    [Test]
    public void Calls_OnAnotherThread_NameBothThreads()
    {
        using var test = new TestSystem();
        var actor = test.System.Spawn<int>(_ => { });
        Action[] calls =
        [
            () => test.Context.JumpClock(TimeSpan.FromHours(1)),
            () => test.Context.Kill(actor),
            () => test.Context.DelayNext(actor, TimeSpan.FromHours(1)),
            () => test.Context.ThrowAtNext(actor),
            () => _ = test.Context.UntilIdleAsync(),
            () => _ = test.Context.DelayAsync(TimeSpan.FromHours(1)),
        ];
        var messages = new List<string>();
        var thread = new Thread(() =>
        {
            foreach (var call in calls)
            {
                try
                {
                    call();
                }
                catch (InvalidOperationException e)
                {
                    messages.Add(e.Message);
                }
            }
        })
        {
            Name = "intruder",
        };
        thread.Start();
        thread.Join();

        Assert.That(messages, Has.Count.EqualTo(calls.Length).And.All.Contains("intruder"));
        Assert.That(test.Now, Is.EqualTo(TimeSpan.Zero));
    }
}
