using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>What user code may do under a simulation, and that a seed decides its order.</summary>
[Category("Simulation")]
internal sealed class SimulationTests
{
    [Test]
    public void Run_SameSeed_GivesTheSameOrderAndSignature()
    {
        var first = new List<int>();
        var second = new List<int>();

        ulong signature = Simulation.Run(7, sim => RaceAsync(sim, first)).Signature;

        Assert.That(Simulation.Run(7, sim => RaceAsync(sim, second)).Signature, Is.EqualTo(signature));
        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void Search_ThousandSeeds_GivesMoreThanNineHundredOrders()
    {
        var report = Simulation.Search(Seeds.First(1000), sim => RaceAsync(sim, []));

        Assert.That(report.FailingSeed, Is.Null);
        Assert.That(report.Orders, Is.GreaterThan(900));
    }

    [Test]
    public void Run_DelaysOfEveryKind_TakeVirtualTimeOnly()
    {
        var report = Simulation.Run(1, async sim =>
        {
            await Task.Delay(TimeSpan.FromHours(1), sim.Time);
            Assert.That(sim.Now, Is.EqualTo(TimeSpan.FromHours(1)).Within(TimeSpan.FromMilliseconds(1)));
            await sim.System.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.FromHours(2)));
            Assert.That(sim.Now, Is.EqualTo(TimeSpan.FromHours(3)).Within(TimeSpan.FromMilliseconds(1)));
            using var timer = new PeriodicTimer(TimeSpan.FromHours(1), sim.Time);
            for (int i = 0; i < 3; i++)
                await timer.WaitForNextTickAsync();
            Assert.That(sim.Now, Is.EqualTo(TimeSpan.FromHours(6)).Within(TimeSpan.FromMilliseconds(1)));
        });

        Assert.That(report.VirtualTime, Is.GreaterThan(TimeSpan.FromHours(6)));
        Assert.That(report.Stop!.IsComplete);
    }

    [Test]
    public void Run_AskWithoutAnswer_TimesOutInVirtualTime()
        => Simulation.Run(1, async sim =>
        {
            var silent = sim.System.Spawn<ReplyTo<int>>(_ => { });
            try
            {
                await silent.AskAsync<int>(reply => reply, TimeSpan.FromMinutes(10));
                Assert.Fail("Nobody has answered.");
            }
            catch (AskTimeoutException)
            {
                Assert.That(sim.Now, Is.GreaterThanOrEqualTo(TimeSpan.FromMinutes(10)).And.LessThan(TimeSpan.FromMinutes(11)));
            }
        });

    [Test]
    public void Run_AsksActorsCoroutinesChannelsAndBlocks_WorkAsInARealSystem()
        => Simulation.Run(3, async sim =>
        {
            var doubler = sim.System.Spawn<(int Number, ReplyTo<int> Reply)>(async question =>
            {
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(5));
                question.Reply.Tell(question.Number * 2);
            });
            var channel = Channel.CreateUnbounded<int>();
            var reader = sim.System.Spawn(async () =>
            {
                int sum = 0;
                while (await channel.Reader.WaitToReadAsync())
                    sum += await channel.Reader.ReadAsync();
                return sum;
            });
            var output = sim.System.SpawnTransform<int, int>(number => number + 1);
            var block = new ActionBlock<int>(number => channel.Writer.TryWrite(number), new ExecutionDataflowBlockOptions { TaskScheduler = sim.System.TaskScheduler });
            output.LinkTo(block, new DataflowLinkOptions { PropagateCompletion = true });
            for (int i = 0; i < 10; i++)
                output.Tell(await doubler.AskAsync<int>(reply => (i, reply)));
            await sim.UntilIdleAsync();
            channel.Writer.Complete();
            Assert.That(await reader, Is.EqualTo(100));
        });

    [Test]
    public void Run_BodyThatWaitsForNothing_IsADeadlockThatNamesWhoWaits()
    {
        var failure = Simulation.TryRun(1, async sim =>
        {
            sim.System.Spawn<int>(async _ => await new TaskCompletionSource().Task, "patient").Tell(1);
            await new TaskCompletionSource().Task;
        }).Failure;

        Assert.That(failure, Is.TypeOf<SimulationObstacleException>().And.Property("Obstacle").EqualTo(SimulationObstacle.Deadlock));
        Assert.That(failure!.Message, Does.Contain("/user/patient in an asynchronous handler"));
    }

    [Test]
    public void Run_BlockingWait_IsRefusedAndNamesTheTurn()
    {
        var failure = Simulation.TryRun(1, async sim =>
        {
            var silent = sim.System.Spawn<ReplyTo<int>>(_ => { });
            var blocking = sim.System.Spawn<int>(_ => silent.AskAsync<int>(reply => reply).AsTask().Wait(), "blocking");
            blocking.Tell(1);
            await blocking.Completion;
        }).Failure;

        Assert.That(failure!.Message, Does.Contain("In a turn of /user/blocking: Task.Wait, called by"));
    }

    [Test]
    public void Run_FailingBody_SaysHowToRepeatIt()
    {
        var failed = Assert.Throws<SimulationFailedException>(() => Simulation.Run(5, _ => throw new InvalidOperationException("planted")));

        Assert.That(failed!.Message, Does.Contain("Simulation.Run(5, body").And.Contain("planted").And.Contain("QI_SIMULATION_SEED=5"));
        Assert.That(failed.InnerException, Is.TypeOf<InvalidOperationException>());
    }

    // Three actors and two coroutines that get in each other's way.
    private static async Task RaceAsync(SimulationContext sim, List<int> order)
    {
        var log = sim.System.Spawn<int>(order.Add);
        var actors = Enumerable.Range(0, 3).Select(index => sim.System.Spawn<int>(number => log.Tell((index * 100) + number))).ToArray();
        var coroutines = Enumerable.Range(0, 2).Select(index => sim.System.Spawn(async () =>
        {
            for (int i = 0; i < 5; i++)
            {
                actors[i % 3].Tell((10 * index) + i);
                await Coroutine.YieldAsync();
            }
        })).ToArray();
        foreach (var coroutine in coroutines)
            await coroutine;
        await sim.UntilIdleAsync();
        Assert.That(order, Has.Count.EqualTo(10));
    }
}
