using System.Buffers.Binary;
using System.Net;

using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>Datagrams that go round: each is sent when the one before has come back, so that none may be lost.</summary>
internal static class DatagramEpisode
{
    private const int NumberBytes = sizeof(long);
    private const int MostBytes = 60_000;

    public static async Task GoRound(SoakContext context)
    {
        var random = context.Random;
        var address = random.Next(3) == 0 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        var pairs = Enumerable.Range(0, random.Next(1, 4)).Select(_ => new Random(random.Next())).Select(own => context.Run(() => PairAsync(context, address, own)));
        await context.Within(Task.WhenAll(pairs.ToArray()), "datagrams");
    }

    private static async Coroutine PairAsync(SoakContext context, IPAddress address, Random random)
    {
        await using var first = DatagramSocket.Bind(context.System, new IPEndPoint(address, 0));
        await using var second = DatagramSocket.Bind(context.System, new IPEndPoint(address, 0));
        var echo = Coroutine.Spawn(EchoAsync(context, second, new Random(random.Next())));
        bool isConnected = random.Next(2) == 0;
        var target = (IPEndPoint)second.LocalEndPoint;
        if (isConnected)
            first.Connect(target);
        byte[] buffer = new byte[MostBytes];
        byte[] back = new byte[MostBytes];
        ulong seed = (ulong)random.NextInt64();
        for (long number = random.Next(300); number >= 0; number--)
        {
            var message = context.Ledger.NewMessage();
            int length = random.Next(4) == 0 ? random.Next(NumberBytes, MostBytes) : random.Next(NumberBytes, 1_000);
            BinaryPrimitives.WriteInt64LittleEndian(buffer, number);
            SeedStream.Fill(seed, number, buffer.AsSpan(NumberBytes, length - NumberBytes));
            if (isConnected)
                await first.SendAsync(buffer.AsMemory(0, length));
            else
                await first.SendToAsync(buffer.AsMemory(0, length), target);
            var received = await ReceiveAsync(first, back, random);
            bool isRight = received.Count == length && !received.IsTruncated && back.AsSpan(0, length).SequenceEqual(buffer.AsSpan(0, length));
            context.Check(isRight, $"datagram {number} of {length} bytes came back with {received.Count} bytes, or others");
            context.Ledger.CountBytes(received.Count);
            message.Settle(Fate.Handled);
        }

        if (random.Next(2) == 0)
            second.Dispose();
        else
            echo.Cancel();
        try
        {
            await echo;
        }
        catch (OperationCanceledException) when (echo.State == CoroutineState.Cancelled)
        {
            // As was planned.
        }
    }

    private static async Coroutine EchoAsync(SoakContext context, DatagramSocket socket, Random random)
    {
        byte[] buffer = new byte[MostBytes];
        try
        {
            while (true)
            {
                var received = await ReceiveAsync(socket, buffer, random);
                await socket.SendToAsync(buffer.AsMemory(0, received.Count), (IPEndPoint)received.RemoteEndPoint);
            }
        }
        catch (ObjectDisposedException)
        {
            // That is how it ends.
        }
    }

    // Now and then a receive is cancelled, and another one goes on. The end of the coroutine is thrown once: it must not be taken for the token's.
    private static async Coroutine<ReceivedDatagram> ReceiveAsync(DatagramSocket socket, byte[] buffer, Random random)
    {
        while (random.Next(6) == 0)
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 3)));
            try
            {
                return await socket.ReceiveFromAsync(buffer, cancel.Token);
            }
            catch (OperationCanceledException e) when (e.CancellationToken == cancel.Token)
            {
                // Nothing has come, and nothing is lost.
            }
        }

        return await socket.ReceiveFromAsync(buffer);
    }
}
