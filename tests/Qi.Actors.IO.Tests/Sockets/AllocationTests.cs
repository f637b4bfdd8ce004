using System.Net;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>What reads and writes cost the collector in a steady stream: nothing. Both ends run on one dispatcher, whose thread is measured.</summary>
[NonParallelizable]
internal sealed class AllocationTests
{
    private const int Count = 5_000;

    [OneTimeSetUp]
    public void OnlyWhereItIsPromised()
        => Assume.That(TestSystem.Reactor, Is.Not.EqualTo(ReactorChoice.Portable), "the framework's sockets allocate");

    [Test]
    public async Task Echo_OfCoroutines_AllocatesNothing() => Assert.That(await BytesEach(Coroutines), Is.LessThan(1));

    [Test]
    public async Task Echo_WithDeadlines_AllocatesNothing() => Assert.That(await BytesEach(WithDeadlines), Is.LessThan(1));

    [Test]
    public async Task Echo_OfPlainAsyncCode_AllocatesNothing() => Assert.That(await BytesEach(Plain), Is.LessThan(1));

    [Test]
    public async Task Echo_OfPieces_AllocatesNothing() => Assert.That(await BytesEach(Pieces), Is.LessThan(1));

    [Test]
    public async Task Datagrams_ToAndFromPeersByTurns_AllocateNothing([Values(1, 8)] int peers)
    {
        await using var system = TestSystem.WithOneDispatcher();
        var all = Enumerable.Range(0, peers).Select(_ => DatagramSocket.Bind(system.Actors, Wire.AnyPort)).ToArray();
        await using var second = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        byte[] buffer = new byte[100];

        async Coroutine<int> Rounds()
        {
            for (int i = 0; i < Count; i++)
            {
                var first = all[i % peers];
                await first.SendToAsync(buffer.AsMemory(0, 10), (IPEndPoint)second.LocalEndPoint);
                var received = await second.ReceiveFromAsync(buffer);
                await second.SendToAsync(buffer.AsMemory(0, received.Count), (IPEndPoint)received.RemoteEndPoint);
                await first.ReceiveFromAsync(buffer);
            }

            return Count;
        }

        Assert.That(await Best(system, Rounds), Is.LessThan(1));
        foreach (var socket in all)
            socket.Dispose();
    }

    private static async Coroutine<int> Coroutines(SocketConnection client)
    {
        byte[] buffer = new byte[64];
        for (int i = 0; i < Count; i++)
        {
            await client.WriteAsync(buffer);
            await client.ReadAsync(buffer);
        }

        return Count;
    }

    private static async Coroutine<int> WithDeadlines(SocketConnection client)
    {
        var timeout = TimeSpan.FromSeconds(20);
        byte[] buffer = new byte[64];
        for (int i = 0; i < Count; i++)
        {
            await client.WriteAsync(buffer, timeout);
            await client.ReadAsync(buffer, timeout);
        }

        return Count;
    }

    private static async Coroutine<int> Plain(SocketConnection client)
    {
        async Task<int> Rounds()
        {
            byte[] buffer = new byte[64];
            for (int i = 0; i < Count; i++)
            {
                await client.WriteAsync(buffer);
                await client.ReadAsync(buffer);
            }

            return Count;
        }

        return await Rounds();
    }

    private static async Coroutine<int> Pieces(SocketConnection client)
    {
        byte[] buffer = GC.AllocateArray<byte>(64, pinned: true);
        ReadOnlyMemory<byte>[] written = [buffer.AsMemory(0, 10), buffer.AsMemory(10, 54)];
        Memory<byte>[] read = [buffer.AsMemory(0, 10), buffer.AsMemory(10, 54)];
        for (int i = 0; i < Count; i++)
        {
            await client.WriteAsync(written);
            await client.ReadAsync(read);
        }

        return Count;
    }

    private static async Task<double> BytesEach(Func<SocketConnection, Coroutine<int>> rounds)
    {
        await using var system = TestSystem.WithOneDispatcher();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var end = client;
        Task echo;
        using (ExecutionContext.SuppressFlow())
            echo = system.Actors.Spawn(() => Wire.EchoAsync(server)).AsTask();
        double best = await Best(system, () => rounds(client));
        client.EndWriting();
        await Signal.Within(echo);
        return best;
    }

    // The best of many rounds: code that is not optimized yet boxes awaiters, and the compiler works beside us, when it can.
    private static async Task<double> Best(TestSystem system, Func<Coroutine<int>> rounds)
    {
        Assume.That(IsOptimized, Is.True, "needs optimized code");

        async Coroutine<double> Body()
        {
            double best = double.MaxValue;
            long deadlineNs = Clock.NowNs() + Clock.TimeSpanToNs(Signal.Bound / 2);
            while (best >= 1 && Clock.NowNs() < deadlineNs)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                int count = await rounds();
                best = Math.Min(best, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count);
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(2));
            }

            return best;
        }

        Task<double> body;
        using (ExecutionContext.SuppressFlow())
            body = system.Actors.Spawn(Body).AsTask();
        return await Signal.Within(body);
    }

    private static bool IsOptimized
        => !typeof(SocketConnection).Assembly.GetCustomAttributes(inherit: false)
            .OfType<System.Diagnostics.DebuggableAttribute>().Any(attribute => attribute.IsJITOptimizerDisabled);
}
