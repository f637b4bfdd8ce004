using System.Net;
using System.Net.Sockets;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>The framework's HTTP client over connections of the runtime.</summary>
internal sealed class HttpTests
{
    [Test]
    public async Task HttpClient_OverQiSockets_GetsAnswersAndReusesConnections()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var server = system.Actors.Spawn(() => SmallHttpServer.ServeAsync(listener)).AsTask();
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler.UseQiSockets(system.Actors));
        int port = ((IPEndPoint)listener.LocalEndPoint).Port;
        for (int i = 0; i < 10; i++)
            Assert.That(await Signal.Within(client.GetStringAsync($"http://127.0.0.1:{port}/page/{i}")), Is.EqualTo($"/page/{i}"));
        listener.Dispose();
        Assert.That(await Signal.Within(server), Is.EqualTo(1), "one connection for all");
    }

    [Test]
    public async Task HttpClient_WithAName_ResolvesItAndTriesTheAddresses()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var server = system.Actors.Spawn(() => SmallHttpServer.ServeAsync(listener)).AsTask();
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler.UseQiSockets(system.Actors));
        int port = ((IPEndPoint)listener.LocalEndPoint).Port;
        string[] answers = await Signal.Within(Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.GetStringAsync($"http://localhost:{port}/{i}"))));
        listener.Dispose();
        await Signal.Within(server);
        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"/{i}")));
    }

    [Test]
    public async Task HttpClient_WhereNobodyListens_ThrowsItsOwnException()
    {
        await using var system = new TestSystem();
        EndPoint gone;
        await using (var listener = SocketListener.Bind(system.Actors, Wire.AnyPort))
            gone = listener.LocalEndPoint;
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler.UseQiSockets(system.Actors));
        Assert.That(
            () => Signal.Within(client.GetStringAsync($"http://{gone}/")),
            Throws.InstanceOf<HttpRequestException>()
                .With.InnerException.InstanceOf<SocketException>().And.InnerException.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused)
                .And.InnerException.Message.Contains(gone.ToString()));
        Assert.That(
            () => Signal.Within(client.GetStringAsync("http://no-such-host.invalid/")),
            Throws.InstanceOf<HttpRequestException>().With.Property(nameof(HttpRequestException.HttpRequestError)).EqualTo(HttpRequestError.NameResolutionError));
    }
}
