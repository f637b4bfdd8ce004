using System.Runtime.CompilerServices;
using System.Threading.Channels;
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
    public void QueueUserWorkItem_InATurn_IsRefusedByName()
    {
        BeginWithoutTrap();
        _host.Turn(QueueOne);
        AssertRefused("ThreadPool.QueueUserWorkItem, called by PoolTakingTests.QueueOne", "Use Task.Run");
    }

    [Test]
    public void QueueUserWorkItem_AmongOtherWork_IsTheOneThatIsRefused()
    {
        BeginWithoutTrap();
        int runs = 0;
        _host.Turn(() =>
        {
            for (int index = 0; index < 40; index++)
                _ = Task.Run(() => runs++);
            Task.Run(() => runs++).Wait();
            QueueOne();
            Task.Run(() => runs++).Wait();
            _ = Task.Run(() => runs++);
        });
        Assert.That(runs, Is.EqualTo(43));
        AssertRefused("ThreadPool.QueueUserWorkItem, called by PoolTakingTests.QueueOne", "Use Task.Run");
    }

    [Test]
    public void StartNew_WithPreferFairness_IsRefusedByName()
    {
        BeginWithoutTrap();
        _host.Turn(StartFair);
        AssertRefused("TaskFactory.StartNew, called by PoolTakingTests.StartFair", "PreferFairness");
    }

    [Test]
    public void Yield_InAsyncMethodWithoutContext_IsRefusedByName()
    {
        BeginWithoutTrap();
        _host.Turn(static () =>
        {
            SynchronizationContext.SetSynchronizationContext(null);
            _ = YieldAsync();
        });
        AssertRefused("YieldAsync", "Await it in a handler or coroutine");
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
    public void Channel_ReadWithoutContext_IsRefusedByName()
    {
        BeginWithoutTrap();
        var channel = Channel.CreateUnbounded<int>();
        _host.Turn(() => _ = ReadAsync(channel));
        _host.Turn(() => channel.Writer.TryWrite(1));
        AssertRefused("a continuation that goes to the thread pool", "ConfigureAwait(false)");
    }

    [Test]
    public void Run_WhereNothingCanBeTakenOver_IsRefusedByName()
    {
        using var host = new FakeHost(Takings.None);
        host.Turn(RunOne);
        Assert.That(host.Refused.Select(refused => refused.Call), Is.EqualTo(["Task.Run, called by PoolTakingTests.RunOne"]));
    }

    [Test]
    public void Delay_WhereNothingCanBeTakenOver_IsRefusedByName()
    {
        using var host = new FakeHost(Takings.None);
        host.Turn(DelayOne);
        Assert.That(host.Refused.Select(refused => refused.Call), Is.EqualTo(["Task.Delay, called by PoolTakingTests.DelayOne, without a TimeProvider"]));
        Assert.That(host.Refused[0].Remedy, Does.Contain("TimeProvider"));
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
    public void ParallelQuery_InATurn_IsRefusedByName()
    {
        BeginWithoutTrap();
        try
        {
            _host.Turn(Query);
        }
        catch (BlockedTurnException)
        {
            // The pool's threads were slow, and the query has begun to wait for them.
        }

        Assert.That(_host.Refused[0].Call, Is.EqualTo("a parallel query (PLINQ), in PoolTakingTests.Query"));
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

    [Test]
    public void Work_AfterTheListenerHasEndedAndBegunAgain_IsRefusedByName()
    {
        _host.Dispose();
        Assume.That(FrameworkListener.EndLinger(), Is.True, "Another simulation of this process has not ended.");
        using var pause = new ManualResetEventSlim();
        ThreadPool.QueueUserWorkItem(_ => pause.Set()); // lets the pool notice that nobody listens
        Assert.That(pause.Wait(TimeSpan.FromSeconds(30)), Is.True);

        _host = new FakeHost(Takings.WithoutTrap);
        Assert.That(FrameworkListener.EndLinger(), Is.False);
        _host.Turn(QueueOne);
        AssertRefused("ThreadPool.QueueUserWorkItem, called by PoolTakingTests.QueueOne", "Use Task.Run");
    }

    // As in a framework in which the global queue cannot be replaced.
    private void BeginWithoutTrap()
    {
        _host.Dispose();
        _host = new FakeHost(Takings.WithoutTrap);
    }

    private void AssertRefused(string call, string remedy)
    {
        Assert.That(_host.Refused, Has.Count.EqualTo(1));
        Assert.That(_host.Refused[0].Call, Does.Contain(call));
        Assert.That(_host.Refused[0].Remedy, Does.Contain(remedy));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void QueueOne() => ThreadPool.QueueUserWorkItem(static _ => { });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StartFair()
        => _ = Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunOne() => _ = Task.Run(static () => { });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DelayOne() => _ = Task.Delay(1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Send(ActionBlock<int> block) => block.Post(1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Query() => _ = Enumerable.Range(0, 1_000).AsParallel().Sum();

    private static async Task YieldAsync() => await Task.Yield();

    private static async Task<int> ReadAsync(Channel<int> channel) => await channel.Reader.ReadAsync().ConfigureAwait(false);
}
