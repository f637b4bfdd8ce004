using System.Net;
using System.Text;

using Qi.Actors;
using Qi.Actors.IO;

namespace Tour;

internal static class SocketChapter
{
    // snippet: echo-methods
    static async Coroutine ServeAsync(ActorSystem system, SocketListener listener)
    {
        while (true)
        {
            SocketConnection connection = await listener.AcceptAsync();
            _ = system.Spawn(EchoAsync(system, connection)); // a coroutine for each
        }
    }

    static async Coroutine EchoAsync(ActorSystem system, SocketConnection connection)
    {
        await using (connection)
        {
            while (true)
            {
                await connection.ReadAsync(Memory<byte>.Empty); // waits for input, without a buffer
                using var buffer = system.GetBuffers().Rent(4096);
                int count = await connection.ReadAsync(buffer.Memory);
                if (count == 0)
                    return; // the other end has finished
                await connection.WriteAsync(buffer.Memory[..count]);
            }
        }
    }
    // end snippet

    public static async Task RunAsync()
    {
        await using var system = new ActorSystem();

        // snippet: echo
        using var listener = SocketListener.Bind(system, new IPEndPoint(IPAddress.Loopback, 0)); // or a UnixDomainSocketEndPoint
        var server = system.Spawn(ServeAsync(system, listener));

        await using var client = await SocketConnection.ConnectAsync(system, listener.LocalEndPoint);
        await client.WriteAsync("hello"u8.ToArray());
        client.EndWriting();
        using var reader = new StreamReader(client.AsStream()); // a Stream, for the rest of .NET: SslStream, PipeReader, HttpClient…
        string echo = await reader.ReadToEndAsync();
        server.Cancel();
        // end snippet
        Check.Equal(echo, "hello");
        await MessagesAsync(system);
    }

    private static async Task MessagesAsync(ActorSystem system)
    {
        // snippet: socket-messages
        var shouter = system.Spawn<ConnectionEvent>(message =>
        {
            switch (message)
            {
                case Received received:
                    using (received) // its memory goes back to the system
                    {
                        string text = Encoding.UTF8.GetString(received.Bytes.Span).ToUpperInvariant();
                        received.Connection.Tell(new Send(Encoding.UTF8.GetBytes(text)));
                    }

                    break;
                case PeerEnded ended:
                    ended.Connection.Tell(new CloseConnection());
                    break;
            }
        });
        using var listener = SocketListener.Bind(system, new IPEndPoint(IPAddress.Loopback, 0));
        var acceptor = system.Spawn<SocketConnection>(connection => system.SpawnConnection(connection, shouter));
        _ = listener.AcceptInto(acceptor);
        // end snippet

        await using var client = await SocketConnection.ConnectAsync(system, listener.LocalEndPoint);
        await client.WriteAsync("hello"u8.ToArray());
        client.EndWriting();
        using var reader = new StreamReader(client.AsStream());
        Check.Equal(await reader.ReadToEndAsync(), "HELLO");
    }
}
