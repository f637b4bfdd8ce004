using System.Net;

using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>Connections that are rented, given back, dropped and closed by their server.</summary>
internal static class PoolEpisode
{
    private const int ExchangeBytes = 3_000;

    public static async Task Churn(SoakContext context)
    {
        var random = context.Random;
        var listener = SocketListener.Bind(context.System, new IPEndPoint(IPAddress.Loopback, 0));
        int seed = random.Next();
        var server = context.Run(() => ServeAsync(listener, new Random(seed)));
        int port = ((IPEndPoint)listener.LocalEndPoint).Port;
        EndPoint remote = random.Next(3) == 0 ? new DnsEndPoint("127.0.0.1", port) : listener.LocalEndPoint;
        var pool = new ConnectionPool(context.System, new ConnectionPoolOptions
        {
            MostConnections = random.Next(1, 6),
            MostIdle = random.Next(4),
            IdleTime = TimeSpan.FromMilliseconds(random.Next(1, 30)),
            WaitTimeout = context.Patience,
        });
        var workers = Enumerable.Range(0, random.Next(1, 8)).Select(_ => new Random(random.Next()))
            .Select(own => context.Run(() => WorkAsync(context, pool, remote, own))).ToArray();
        if (random.Next(4) == 0)
        {
            await Task.Delay(random.Next(1, 10));
            await pool.DisposeAsync();
        }

        await context.Within(Task.WhenAll(workers), "those who rent");
        var statistics = pool.Statistics;
        context.Check(statistics is { Rented: 0, Waiting: 0 } && statistics.Open == statistics.Idle, $"nobody rents any more, and the pool says {statistics}");
        await pool.DisposeAsync();
        listener.Dispose();
        await context.Within(server, "the server of a pool");
    }

    private static async Coroutine WorkAsync(SoakContext context, ConnectionPool pool, EndPoint remote, Random random)
    {
        byte[] sent = new byte[ExchangeBytes];
        byte[] back = new byte[ExchangeBytes];
        for (int i = random.Next(40); i >= 0; i--)
        {
            var transfer = context.Ledger.NewMessage();
            using var cancel = new CancellationTokenSource();
            if (random.Next(6) == 0)
                cancel.CancelAfter(random.Next(1, 3));
            try
            {
                await using var lease = await pool.RentAsync(remote, cancel.Token);
                ulong seed = (ulong)random.NextInt64();
                int length = random.Next(1, ExchangeBytes + 1);
                SeedStream.Fill(seed, 0, sent.AsSpan(0, length));
                await lease.Connection.WriteAsync(sent.AsMemory(0, length));
                if (random.Next(10) == 0)
                {
                    transfer.Settle(Fate.Dead); // left in the middle
                    continue;
                }

                await ReadExactlyAsync(lease.Connection, back.AsMemory(0, length));
                int wrong = SeedStream.FirstDifference(seed, 0, back.AsSpan(0, length));
                context.Check(wrong < 0, $"byte {wrong} of an exchange over a rented connection is another's");
                context.Ledger.CountBytes(length);
                transfer.Settle(Fate.Handled);
                if (random.Next(10) != 0)
                    lease.Complete();
            }
            catch (Exception e) when (Flow.IsTrouble(e))
            {
                transfer.SettleRefused();
            }
        }
    }

    private static async Coroutine ReadExactlyAsync(SocketConnection connection, Memory<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int count = await connection.ReadAsync(buffer);
            if (count == 0)
                throw new IOException("The server has closed in the middle.");
            buffer = buffer[count..];
        }
    }

    private static async Coroutine ServeAsync(SocketListener listener, Random random)
    {
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                _ = Coroutine.Spawn(EchoAsync(connection, random.Next(12) == 0 ? random.Next(5) : int.MaxValue));
            }
        }
        catch (ObjectDisposedException)
        {
            // That is how it ends.
        }
    }

    private static async Coroutine EchoAsync(SocketConnection connection, int reads)
    {
        await using var _ = connection;
        byte[] buffer = new byte[ExchangeBytes];
        try
        {
            int count;
            while (reads-- > 0 && (count = await connection.ReadAsync(buffer)) > 0)
                await connection.WriteAsync(buffer.AsMemory(0, count));
        }
        catch (IOException)
        {
            // The other end has gone.
        }
    }
}
