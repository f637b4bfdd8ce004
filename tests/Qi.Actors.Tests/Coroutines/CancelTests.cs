using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>A cancel makes one await throw.</summary>
public sealed class CancelTests
{
    private static readonly Dictionary<string, Func<Task<int>, Coroutine>> s_waits = new(StringComparer.Ordinal)
    {
        ["delay"] = async _ => await Coroutine.DelayAsync(TimeSpan.FromHours(1)),
        ["suspend"] = async _ => await Coroutine.SuspendAsync(),
        ["receive"] = async _ => await Coroutine.ReceiveAsync<string>(),
        ["receive with a time-out"] = async _ => await Coroutine.ReceiveAsync<string>(TimeSpan.FromHours(1)),
        ["join"] = async task => await Coroutine.Spawn(Coroutine.From(task)),
        ["join without result"] = async task => await Coroutine.Spawn(Coroutine.From((Task)task)),
        ["task"] = async task => await (Task)task,
        ["task of T"] = async task => await task,
        ["value task"] = async task => await new ValueTask(task),
        ["value task of T"] = async task => await new ValueTask<int>(task),
        ["task, configured"] = async task => await ((Task)task).ConfigureAwait(false),
        ["task of T, configured"] = async task => await task.ConfigureAwait(false),
        ["value task, configured"] = async task => await new ValueTask(task).ConfigureAwait(false),
        ["value task of T, configured"] = async task => await new ValueTask<int>(task).ConfigureAwait(false),
    };

    [Test]
    public async Task Cancel_AtEachKindOfAwait_ThrowsThere(
        [ValueSource(nameof(Waits))] string kind, [Values] bool inChild, [Values] bool before)
    {
        await using var system = new TestSystem();
        var never = Signal.NewSource<int>();
        var isReady = Signal.NewSource();
        using var isCancelled = new ManualResetEventSlim();
        bool hasCleanedUp = false;

        async Coroutine Inner()
        {
            isReady.SetResult();
            if (before)
                Signal.Block(isCancelled);
            await s_waits[kind](never.Task);
        }

        async Coroutine Direct()
        {
            try
            {
                if (inChild)
                    await Inner();
                isReady.TrySetResult();
                if (before)
                    Signal.Block(isCancelled);
                await s_waits[kind](never.Task);
            }
            finally
            {
                // Delivered once: the clean-up may await what it likes.
                await Coroutine.YieldAsync();
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(1));
                await Task.Yield();
                hasCleanedUp = true;
            }
        }

