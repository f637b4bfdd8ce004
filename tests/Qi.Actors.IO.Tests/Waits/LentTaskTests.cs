using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Waits;

/// <summary>Tasks that use memory of the one who awaits them: a cancel asks them to end, and waits.</summary>
internal sealed class LentTaskTests
{
    [Test]
    public async Task Cancel_IsPassedOnAndWaitsForTheEnd([Values] bool hasResult, [Values] bool isVoid)
    {
        await using var system = new TestSystem();
        var source = Signal.NewSource<int>();
        var asked = Signal.NewSource<CancellationToken>();
        string stages = "";

        ValueTask<int> Begin(CancellationToken token)
        {
            token.Register(() => asked.SetResult(token));
            return new ValueTask<int>(source.Task);
        }

        var handle = system.Actors.Spawn(async () =>
        {
            try
            {
                if (isVoid)
                    await LentTask<int>.OfVoid(0, (_, token) => Begin(token), CancellationToken.None);
                else
                    stages += await LentTask<int>.Of(0, (_, token) => Begin(token), CancellationToken.None);
                stages += " ended";
                await Coroutine.YieldAsync();
            }
            catch (OperationCanceledException)
            {
                await Coroutine.YieldAsync(); // it was thrown once
                stages += " cancelled";
            }
        });
        SpinWait.SpinUntil(() => handle.State == CoroutineState.Waiting);
        handle.Cancel();
        var token = await Signal.Within(asked.Task, "the cancel");
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Waiting));
        if (hasResult)
            source.SetResult(1);
        else
            source.SetCanceled(token);

        await Signal.Within(handle.AsTask());
        Assert.That(stages, Is.EqualTo($"{(hasResult ? $"{(isVoid ? "" : "1")} ended" : "")} cancelled"));
    }

    [Test]
    public async Task CallersToken_EndsItAndIsNamed([Values] bool isBefore)
    {
        await using var system = new TestSystem();
        using var cancellation = new CancellationTokenSource();
        if (isBefore)
            await cancellation.CancelAsync();
        var begun = Signal.NewSource();

        async ValueTask<int> Wait(CancellationToken token)
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return 0;
        }

        var handle = system.Actors.Spawn(async () => await LentTask<int>.Of(0, (_, token) => Wait(token), cancellation.Token));
        await Signal.Within(begun.Task);
        await cancellation.CancelAsync();

        Assert.That(
            async () => await Signal.Within(handle.AsTask()),
            Throws.InstanceOf<OperationCanceledException>().With.Property(nameof(OperationCanceledException.CancellationToken)).EqualTo(cancellation.Token));
    }

    [Test]
    public async Task CoroutinesOwnToken_GivenToAnOperation_MakesItsCancelThrowOnce([Values] bool isLent, [Values] bool isBefore)
    {
        await using var system = new TestSystem();
        using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var begun = Signal.NewSource();
        using var isCancelled = new ManualResetEventSlim();
        var handle = system.Actors.Spawn(async () =>
        {
            var token = Coroutine.CancellationToken;
            begun.SetResult();
            if (isBefore)
                Signal.Block(isCancelled);
            try
            {
                if (isLent)
                    await LentTask<int>.Of(0, static (_, token) => new ValueTask<int>(Task.Delay(Timeout.Infinite, token).ContinueWith(static _ => 0, token)), token);
                else
                    using (await listener.AcceptAsync(token))
                        return "a connection";
            }
            catch (OperationCanceledException e) when (e.CancellationToken == token)
            {
                await Coroutine.YieldAsync();
            }

            return "once";
        });
        await Signal.Within(begun.Task);
        if (!isBefore)
            SpinWait.SpinUntil(() => handle.State == CoroutineState.Waiting);
        handle.Cancel();
        isCancelled.Set();
        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo("once"));
    }

    [Test]
    public async Task CoroutinesOwnToken_GivenToReadsOfWhatIsInMemory_EndsThemOnce()
    {
        await using var system = new TestSystem();
        using var folder = new Folder();
        using var file = await AsyncFile.OpenAsync(system.Actors, folder.Write("x", [1]));
        var begun = Signal.NewSource();
        var handle = system.Actors.Spawn(async () =>
        {
            var token = Coroutine.CancellationToken;
            byte[] buffer = new byte[1];
            try
            {
                while (true)
                {
                    await file.ReadAtAsync(buffer, 0, token);
                    begun.TrySetResult();
                }
            }
            catch (OperationCanceledException)
            {
                await Coroutine.YieldAsync();
            }
        });
        await Signal.Within(begun.Task);
        handle.Cancel();
        await Signal.Within(handle.AsTask());
    }

    [Test]
    public async Task Open_AfterACaughtCancel_Succeeds()
    {
        await using var system = new TestSystem();
        using var folder = new Folder();
        string path = folder.Write("x", [1]);
        var isWaiting = Signal.NewSource();
        var handle = system.Actors.Spawn(async () =>
        {
            using (await AsyncFile.OpenAsync(system.Actors, path))
            {
                try
                {
                    isWaiting.SetResult();
                    await Coroutine.SuspendAsync();
                }
                catch (OperationCanceledException)
                {
                    using var again = await AsyncFile.OpenAsync(system.Actors, path); // the cancel has thrown: clean-up may do what it likes
                    return again.Length;
                }
            }

            return 0;
        });
        await Signal.Within(isWaiting.Task);
        handle.Cancel();

        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo(1));
    }
}
