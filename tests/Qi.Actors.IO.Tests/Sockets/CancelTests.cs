using System.Net.Sockets;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>A cancel ends a wait, and takes no byte with it.</summary>
internal sealed class CancelTests
{
    private const int Rounds = 4_000;

    [Test]
    public async Task Read_WithACancelledToken_ReadsNothing()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        theirs.Send([1, 2, 3]);
        Assert.That(() => ours.ReadAsync(new byte[10], new CancellationToken(canceled: true)).AsTask(), Throws.InstanceOf<OperationCanceledException>());
        byte[] buffer = new byte[3];
        Assert.That(await Signal.Within(Wire.ReadAllAsync(ours, buffer)), Is.EqualTo(3));
    }

    [Test]
    public async Task Read_CancelledWhileItWaits_ThrowsWithTheTokenAndTheEndpoint()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        using var cancel = new CancellationTokenSource();
        var read = ours.ReadAsync(new byte[10], cancel.Token).AsTask();
        await cancel.CancelAsync();
        var failure = (await Assert.CatchAsync<OperationCanceledException>(() => Signal.Within(read)))!;
        Assert.That(read.IsCanceled, Is.True);
        Assert.That(failure.CancellationToken, Is.EqualTo(cancel.Token));
        theirs.Send([9]);
        byte[] buffer = new byte[1];
        await Signal.Within(ours.ReadAsync(buffer));
        Assert.That(buffer[0], Is.EqualTo(9));
    }

    [Test]
    public async Task Read_CancelledByTokenWhileDataArrives_LosesNoByte()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        using var bothAreHere = new Barrier(2);
        CancellationTokenSource? current = null;
        var rival = Task.Factory.StartNew(
            () =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    bothAreHere.SignalAndWait(Signal.Bound);
                    theirs.Send([(byte)round]);
                    current!.Cancel();
                    bothAreHere.SignalAndWait(Signal.Bound); // a late cancel would be one of the next round, or of a source that is disposed of
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        int cancelled = 0;
        byte[] buffer = new byte[1];
        for (int round = 0; round < Rounds; round++)
        {
            using var cancel = current = new CancellationTokenSource();
            var read = ours.ReadAsync(buffer, cancel.Token).AsTask();
            bothAreHere.SignalAndWait(Signal.Bound);
            int count;
            try
            {
                count = await Signal.Within(read);
            }
            catch (OperationCanceledException)
            {
                cancelled++;
                count = await Signal.Within(ours.ReadAsync(buffer));
            }

            Assert.That((count, buffer[0]), Is.EqualTo((1, (byte)round)), $"round {round}");
            bothAreHere.SignalAndWait(Signal.Bound);
        }

        await Signal.Within(rival);
        TestContext.Out.WriteLine($"{cancelled} of {Rounds} reads were cancelled.");
    }

    [Test]
    public async Task Read_OfACancelledCoroutineWhileDataArrives_LosesNoByte()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        byte[] buffer = new byte[1];
        int cancelled = 0;
        using var mayRace = new Barrier(2);
        var rival = Task.Factory.StartNew(
            () =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    mayRace.SignalAndWait(Signal.Bound);
                    theirs.Send([(byte)round]);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        async Coroutine<int> Reads(TaskCompletionSource isReading)
        {
            isReading.SetResult();
            return await ours.ReadAsync(buffer);
        }

        for (int round = 0; round < Rounds; round++)
        {
            var isReading = Signal.NewSource();
            var reader = system.Actors.Spawn(() => Reads(isReading));
            await Signal.Within(isReading.Task);
            mayRace.SignalAndWait(Signal.Bound);
            reader.Cancel();
            int count;
            try
            {
                count = await Signal.Within(reader.AsTask());
            }
            catch (OperationCanceledException)
            {
                cancelled++;
                count = await Signal.Within(ours.ReadAsync(buffer));
            }

            Assert.That((count, buffer[0]), Is.EqualTo((1, (byte)round)), $"round {round}");
        }

        await Signal.Within(rival);
        TestContext.Out.WriteLine($"{cancelled} of {Rounds} reads were cancelled.");
    }

    [Test]
    public async Task Read_OfACoroutineWithACancelPending_ThrowsThoughThereIsData()
    {
        await using var system = TestSystem.WithOneDispatcher();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        theirs.Send([1, 2, 3]);
        await Signal.Within(ours.ReadAsync(Memory<byte>.Empty));

        async Coroutine<(bool, int)> Reads()
        {
            byte[] buffer = new byte[10];
            Coroutine.Current.Cancel();
            bool wasCancelled = false;
            try
            {
                await ours.ReadAsync(buffer);
            }
            catch (OperationCanceledException)
            {
                wasCancelled = true;
            }

            return (wasCancelled, await ours.ReadAsync(buffer));
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Reads).AsTask()), Is.EqualTo((true, 3)));
    }

    [Test]
    public async Task Read_OfPlainCodeInACoroutineWithACancelPending_IsNotDisturbed()
    {
        await using var system = TestSystem.WithOneDispatcher();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        byte[] buffer = new byte[10];

        async Task<int> Plain() => await ours.ReadAsync(buffer);

        Task<int>? plain = null;

        async Coroutine Reads()
        {
            Coroutine.Current.Cancel();
            plain = Plain();
            await plain;
        }

        var reader = system.Actors.Spawn(Reads).AsTask();
        Assert.That(() => Signal.Within(reader), Throws.InstanceOf<OperationCanceledException>());
        theirs.Send([1, 2]);
        Assert.That(await Signal.Within(plain!), Is.EqualTo(2));
    }

    [Test]
    public async Task Accept_OfACancelledCoroutine_LosesNoConnection()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);

        async Coroutine<SocketConnection> Accepts(TaskCompletionSource isAccepting)
        {
            isAccepting.SetResult();
            return await listener.AcceptAsync();
        }

        int cancelled = 0;
        for (int round = 0; round < 500; round++)
        {
            var isAccepting = Signal.NewSource();
            var acceptor = system.Actors.Spawn(() => Accepts(isAccepting));
            await Signal.Within(isAccepting.Task);
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var connect = client.ConnectAsync(listener.LocalEndPoint);
            acceptor.Cancel();
            SocketConnection accepted;
            try
            {
                accepted = await Signal.Within(acceptor.AsTask());
            }
            catch (OperationCanceledException)
            {
                cancelled++;
                accepted = await Signal.Within(listener.AcceptAsync());
            }

            await Signal.Within(connect);
            Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
            accepted.Dispose();
        }

        TestContext.Out.WriteLine($"{cancelled} of 500 accepts were cancelled.");
    }

    [Test]
    public async Task Write_CancelledWhileItWaits_Throws()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        using var cancel = new CancellationTokenSource();
        var write = ours.WriteAsync(new byte[50_000_000], cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(write), Throws.InstanceOf<OperationCanceledException>());
    }
}