        var handle = system.Actors.Spawn(Direct);
        await Signal.Within(isReady.Task);
        if (!before)
            await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        Assert.That(handle.Cancel(), Is.True);
        isCancelled.Set();
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((handle.State, hasCleanedUp), Is.EqualTo((CoroutineState.Cancelled, true)));
        Assert.That(handle.Cancel(), Is.False, "it has ended");
        never.SetResult(1); // comes late, for nobody
    }

    [Test]
    public async Task Cancel_DuringYields_Throws()
    {
        await using var system = new TestSystem();
        var isReady = Signal.NewSource();

        async Coroutine Body()
        {
            while (true)
            {
                await Coroutine.YieldAsync();
                isReady.TrySetResult();
            }
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(isReady.Task);
        handle.Cancel();
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Cancel_AtAnUnknownAwaitable_IsDeliveredAtTheNextAwait()
    {
        await using var system = new TestSystem();
        var custom = new ManualAwaitable();
        var stages = new List<string>();

        async Coroutine Body()
        {
            await custom;
            stages.Add("custom ended");
            await Coroutine.YieldAsync();
            stages.Add("not reached");
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(custom.IsAwaited.Task);
        handle.Cancel();
        for (int i = 0; i < 100; i++)
            await Signal.Within(system.Actors.Spawn(LateSignalTests.Yields).AsTask());
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Waiting));
        custom.End();
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(stages, Is.EqualTo(new[] { "custom ended" }));
    }

    [Test]
    public async Task Cancel_AfterTheAwaitedTaskHasEnded_LosesNoResultAndThrowsAtTheNextAwait()
    {
        await using var system = TestSystem.WithOneDispatcher();
        var source = new TaskCompletionSource<int>(); // wakes the waiter inside of SetResult
        int result = 0;

        async Coroutine Victim()
        {
            result = await source.Task;
            await Coroutine.YieldAsync();
            result = -1;
        }

        async Coroutine<JoinHandle> Start()
        {
            var victim = Coroutine.Spawn(Victim());
            while (victim.State != CoroutineState.Waiting)
                await Coroutine.YieldAsync();
            source.SetResult(42);
            while (victim.State != CoroutineState.Pending)
                Atomic.Pause(); // woken, by whatever thread runs the task's continuations; it cannot run before this turn ends
            victim.Cancel();
            return victim;
        }

        var handle = await Signal.Within(system.Actors.Spawn(Start).AsTask());
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(result, Is.EqualTo(42));
    }

    [Test]
    public async Task Cancel_BeforeTheFirstTurn_NeverRunsTheBody()
    {
        await using var system = TestSystem.WithOneDispatcher();
        bool hasRun = false;

        async Coroutine Victim() => hasRun = true;

        async Coroutine<JoinHandle> Body()
        {
            var spawned = Coroutine.Spawn(Victim());
            spawned.Cancel();
            return spawned;
        }

        var victim = await Signal.Within(system.Actors.Spawn(Body).AsTask());
        Assert.That(async () => await Signal.Within(victim.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(hasRun, Is.False);
    }

    [Test]
    public async Task Cancel_ThatIsCaught_LetsTheCoroutineEndWell()
    {
        await using var system = new TestSystem();
        var isReady = Signal.NewSource();

        async Coroutine<string> Body()
        {
            try
            {
                isReady.SetResult();
                await Coroutine.SuspendAsync();
            }
            catch (OperationCanceledException)
            {
                await Coroutine.YieldAsync();
                Coroutine.ThrowIfCancelled();
            }

            return "well";
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(isReady.Task);
        handle.Cancel();
        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo("well"));
    }

    [Test]
    public async Task Cancel_CancelsTheToken_AlsoIfItIsAskedForLater()
    {
        await using var system = new TestSystem();
        var isReady = Signal.NewSource();
        using var isCancelled = new ManualResetEventSlim();

        async Coroutine<bool> Early()
        {
            var token = Coroutine.CancellationToken;
            isReady.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException)
            {
                return token.IsCancellationRequested;
            }

            return false;
        }

        async Coroutine<bool> Late()
        {
            isReady.SetResult();
            Signal.Block(isCancelled);
            return Coroutine.CancellationToken.IsCancellationRequested;
        }

        var early = system.Actors.Spawn(Early);
        await Signal.Within(isReady.Task);
        early.Cancel();
        Assert.That(await Signal.Within(early.AsTask()), Is.True);

        isReady = Signal.NewSource();
        var late = system.Actors.Spawn(Late);
        await Signal.Within(isReady.Task);
        late.Cancel();
        isCancelled.Set();
        Assert.That(await Signal.Within(late.AsTask()), Is.True);
    }

    [Test]
    [Category("Stress")]
    public async Task Cancel_RacingWithTheCompletionOfATask_EndsOnceEitherWay()
    {
        await using var system = new TestSystem();
        int cancelled = 0;
        for (int round = 0; round < 5_000; round++)
        {
            var source = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);

            async Coroutine<int> Body() => await source.Task;

            var handle = system.Actors.Spawn(Body);
            var completer = Task.Run(() => source.SetResult(round));
            handle.Cancel();
            try
            {
                Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo(round));
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }

            await completer;
        }

        TestContext.Out.WriteLine($"{cancelled} cancelled");
    }

    private static Dictionary<string, Func<Task<int>, Coroutine>>.KeyCollection Waits() => s_waits.Keys;
}
