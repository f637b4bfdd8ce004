using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Foreign;

/// <summary>The framework's HTTP client and its server, each with the runtime's sockets at one end and the framework's own at the other.</summary>
internal sealed class HttpServerTests
{
    private const int LongBytes = 3_000_000;

    // Below the window of an HTTP/2 stream: the client reads no answer before all of its array is sent, and the server sends back what it has read.
    private const int LongestEchoBytes = 50_000;

    private WebApplication _server = null!;
    private X509Certificate2 _certificate = null!;

    [OneTimeSetUp]
    public async Task StartServer()
    {
        _certificate = Certificates.New("localhost");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate));
        });
        _server = builder.Build();
        _server.MapGet("/long", static async context => await context.Response.Body.WriteAsync(Wire.Pattern(LongBytes)));
        _server.MapPost("/echo", static async context => await context.Request.Body.CopyToAsync(context.Response.Body));
        await _server.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopServer()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _certificate?.Dispose();
    }

    [TestCase(false, 1)]
    [TestCase(true, 1)]
    [TestCase(true, 2)]
    public async Task Client_WithQiSockets_TalksToAServerOfTheFramework(bool isTls, int version)
    {
        await using var system = new TestSystem();
        using var client = NewClient(version, handler => handler.UseQiSockets(system.Actors));
        string root = _server.Urls.First(url => url.StartsWith(isTls ? "https" : "http:", StringComparison.Ordinal));

        byte[] got = await Signal.Within(client.GetByteArrayAsync(new Uri($"{root}/long")), "a long answer");
        var echoes = await Signal.Within(Task.WhenAll(Enumerable.Range(0, 10).Select(i => EchoAsync(client, $"{root}/echo", LongestEchoBytes / 10 * i))), "the echoes");

        Assert.That(got.AsSpan().SequenceEqual(Wire.Pattern(LongBytes)), Is.True);
        Assert.That(echoes, Is.All.EqualTo($"200 {version}"));
        Assert.That(system.Actors.Pool.Reactors.OpenCount, Is.Positive, "These were connections of the runtime.");
    }

    [Test]
    public async Task Client_AsItIs_TalksToAServerOfOurs([Values] bool isTls)
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var serving = system.Actors.Spawn(() => SmallHttpServer.ServeAsync(listener, isTls ? _certificate : null)).AsTask();
        using var client = NewClient(1, static handler => handler);

        string[] answers = await Signal.Within(
            Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.GetStringAsync(new Uri($"http{(isTls ? "s" : "")}://{listener.LocalEndPoint}/{i}")))), "the answers");
        listener.Dispose();

        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"/{i}")));
        Assert.That(await Signal.Within(serving, "the server"), Is.Positive);
    }

    private HttpClient NewClient(int version, Func<SocketsHttpHandler, SocketsHttpHandler> with)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, peer, _, _) => peer?.GetCertHashString() == _certificate.GetCertHashString(),
            },
        };
        return new HttpClient(with(handler))
        {
            DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    private static async Task<string> EchoAsync(HttpClient client, string address, int length)
    {
        byte[] sent = Wire.Pattern(length, length);
        using var content = new ByteArrayContent(sent);
        using var answer = await client.PostAsync(new Uri(address), content);
        byte[] back = await answer.Content.ReadAsByteArrayAsync();
        return back.AsSpan().SequenceEqual(sent) ? $"{(int)answer.StatusCode} {answer.Version.Major}" : "other bytes";
    }
}
