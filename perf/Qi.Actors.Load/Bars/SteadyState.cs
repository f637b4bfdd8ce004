// The collector counts what the whole process allocates, so everything runs in this process: both ends of a connection, and a file. The least of several rounds
// counts, since the compiler and the runtime's own threads allocate too, now and then.

using System.Net;

using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.IO;
using Qi.Actors.Platform;

namespace Qi.Actors.Load.Bars;

/// <summary>What reads and writes allocate when nothing is new any more.</summary>
internal static class SteadyState
{
    private const int Count = 20_000;
    private const int Rounds = 10;
    private const int Senders = 16;

    /// <summary>Bytes allocated for each operation.</summary>
    public static IEnumerable<(string What, double Bytes)> Measure()
    {
        yield return ("a TCP round trip, epoll", MeasureIn(ReactorChoice.Epoll, EchoAsync));
        yield return ("a TCP round trip, the system's own choice", MeasureIn(ReactorChoice.Auto, EchoAsync));
        yield return ($"a UDP round trip, {Senders} senders by turns", MeasureIn(ReactorChoice.Auto, EchoDatagramsAsync));
        yield return ("a read of 4 KiB in memory", MeasureIn(ReactorChoice.Auto, ReadFileAsync));
    }

    private static double MeasureIn(ReactorChoice reactor, Func<ActorSystem, Coroutine<double>> measure)
    {
        using var system = new ActorSystem(new QiActorsOptions { Name = "steady", Reactor = reactor }, null, NullLoggerFactory.Instance);
        return system.BlockOn(() => measure(system));
    }

    private static async Coroutine<double> LeastOf(Func<Coroutine> round)
    {
        double least = double.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await round();
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Count);
        }

        return least;
    }

    private static async Coroutine<double> EchoAsync(ActorSystem system)
    {
        await using var listener = SocketListener.Bind(system, new IPEndPoint(IPAddress.Loopback, 0));
        await using var client = await SocketConnection.ConnectAsync(system, listener.LocalEndPoint);
        _ = system.Spawn(ServeAsync(await listener.AcceptAsync()));
        byte[] message = new byte[64];
        return await LeastOf(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                await client.WriteAsync(message);
                await client.ReadAsync(message);
            }
        });
    }

    private static async Coroutine ServeAsync(SocketConnection connection)
    {
        await using (connection)
        {
            byte[] buffer = new byte[64];
            while (await connection.ReadAsync(buffer) is > 0 and var count)
                await connection.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Coroutine<double> EchoDatagramsAsync(ActorSystem system)
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        await using var server = DatagramSocket.Bind(system, any);
        var clients = Enumerable.Range(0, Senders).Select(_ => DatagramSocket.Bind(system, any)).ToArray();
        byte[] message = new byte[64];
        double least = await LeastOf(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                var client = clients[i % Senders];
                await client.SendToAsync(message, (IPEndPoint)server.LocalEndPoint);
                var datagram = await server.ReceiveFromAsync(message);
                await server.SendToAsync(message, (IPEndPoint)datagram.RemoteEndPoint);
                await client.ReceiveFromAsync(message);
            }
        });
        foreach (var client in clients)
            client.Dispose();
        return least;
    }

    private static async Coroutine<double> ReadFileAsync(ActorSystem system)
    {
        string path = Path.GetTempFileName();
        try
        {
            await using var file = await AsyncFile.OpenAsync(system, path, FileMode.Open, FileAccess.ReadWrite);
            byte[] block = new byte[4096];
            await file.WriteAtAsync(block, 0);
            return await LeastOf(async () =>
            {
                for (int i = 0; i < Count; i++)
                    await file.ReadAtAsync(block, 0);
            });
        }
        finally
        {
            File.Delete(path);
        }
    }
}
