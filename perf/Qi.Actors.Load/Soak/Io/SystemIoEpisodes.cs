using System.Net;

using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>Names, and whole systems that stop amid traffic.</summary>
internal static class SystemIoEpisodes
{
    public static async Task Names(SoakContext context)
    {
        var random = context.Random;
        var listener = SocketListener.Bind(context.System, new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)listener.LocalEndPoint).Port;
        var serving = context.Run(() => GreetAsync(listener));
        var clients = Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(3)).Select(kind => context.Run(async Coroutine () =>
        {
            var transfer = context.Ledger.NewMessage();
            using var cancel = new CancellationTokenSource();
            if (kind == 0)
                cancel.CancelAfter(1);
            try
            {
                await using var connection = await SocketConnection.ConnectAsync(context.System, "localhost", port, cancellationToken: cancel.Token);
                transfer.Settle(await connection.ReadAsync(new byte[1]) == 1 ? Fate.Handled : Fate.Dead);
            }
            catch (OperationCanceledException) when (kind == 0)
            {
                transfer.SettleRefused();
            }
        }));
        await context.Within(Task.WhenAll(clients.ToArray()), "connections by name");
        listener.Dispose();
        await context.Within(serving, "a listener");
    }

    public static async Task StopAmidTraffic(SoakContext context)
    {
        var random = context.Random;
        var system = context.NewSystem();
        var listener = SocketListener.Bind(system, new IPEndPoint(IPAddress.Loopback, 0));
        int conversations = random.Next(1, 5);
        var own = new SoakContext("stop", system, random.Next(), context.Patience);
        for (int i = 0; i < conversations; i++)
        {
            var connecting = SocketConnection.ConnectAsync(system, listener.LocalEndPoint).AsTask();
            var accepted = new SocketEnd(await context.Within(listener.AcceptAsync().AsTask(), "an accept"));
            var connected = new SocketEnd(await context.Within(connecting, "a connection"));
            var flow = new Flow(own, "stop", 50_000_000, (ulong)random.NextInt64());
            int seed = random.Next();
            _ = system.Spawn(() => flow.SendAsync(accepted, new Random(seed), Timeout.InfiniteTimeSpan, default));
            _ = system.Spawn(() => flow.ReceiveAsync(connected, (ReadStyle)(seed % 6), new Random(seed)));
        }

        await Task.Delay(random.Next(1, 20));
        var mode = random.Next(2) == 0 ? StopMode.Now : StopMode.Drain;
        await context.Within(system.StopAsync(mode, TimeSpan.FromMilliseconds(random.Next(1, 50))), "a stop amid traffic");
        await system.DisposeAsync();
        context.Check(own.Ledger.Violations().Length == 0, string.Join("; ", own.Ledger.Violations()));
        context.Ledger.CountBytes((int)Math.Min(own.Ledger.Bytes, int.MaxValue));
    }

    private static async Coroutine GreetAsync(SocketListener listener)
    {
        byte[] greeting = [42];
        try
        {
            while (true)
            {
                await using var connection = await listener.AcceptAsync();
                try
                {
                    await connection.WriteAsync(greeting);
                }
                catch (IOException)
                {
                    // It has gone again.
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // That is how it ends.
        }
    }
}
