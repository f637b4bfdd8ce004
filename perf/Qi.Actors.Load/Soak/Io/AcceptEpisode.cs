using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>Connections that are made while accepts are cancelled and listeners closed.</summary>
internal static class AcceptEpisode
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    public static async Task Storm(SoakContext context)
    {
        using var scratch = new Scratch();
        var random = context.Random;
        bool isTcp = random.Next(2) == 0;
        EndPoint local = isTcp ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(scratch["a.sock"]);

        // Where TCP finds no room in a queue it tries again after one, two, four seconds: a few such clients in turn would outlast the patience.
        int least = isTcp ? 64 : 4;
        var listener = SocketListener.Bind(context.System, local, new ListenerOptions { Backlog = random.Next(2) == 0 ? least : 512 });
        var isClosed = new StrongBox<bool>();
        var serving = Enumerable.Range(0, 1).Select(_ => new Random(random.Next())).Select(own => context.Run(() => ServeAsync(listener, own))).ToArray();
        var clients = Enumerable.Range(0, random.Next(1, 12)).Select(_ => new Random(random.Next()))
            .Select(own => context.Run(() => ClientAsync(context, listener.LocalEndPoint, isClosed, own))).ToArray();
        if (random.Next(2) == 0)
            await Task.Delay(random.Next(1, 10));
        else
            await await context.Within(Task.WhenAny([Task.WhenAll(clients), .. serving]), "clients of a listener"); // a server that fails says why
        listener.Dispose();
        Volatile.Write(ref isClosed.Value, true);
        await context.Within(Task.WhenAll(clients.Concat(serving)), "clients and the server of a listener that is closed");
    }

    // Greets each, and closes.
    private static async Coroutine ServeAsync(SocketListener listener, Random random)
    {
        byte[] greeting = [42];
        while (true)
        {
            using var cancel = new CancellationTokenSource();
            if (random.Next(3) == 0)
                cancel.CancelAfter(random.Next(1, 3));
            try
            {
                await using var connection = await listener.AcceptAsync(cancel.Token);
                await connection.WriteAsync(greeting);
            }
            catch (OperationCanceledException e) when (e.CancellationToken == cancel.Token)
            {
                // The next accept goes on.
            }
            catch (IOException)
            {
                // This one has gone again.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Coroutine ClientAsync(SoakContext context, EndPoint remote, StrongBox<bool> isClosed, Random random)
    {
        byte[] buffer = new byte[1];
        for (int i = random.Next(20); i >= 0; i--)
        {
            var transfer = context.Ledger.NewMessage();
            SocketConnection connection;
            using var cancel = new CancellationTokenSource();
            if (random.Next(6) == 0)
                cancel.CancelAfter(1);
            try
            {
                connection = await SocketConnection.ConnectAsync(context.System, remote, cancellationToken: cancel.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                transfer.SettleRefused();
                continue;
            }

            await using var open = connection;
            if (random.Next(8) == 0)
                connection.Dispose();
            transfer.Settle(await IsGreetedAsync(connection, buffer, isClosed) ? Fate.Handled : Fate.Dead);
        }
    }

    // A listener that closes resets those that it has not accepted; but for those whose handshake is just ending: Linux may forget them without a word, and they wait for ever.
    private static async Coroutine<bool> IsGreetedAsync(SocketConnection connection, byte[] buffer, StrongBox<bool> isClosed)
    {
        while (true)
        {
            try
            {
                return await connection.ReadAsync(buffer, s_look) == 1 && buffer[0] == 42;
            }
            catch (TimeoutException)
            {
                if (Volatile.Read(ref isClosed.Value))
                    return false;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                return false;
            }
        }
    }
}
