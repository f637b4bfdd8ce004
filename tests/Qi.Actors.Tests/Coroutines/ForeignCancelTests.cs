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
        var first = new LateSource();
        var second = Signal.NewSource<int>();
        int taken = 0;
        bool isAtSecond = false;
        var handle = system.Actors.Spawn(async () =>
        {
            taken = await new ValueTask<int>(first, 0);
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
        await Signal.Within(first.IsAwaited.Task);

        first.HasEnded = true;
        handle.Cancel();
        await LateSignalTests.WaitUntil(() => Atomic.Read(ref isAtSecond) && handle.State == CoroutineState.Waiting);
        first.Call(); // comes late, when something else is awaited

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
    public async Task Cancel_BesideATaskThatItsOwnTokenHasCancelled_IsNotLost()
    {
        await using var system = TestSystem.WithOneDispatcher();
        var source = new TaskCompletionSource();
        using var other = new CancellationTokenSource();
        await other.CancelAsync();
        CancellationToken first = default;

        async Coroutine Victim()
        {
            _ = Coroutine.CancellationToken;
            try
            {
                await source.Task;
            }
            catch (OperationCanceledException e)
            {
                first = e.CancellationToken;
            }

            await Coroutine.YieldAsync();
        }

        async Coroutine<JoinHandle> Start()
        {
            var victim = Coroutine.Spawn(Victim());
            while (victim.State != CoroutineState.Waiting)
                await Coroutine.YieldAsync();
            source.SetCanceled(other.Token);
            victim.Cancel();
            return victim;
        }

        var handle = await Signal.Within(system.Actors.Spawn(Start).AsTask());
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(first, Is.EqualTo(other.Token));
    }

    [Test]
    public async Task Cancel_OfAnAwaitWhoseSourceThrows_FailsTheCoroutineAlone()
    {
        await using var system = new TestSystem();
        var source = new LateSource { StatusFailure = new InvalidOperationException("It was awaited twice.") };
        var handle = system.Actors.Spawn(async () => await new ValueTask<int>(source, 0));
        await Signal.Within(source.IsAwaited.Task);
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        source.HasEnded = true;
        handle.Cancel();
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InvalidOperationException.With.Message.EqualTo("It was awaited twice."));
    }

    /// <summary>Ends without calling its continuation, which comes later.</summary>
    private sealed class LateSource : IValueTaskSource<int>
    {
        private Action? _call;

        public TaskCompletionSource IsAwaited { get; } = Signal.NewSource();

        public bool HasEnded { get; set; }

        public Exception? StatusFailure { get; init; }

        public int GetResult(short token) => StatusFailure is null ? 1 : throw StatusFailure;

        public ValueTaskSourceStatus GetStatus(short token)
        {
            if (!HasEnded)
                return ValueTaskSourceStatus.Pending;
            return StatusFailure is null ? ValueTaskSourceStatus.Succeeded : throw StatusFailure;
        }

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            _call = () => continuation(state);
            IsAwaited.SetResult();
        }

        public void Call() => _call!();
    }
}
