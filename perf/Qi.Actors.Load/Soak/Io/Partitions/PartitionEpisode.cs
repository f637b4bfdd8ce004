using System.Buffers.Binary;
using System.Net.Sockets;

using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io.Partitions;

/// <summary>Transfers with a process in another network, while the line between is cut and mended.</summary>
internal static class PartitionEpisode
{
    private static readonly TimeSpan s_connect = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_deadline = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_lost = TimeSpan.FromSeconds(2);

    public static async Task CutAndMend(SoakContext context)
    {
        var link = Link.Current!;
        var random = context.Random;
        var transfers = Enumerable.Range(0, random.Next(1, 6)).Select(_ => new Random(random.Next())).Select(own => context.Run(() => TransferAsync(context, link, own))).ToArray();
        var datagrams = context.Run(() => DatagramsAsync(context, link, new Random(random.Next())));
        try
        {
            for (int cuts = random.Next(1, 4); cuts > 0; cuts--)
            {
                await Task.Delay(random.Next(10));
                link.Cut(random.Next(2) == 0);
                await Task.Delay(random.Next(1, 120));
                link.Mend();
            }
        }
        finally
        {
            link.Mend();
        }

        await context.Within(Task.WhenAll(transfers.Append(datagrams)), "transfers over a line that was cut and mended");
    }

    private static async Coroutine TransferAsync(SoakContext context, Link link, Random random)
    {
        var transfer = context.Ledger.NewMessage();
        var role = (PeerRole)random.Next((int)PeerRole.Source, (int)PeerRole.Quiet + 1);
        long length = random.Next(3) == 0 ? random.Next(1_000) : random.Next(1_500_000);
        var order = new PeerOrder(role, (ulong)random.NextInt64(), length);
        SocketConnection connection;
        try
        {
            connection = await SocketConnection.ConnectAsync(context.System, link.Peer, new SocketOptions { ConnectTimeout = s_connect });
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            transfer.SettleRefused(); // the line is cut
            return;
        }

        using var end = new SocketEnd(connection);
        var flow = new Flow(context, $"line {role}", length, order.Seed);
        await connection.WriteAsync(order.Write());
        switch (role)
        {
            case PeerRole.Source:
                flow.ExpectAll();
                await flow.ReceiveAsync(end, (ReadStyle)random.Next(6), random);
                flow.Settle(transfer, isDisturbed: false);
                break;
            case PeerRole.Sink:
                await flow.SendAsync(end, random, Timeout.InfiniteTimeSpan, default);
                await CheckVerdictAsync(context, connection, length);
                transfer.Settle(Fate.Handled);
                break;
            case PeerRole.Echo:
                var sending = Coroutine.Spawn(flow.SendAsync(end, new Random(random.Next()), Timeout.InfiniteTimeSpan, default));
                await flow.ReceiveAsync(end, (ReadStyle)random.Next(6), random);
                await sending;
                flow.Settle(transfer, isDisturbed: false);
                break;
            default:
                await BreakAsync(context, connection, flow, end, role == PeerRole.Quiet, random);
                flow.Settle(transfer, isDisturbed: true);
                break;
        }
    }

    // A peer that resets, or says nothing: the first ends with a failure, unless the reset was lost on the way, the other one by a deadline, of a read or of a write that
    // nobody takes.
    private static async Coroutine BreakAsync(SoakContext context, SocketConnection connection, Flow flow, SocketEnd end, bool isQuiet, Random random)
    {
        flow.ExpectAll();
        try
        {
            if (!isQuiet)
                await Coroutine.Timeout(flow.ReceiveAsync(end, (ReadStyle)random.Next(6), random), s_lost);
            else if (random.Next(2) == 0)
                await connection.ReadAsync(new byte[1], s_deadline);
            else
                await connection.WriteAsync(new byte[30_000_000], s_deadline);
            context.Check(false, "a transfer with a peer that breaks it has ended in order");
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // As was planned.
        }
    }

    private static async Coroutine CheckVerdictAsync(SoakContext context, SocketConnection connection, long length)
    {
        byte[] verdict = new byte[sizeof(long)];
        int read = 0;
        while (read < verdict.Length)
        {
            int count = await connection.ReadAsync(verdict.AsMemory(read));
            if (count == 0)
                break;
            read += count;
        }

        long right = BinaryPrimitives.ReadInt64LittleEndian(verdict);
        context.Check(read == verdict.Length && right == length, $"of {length:N0} bytes over the line {right:N0} were right");
        context.Ledger.CountBytes((int)length);
    }

    // They may be lost, and none may come that was not sent.
    private static async Coroutine DatagramsAsync(SoakContext context, Link link, Random random)
    {
        await using var socket = DatagramSocket.Bind(context.System, new System.Net.IPEndPoint(System.Net.IPAddress.Any, 0));
        byte[] sent = new byte[1_200];
        byte[] back = new byte[2_000];
        ulong seed = (ulong)random.NextInt64();
        for (long number = 0; number < 40; number++)
        {
            var message = context.Ledger.NewMessage();
            BinaryPrimitives.WriteInt64LittleEndian(sent, number);
            SeedStream.Fill(seed, number, sent.AsSpan(sizeof(long)));
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(5));
            try
            {
                await socket.SendToAsync(sent, link.Peer);
                var received = await socket.ReceiveFromAsync(back, patience.Token);
                long which = BinaryPrimitives.ReadInt64LittleEndian(back);
                bool isRight = received.Count == sent.Length && which <= number && SeedStream.FirstDifference(seed, which, back.AsSpan(sizeof(long), sent.Length - sizeof(long))) < 0;
                context.Check(isRight, $"datagram {which} of {received.Count} bytes is none that was sent");
                message.Settle(Fate.Handled);
            }
            catch (OperationCanceledException e) when (e.CancellationToken == patience.Token)
            {
                message.Settle(Fate.Dead);
            }
            catch (IOException e) when (e.InnerException is SocketException)
            {
                message.SettleRefused();
            }
        }
    }
}
