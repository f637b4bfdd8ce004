using System.Runtime.CompilerServices;
using System.Threading.Tasks.Dataflow;

using Qi.Actors.Platform;
using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.Tests.Outside;

/// <summary>Work that turns give to the thread pool: run on the simulation's thread, or refused by name.</summary>
public sealed class PoolTakingTests
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private FakeHost _host = null!;

    [SetUp]
    public void Begin() => _host = new FakeHost();

    [TearDown]
    public void End() => _host.Dispose();

    [Test]
    public void Run_InATurn_RunsInATurnOfItsOwn()
    {
        var ranOn = new List<int>();
        Task<int>? task = null;
        _host.Turn(() =>
        {
            task = Task.Run(() =>
            {
                ranOn.Add(Environment.CurrentManagedThreadId);
                return 7;
            });
            Assert.That(task.IsCompleted, Is.False);
        });
        Assert.That(ranOn, Is.EqualTo([Environment.CurrentManagedThreadId]));
        Assert.That(task!.IsCompletedSuccessfully, Is.True);
        Assert.That(_host.Queued, Is.EqualTo([$"{nameof(PoolTakingTests)}.{nameof(Run_InATurn_RunsInATurnOfItsOwn)} (lambda)"]));
        Assert.That(_host.Refused, Is.Empty);
    }

    [Test]
    public void Runs_InOneTurn_AreQueuedInOrder()
    {
        var order = new List<int>();
        _host.Turn(() =>
        {
            for (int index = 0; index < 200; index++)
            {
                int number = index;
                _ = Task.Run(() => order.Add(number));
            }
        });
        Assert.That(order, Is.EqualTo(Enumerable.Range(0, 200)));
    }

    [Test]
    public void Run_OfAsyncCodeThatDelays_StaysInTheSimulation()
    {
        var steps = new List<string>();
        async Task Work()
        {
            steps.Add(FormattableString.Invariant($"{_host.NowMs} {Environment.CurrentManagedThreadId == _thread}"));
            await Task.Delay(60_000).ConfigureAwait(false);
            steps.Add(FormattableString.Invariant($"{_host.NowMs} {Environment.CurrentManagedThreadId == _thread}"));
        }

        _host.Turn(() => _ = Task.Run(Work));
        _host.Advance(60_000);
        Assert.That(steps, Has.Count.EqualTo(2));
        Assert.That(steps[1], Is.EqualTo(steps[0].Replace("0 ", "60000 ", StringComparison.Ordinal)));
    }

    [Test]
    public void Await_WithoutContext_ContinuesInATurnOfItsOwn()
    {
        var source = new TaskCompletionSource();
        int ranOn = 0;
        async Task Wait()
        {
            await source.Task.ConfigureAwait(false);
            ranOn = Environment.CurrentManagedThreadId;
        }

        _host.Turn(() => _ = Wait());
        _host.Turn(source.SetResult);
        Assert.That(ranOn, Is.EqualTo(Environment.CurrentManagedThreadId));
        Assert.That(_host.Queued, Is.EqualTo([$"{nameof(PoolTakingTests)}.{nameof(Await_WithoutContext_ContinuesInATurnOfItsOwn)}.{nameof(Wait)}"]));
        Assert.That(_host.Refused, Is.Empty);
    }

    [Test]
    public void Run_WaitedFor_RunsInTheWait()
    {
        int result = 0;
        _host.Turn(() => result = Task.Run(static () => 7).Result);
        Assert.That(result, Is.EqualTo(7));
        Assert.That(_host.Refused, Is.Empty);
        Assert.That(_host.Queued, Is.Empty);
    }

    [Test]
    public void Run_ThatSetsItsContext_LeavesNoneBehind()
    {
        var local = new AsyncLocal<string>();
        string? seen = null;
        _host.Turn(() =>
        {
            local.Value = "first";
            ThreadPool.UnsafeQueueUserWorkItem(_ => local.Value = "second", 0, preferLocal: true);
            ThreadPool.QueueUserWorkItem(_ => seen = local.Value, 0, preferLocal: true);
            local.Value = null!;
        });
        Assert.That(seen, Is.EqualTo("first"));
        Assert.That(local.Value, Is.Null);
    }

    [Test]
    public void QueueUserWorkItem_AmongOtherWork_IsTakenWithIt()
    {
        var threads = new List<int>();
        _host.Turn(() =>
        {
            for (int index = 0; index < 100; index++)
            {
                _ = Task.Run(() => threads.Add(Environment.CurrentManagedThreadId));
                ThreadPool.QueueUserWorkItem(_ => threads.Add(Environment.CurrentManagedThreadId));
            }
        });
        Assert.That(_host.Refused, Is.Empty);
        Assert.That(threads, Has.Count.EqualTo(200).And.All.EqualTo(_thread));
    }

    [Test]
    public async Task QueueUserWorkItem_OfOtherThreadsMeanwhile_RunsOnThePool()
    {
        const int Items = 20_000;
        int own = 0;
        int others = 0;
        bool isApart = true;
        using var pool = new CountdownEvent(2 * Items);
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int index = 0; index < Items; index++)
            {
                ThreadPool.QueueUserWorkItem(_ =>
                {
                    isApart &= Environment.CurrentManagedThreadId != _thread;
                    Atomic.Add(ref others, 1);
                    pool.Signal();
                });
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        int given = 0;
        do
        {
            _host.Turn(() => ThreadPool.QueueUserWorkItem(_ => own++));
            given++;
        }
        while (threads.Exists(thread => thread.IsAlive));
        var all = Task.Factory.StartNew(() => pool.Wait(TimeSpan.FromSeconds(60)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.That(await all, Is.True, $"{others} of {2 * Items} items of the other threads ran.");
        Assert.That(own, Is.EqualTo(given));
        Assert.That(isApart);
        Assert.That(_host.Refused, Is.Empty);
    }

    [Test]
    public void DataflowBlock_WithoutScheduler_RunsInTheSimulation()
    {
        var got = new List<int>();
        var block = new ActionBlock<int>(_ => got.Add(Environment.CurrentManagedThreadId));
        _host.Turn(() => Send(block));
        Assert.That(_host.Refused.Select(refused => refused.Call), Is.Empty);
        Assert.That(_host.Queued, Is.EqualTo([$"{nameof(PoolTakingTests)}.{nameof(DataflowBlock_WithoutScheduler_RunsInTheSimulation)} (lambda)"]));
        Assert.That(got, Is.EqualTo([Environment.CurrentManagedThreadId]));
    }

    [Test]
    public void Work_BetweenTurns_IsLeftToThePool()
    {
        using var ran = new ManualResetEventSlim();
        _host.Turn(static () => { });
        _ = Task.Run(ran.Set);
        Assert.That(ran.Wait(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(_host.Queued, Is.Empty);
    }

    [Test]
    public void ParallelLoop_InATurn_RunsOnTheSimulationsThread()
    {
        var threads = new HashSet<int>();
        int runs = 0;
        _host.Turn(() => Parallel.For(0, 1_000, _ =>
        {
            lock (threads)
                threads.Add(Environment.CurrentManagedThreadId);
            runs++;
        }));
        Assert.That(runs, Is.EqualTo(1_000));
        Assert.That(threads, Is.EqualTo([Environment.CurrentManagedThreadId]));
        Assert.That(_host.Refused, Is.Empty);
    }

    [Test]
    public void Work_OfASimulationOnAPoolThread_IsKeptApartFromThePools()
    {
        using var outer = new ManualResetEventSlim();
        bool isSame = Task.Run(() =>
        {
            using var host = new FakeHost();
            int ranOn = 0;
            _ = Task.Run(outer.Set); // in this pool thread's own queue, from which others take it
            host.Turn(() => _ = Task.Run(() => ranOn = Environment.CurrentManagedThreadId));
            return ranOn == Environment.CurrentManagedThreadId && host.Queued.Count == 1 && outer.Wait(TimeSpan.FromSeconds(30));
        }).GetAwaiter().GetResult();
        Assert.That(isSame, Is.True);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Send(ActionBlock<int> block) => block.Post(1);
}
