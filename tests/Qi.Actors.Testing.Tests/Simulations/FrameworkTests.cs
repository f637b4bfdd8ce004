using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>What user code takes from the framework without telling Qi: brought into the simulation, or refused by name.</summary>
[Category("Simulation")]
internal sealed class FrameworkTests
{
    [Test]
    public void Timers_OfTheFramework_GoByVirtualTime()
        => RunTwice(async sim =>
        {
            await Task.Delay(TimeSpan.FromHours(1));
            AssertNow(sim, hours: 1);
            using var periodic = new PeriodicTimer(TimeSpan.FromHours(1));
            await periodic.WaitForNextTickAsync();
            await periodic.WaitForNextTickAsync();
            AssertNow(sim, hours: 3);
            using var cancellation = new CancellationTokenSource(TimeSpan.FromHours(1));
            await Assert.ThatAsync(() => Task.Delay(Timeout.Infinite, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
            AssertNow(sim, hours: 4);
            await Assert.ThatAsync(() => new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromHours(2)), Throws.TypeOf<TimeoutException>());
            AssertNow(sim, hours: 6);
        });

    [Test]
    public void TaskRun_AndWhatFollowsIt_RunsInTheSimulation()
        => RunTwice(async sim =>
        {
            int thread = Environment.CurrentManagedThreadId;
            var actor = sim.System.Spawn<ReplyTo<int>>(async reply => reply.Tell(await Task.Run(() => Environment.CurrentManagedThreadId)));
            Assert.That(await actor.AskAsync<int>(reply => reply), Is.EqualTo(thread));
            await Task.Run(async () => await Task.Delay(1000).ConfigureAwait(false)).ConfigureAwait(false);
            Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread));
        });

    [Test]
    public void Channel_ReadToItsEnd_RunsInTheSimulation()
        => RunTwice(async sim =>
        {
            var channel = Channel.CreateBounded<int>(2);
            var reader = sim.System.Spawn(async () =>
            {
                int sum = 0;
                await foreach (int number in channel.Reader.ReadAllAsync())
                    sum += number;
                return sum;
            });
            for (int i = 1; i <= 10; i++)
                await channel.Writer.WriteAsync(i);
            channel.Writer.Complete();
            Assert.That(await reader, Is.EqualTo(55));
        });

    [Test]
    public void Blocks_LinkedWithActors_RunInTheSimulationToTheirCompletion()
        => RunTwice(async sim =>
        {
            var sums = new List<int>();
            var doubler = sim.System.SpawnTransform<int, int>(number => number * 2);
            var batch = new BatchBlock<int>(5);
            var sum = new TransformBlock<int[], int>(numbers => numbers.Sum());
            var sink = new ActionBlock<int>(sums.Add);
            var whole = new DataflowLinkOptions { PropagateCompletion = true };
            doubler.LinkTo(batch, whole);
            batch.LinkTo(sum, whole);
            sum.LinkTo(sink, whole);
            for (int i = 1; i <= 20; i++)
                await doubler.SendAsync(i);
            doubler.Complete();
            await sink.Completion;
            Assert.That(sums.Sum(), Is.EqualTo(420));
        });

    [Test]
    public void PoolWork_OfEveryKind_RunsInTheSimulation()
        => RunTwice(async sim =>
        {
            var threads = new List<int>();
            var done = new TaskCompletionSource();
            ThreadPool.QueueUserWorkItem(_ =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                done.SetResult();
            });
            await done.Task.ConfigureAwait(false);
            await Task.Yield();
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Factory.StartNew(() => threads.Add(Environment.CurrentManagedThreadId), CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
            Assert.That(threads.Distinct().Count(), Is.EqualTo(1));
        });

    // The same seed must give the same order: nothing of it was left to real time.
    private static void RunTwice(Func<SimulationContext, Task> body)
    {
        ulong signature = Simulation.Run(3, body).Signature;
        Assert.That(Simulation.Run(3, body).Signature, Is.EqualTo(signature));
    }

    private static void AssertNow(SimulationContext sim, double hours)
        => Assert.That(sim.Now, Is.EqualTo(TimeSpan.FromHours(hours)).Within(TimeSpan.FromMilliseconds(10)));
}
