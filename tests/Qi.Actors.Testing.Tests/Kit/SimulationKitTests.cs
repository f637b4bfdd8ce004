using Microsoft.Extensions.Logging;

namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>The kit inside of a simulation's body, where expectations are awaited.</summary>
[Category("Simulation")]
internal sealed class SimulationKitTests
{
    [Test]
    public void Expectations_Awaited_HoldUnderManySeeds()
        => Simulation.Search(Seeds.First(200), async sim =>
        {
            var probe = sim.CreateProbe<Letter>();
            var relay = sim.System.Spawn<Letter>(letter => probe.Ref.Tell(letter));
            sim.System.Schedule(relay, new Ping(1), TimeSpan.FromSeconds(1));
            await probe.ExpectNoneAsync(TimeSpan.FromSeconds(1));
            await probe.ExpectAsync(new Ping(1), TimeSpan.FromMilliseconds(1));
            relay.Tell(new Ping(2));
            probe.Ref.Tell(new Pong(3));
            await probe.ExpectInAnyOrderAsync([new Ping(2), new Pong(3)]);
            relay.Tell(new Ping(4));
            relay.Tell(new Pong(5));
            var (found, skipped) = await probe.FishAsync<Pong>();
            Assert.That((found.Id, skipped.Count), Is.EqualTo((5, 1)));
            relay.Complete();
            Assert.That(await sim.ExpectStoppedAsync(relay), Is.Null);
            relay.Tell(new Ping(6));
            await sim.DeadLetters.ExpectAsync<Ping>(ping => ping.Id == 6, DeadLetterReason.Stopped);
            var logger = sim.Logs.CreateLogger("test");
            await sim.EventFilter.Error("x").ExpectOneAsync(() => logger.LogError("xy"));
            await sim.EventFilter.Error().MuteAsync(async () =>
            {
                await Task.Yield();
                logger.LogError("muted");
            });
            logger.LogWarning("w");
            await sim.Logs.ExpectAsync(LogLevel.Warning);
            sim.Logs.AssertNone();
        }).ThrowIfFailed();

    [Test]
    public void TwoExpectations_AtOnce_EndAtTheSameTime()
    {
        var report = Simulation.Run(1, async sim =>
        {
            var first = sim.CreateProbe<int>();
            var second = sim.CreateProbe<int>();

            await Task.WhenAll(first.ExpectNoneAsync(TimeSpan.FromSeconds(1)), second.ExpectNoneAsync(TimeSpan.FromSeconds(1)), sim.UntilIdleAsync(), sim.UntilIdleAsync());

            Assert.That(sim.Now, Is.EqualTo(TimeSpan.FromSeconds(1)).Within(TimeSpan.FromMilliseconds(0.1)));
        });

        Assert.That(report.Turns, Is.LessThan(100));
    }

    [Test]
    public void Expectation_ThatFails_FailsTheSimulation()
    {
        var failure = Simulation.TryRun(1, async sim => await sim.CreateProbe<int>("listener").ExpectAsync(TimeSpan.FromSeconds(1))).Failure;

        Assert.That(failure, Is.TypeOf<ExpectationException>().With.Message.StartsWith("Probe /user/listener expected an Int32 within 00:00:01, but nothing came. It is 00:00:01"));
    }

    [Test]
    public void Expectation_OfASystemThatNeverRests_EndsSoonAfterItsTime()
        => Simulation.Run(1, async sim =>
        {
            ActorRef<int> second = null!;
            var first = sim.System.Spawn<int>(number => second.Tell(number));
            second = sim.System.Spawn<int>(number => first.Tell(number));
            first.Tell(1);

            await sim.CreateProbe<int>().ExpectNoneAsync(TimeSpan.FromMilliseconds(2));

            Assert.That(sim.Now, Is.LessThan(TimeSpan.FromMilliseconds(4)));
            sim.Kill(first);
        });

    [Test]
    public void ConditionThatThrows_FailsItsExpectation()
    {
        using var test = new TestSystem();
        var probe = test.CreateProbe<int>();
        probe.Ref.Tell(1);

        Assert.That(() => probe.Expect(_ => throw new FormatException("planted")), Throws.TypeOf<FormatException>());
        var stopped = test.System.Spawn<int>(_ => { });
        stopped.Complete();
        test.ExpectStopped(stopped);
        stopped.Tell(1);
        Assert.That(() => test.DeadLetters.Expect<int>(_ => throw new FormatException("planted")), Throws.TypeOf<FormatException>());
    }
}
