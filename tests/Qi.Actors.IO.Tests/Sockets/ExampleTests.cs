using System.Net;
using System.Net.Security;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>The examples of docs/io.md.</summary>
internal sealed class ExampleTests
{
    [Test]
    public async Task ServerAndClient_OfTheDocument_Work()
    {
        await using var host = new TestSystem();
        var system = host.Actors;

        async Coroutine Serve(SocketListener listening)
        {
            while (true)
            {
                var accepted = await listening.AcceptAsync();
                _ = Coroutine.Spawn(Echo(accepted));
            }
        }

        async Coroutine Echo(SocketConnection accepted)
        {
            await using var _ = accepted;
            var buffer = new byte[4096];
            int count;
            while ((count = await accepted.ReadAsync(buffer, TimeSpan.FromSeconds(30))) > 0)
                await accepted.WriteAsync(buffer.AsMemory(0, count));
        }

        var listener = SocketListener.Bind(system, new IPEndPoint(IPAddress.Loopback, 0));
        var server = system.Spawn(() => Serve(listener));

        await using var connection = await SocketConnection.ConnectAsync(
            system,
            listener.LocalEndPoint,
            new SocketOptions { ConnectTimeout = TimeSpan.FromSeconds(3), KeepAlive = new KeepAlive(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10), 3) });
        await connection.WriteAsync("ping"u8.ToArray());
        connection.EndWriting();
        using var text = new StreamReader(connection.AsStream());
        string answer = await Signal.Within(text.ReadToEndAsync());

        Assert.That(answer, Is.EqualTo("ping"));
        listener.Dispose();
        Assert.That(() => Signal.Within(server.AsTask()), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task TlsAndHttp_OfTheDocument_Work()
    {
        await using var host = new TestSystem();
        var system = host.Actors;
        await using var listener = SocketListener.Bind(system, Wire.AnyPort);
        var server = system.Spawn(() => SmallHttpServer.ServeAsync(listener)).AsTask();
        string address = $"http://{listener.LocalEndPoint}/page";
        var connection = await SocketConnection.ConnectAsync(system, listener.LocalEndPoint);

        await using (var tls = new SslStream(connection.AsStream()))
            Assert.That(tls.IsAuthenticated, Is.False);
        using var http = new HttpClient(new SocketsHttpHandler().UseQiSockets(system));
        string page = await Signal.Within(http.GetStringAsync(address));

        listener.Dispose();
        await Signal.Within(server);
        Assert.That(page, Is.EqualTo("/page"));
    }

    [Test]
    public async Task Datagrams_OfTheDocument_Work()
    {
        await using var host = new TestSystem();
        var system = host.Actors;
        await using var peer = DatagramSocket.Bind(system, Wire.AnyPort);

        await using var socket = DatagramSocket.Bind(system, new IPEndPoint(IPAddress.Loopback, 0));
        var buffer = new byte[65_527];
        await Signal.Within(peer.SendToAsync(new byte[3], (IPEndPoint)socket.LocalEndPoint));
        var received = await Signal.Within(socket.ReceiveFromAsync(buffer));
        await Signal.Within(socket.SendToAsync(buffer.AsMemory(0, received.Count), (IPEndPoint)received.RemoteEndPoint));

        Assert.That((await Signal.Within(peer.ReceiveFromAsync(buffer))).Count, Is.EqualTo(3));
    }
}
