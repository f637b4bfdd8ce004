using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>A cancel that meets an await of something that is not ours: nothing is lost, nothing is disposed of in use, and it throws once.</summary>
public sealed class ForeignCancelTests
{
    [Test]
    public async Task Cancel_BetweenTheEndOfATaskAndItsCall_LosesNoResultAndNoLaterWait()
    {
        await using var system = new TestSystem();
        var first = new TaskCompletionSource<int>();
        var second = Signal.NewSource<int>();
        using var gate = new ManualResetEventSlim();
        var isHeld = Signal.NewSource();
        _ = first.Task.ContinueWith( // is called before the coroutine's delegate
            _ =>
            {
                isHeld.SetResult();
                Signal.Block(gate);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        int taken = 0;
        bool isAtSecond = false;
        var handle = system.Actors.Spawn(async () =>
        {
            taken = await first.Task;
            try
            {
                await Coroutine.SuspendAsync();
            }
            catch (OperationCanceledException)
            {
                Atomic.Write(ref isAtSecond, true);
                taken += await second.Task;
            }
        });
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);

        var ending = Task.Run(() => first.SetResult(1));
        await Signal.Within(isHeld.Task);
        handle.Cancel();
        await LateSignalTests.WaitUntil(() => Atomic.Read(ref isAtSecond) && handle.State == CoroutineState.Waiting);
        gate.Set(); // the call comes late, when something else is awaited
        await Signal.Within(ending);

        second.SetResult(2);
        await Signal.Within(handle.AsTask());
        Assert.That(taken, Is.EqualTo(3));
    }

    [Test]
    public async Task Cancel_InTheMiddleOfAnIteratorsMove_EndsItByItsTokenAndRunsItsFinally([Values] bool isConfigured)
    {
        await using var system = new TestSystem();
        var isWaiting = Signal.NewSource();
        bool isOver = false;
        bool hasCleanedUp = false;

        async IAsyncEnumerable<int> Items([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                yield return 1;
                var never = Task.Delay(Timeout.Infinite, cancellationToken);
                isWaiting.SetResult();
                await never;
            }
            finally
            {
                isOver = true;
            }
        }

        var handle = system.Actors.Spawn(async () =>
        {
            try
            {
                if (isConfigured)
                {
                    await foreach (int item in Items().WithCancellation(Coroutine.CancellationToken))
                        Assert.That(item, Is.EqualTo(1));
                }

                await foreach (int item in Items(Coroutine.CancellationToken))
                    Assert.That(item, Is.EqualTo(1));
            }
            finally
            {
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(1)); // the cancel has thrown already
                hasCleanedUp = true;
            }
        });
        await Signal.Within(isWaiting.Task);
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        handle.Cancel();

        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((handle.State, isOver, hasCleanedUp), Is.EqualTo((CoroutineState.Cancelled, true, true)));
    }

    [Test]
    public async Task Cancel_ThatEndsATaskByTheToken_ThrowsOnce([Values] bool isValueTask)
    {
        await using var system = new TestSystem();
        for (int round = 0; round < 200; round++)
        {
            var isWaiting = Signal.NewSource();
            var handle = system.Actors.Spawn(async () =>
            {
                var never = Task.Delay(Timeout.Infinite, Coroutine.CancellationToken);
                isWaiting.SetResult();
                try
                {
                    if (isValueTask)
                        await new ValueTask(never);
                    else
                        await never;
                }
                catch (OperationCanceledException)
                {
                    await Coroutine.YieldAsync(); // the task has ended in the cancel's own call, or the cancel has given the wait up: one throws, not both
                }
            });
            await Signal.Within(isWaiting.Task);
            await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
            handle.Cancel();
            await Signal.Within(handle.AsTask());
        }
    }

    [Test]
    public async Task Cancel_BesideATaskThatWasCancelled_ThrowsTheCoroutinesOwnOnce([Values] bool isLinked)
    {
        await using var system = TestSystem.WithOneDispatcher();
        var source = new TaskCompletionSource();
        CancellationToken own = default;
        CancellationToken thrown = default;
        bool hasCleanedUp = false;

        async Coroutine Victim()
        {
            own = Coroutine.CancellationToken;
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(own);
            try
            {
                await (isLinked ? Task.Delay(Timeout.Infinite, linked.Token) : source.Task);
            }
            catch (OperationCanceledException e)
            {
                thrown = e.CancellationToken;
            }

            await Coroutine.YieldAsync();
            hasCleanedUp = true;
        }

        async Coroutine<JoinHandle> Start()
        {
            var victim = Coroutine.Spawn(Victim());
            while (victim.State != CoroutineState.Waiting)
                await Coroutine.YieldAsync();
            source.SetCanceled(new CancellationToken(canceled: true));
            victim.Cancel();
            return victim;
        }

        var handle = await Signal.Within(system.Actors.Spawn(Start).AsTask());
        await Signal.Within(handle.AsTask());
        Assert.That((thrown, hasCleanedUp), Is.EqualTo((own, true)));
    }

    [Test]
    public async Task Cancel_OfATimersTick_ByTheToken_LeavesTheTimerUsable()
    {
        await using var system = new TestSystem();
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        var handle = system.Actors.Spawn(async () =>
        {
            try
            {
                await timer.WaitForNextTickAsync(Coroutine.CancellationToken);
            }
            catch (OperationCanceledException)
            {
                timer.Period = TimeSpan.FromMilliseconds(1);
                await timer.WaitForNextTickAsync();
            }
        });
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        handle.Cancel();
        await Signal.Within(handle.AsTask());
    }

    [Test]
    public async Task Cancel_OfAnAwaitWhoseSourceThrows_FailsTheCoroutineAlone()
    {
        await using var system = TestSystem.WithOneDispatcher();
        var source = new BrokenSource();

        async Coroutine<JoinHandle<int>> Start()
        {
            var victim = Coroutine.Spawn(Victim());
            while (victim.State != CoroutineState.Waiting)
                await Coroutine.YieldAsync();
            source.End();
            victim.Cancel();
            return victim;
        }

        async Coroutine<int> Victim() => await new ValueTask<int>(source, 0);

        var handle = await Signal.Within(system.Actors.Spawn(Start).AsTask());
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InvalidOperationException.With.Message.EqualTo("It was awaited twice."));
    }

    /// <summary>Throws when it is asked how it has ended.</summary>
    private sealed class BrokenSource : IValueTaskSource<int>
    {
        private Action? _call;

        public int GetResult(short token) => throw new InvalidOperationException("It was awaited twice.");

        public ValueTaskSourceStatus GetStatus(short token)
            => _call is null ? ValueTaskSourceStatus.Pending : throw new InvalidOperationException("It was awaited twice.");

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _call = () => continuation(state);

        public void End() => _call!();
    }
}
