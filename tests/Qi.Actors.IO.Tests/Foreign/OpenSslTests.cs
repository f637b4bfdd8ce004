using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Samples.Tests;

namespace Qi.Actors.IO.Tests.Foreign;

/// <summary>OpenSSL's own client and server, at the other end of TLS over connections of the runtime.</summary>
internal sealed class OpenSslTests
{
    private const string Tool = "openssl";

    private TestSystem _system = null!;
    private Folder _folder = null!;
    private X509Certificate2 _server = null!;
    private X509Certificate2 _client = null!;

    [SetUp]
    public void SetUp()
    {
        ForeignClient.Require(Tool, Tool);
        _system = new TestSystem();
        _folder = new Folder();
        _server = Certificates.New("localhost");
        _client = Certificates.New("the client");
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_system is null)
            return;
        await _system.DisposeAsync();
        _folder.Dispose();
        _server.Dispose();
        _client.Dispose();
    }

    [Test]
    public async Task Client_OfOpenSsl_TalksTls13ToAServerOfOurs([Values] bool hasCertificate)
    {
        await using var listener = SocketListener.Bind(_system.Actors, Wire.AnyPort);
        var serving = _system.Actors.Spawn(() => AnswerAsync(listener, hasCertificate)).AsTask();
        string[] own = [];
        if (hasCertificate)
        {
            var (certificate, key) = _client.Write(_folder, "client");
            own = ["-cert", certificate, "-key", key];
        }

        string output = await ForeignClient.RunAsync(
            Tool, Tool, "hello\n",
            ["s_client", "-connect", listener.LocalEndPoint.ToString()!, "-tls1_3", "-servername", "localhost", "-CAfile", _server.Write(_folder, "server").Certificate, "-verify_return_error", "-quiet", .. own]);
        string seen = await Signal.Within(serving, "the server");

        Assert.That((output, seen), Is.EqualTo(($"hello to {(hasCertificate ? "CN=the client" : "nobody")}\n", "hello by Tls13")));
    }

    [Test]
    public async Task Client_OfOpenSslWithoutACertificate_IsRefusedWhereOneIsRequired()
    {
        await using var listener = SocketListener.Bind(_system.Actors, Wire.AnyPort);
        var serving = _system.Actors.Spawn(() => AnswerAsync(listener, needsCertificate: true)).AsTask();
        var client = ForeignClient.RunToItsEndAsync(
            Tool, Tool, "", "s_client", "-connect", listener.LocalEndPoint.ToString()!, "-tls1_3", "-CAfile", _server.Write(_folder, "server").Certificate, "-quiet");

        Assert.That(() => Signal.Within(serving, "the server"), Throws.InstanceOf<AuthenticationException>());
        Assert.That((await Signal.Within(client, "the end of the client")).ExitCode, Is.Not.Zero);
    }

    [Test]
    public async Task Server_OfOpenSsl_AnswersAClientOfOurs([Values] bool hasCertificate)
    {
        var (certificate, key) = _server.Write(_folder, "server");
        string[] wanted = hasCertificate ? ["-Verify", "1", "-verify_return_error", "-CAfile", _client.Write(_folder, "client").Certificate] : [];
        using var server = Process.Start(new ProcessStartInfo(Tool, ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-tls1_3", "-rev", .. wanted])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            _ = server.StandardError.ReadToEndAsync();
            Assert.That(await Signal.Within(_system.Actors.Spawn(() => AskAsync(PortOf(server), hasCertificate)).AsTask(), "the answer"), Is.EqualTo("Tls13 olleh"));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    private async Coroutine<string> AnswerAsync(SocketListener listener, bool needsCertificate)
    {
        await using var connection = await listener.AcceptAsync();
        await using var tls = new SslStream(connection.AsStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = _server,
            ClientCertificateRequired = needsCertificate,
            RemoteCertificateValidationCallback = (_, peer, _, _) => !needsCertificate || peer?.GetCertHashString() == _client.GetCertHashString(),
        });
        using var reader = new StreamReader(tls);
        string? line = await reader.ReadLineAsync();
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"{line} to {tls.RemoteCertificate?.Subject ?? "nobody"}\n"));
        await tls.ShutdownAsync();
        return $"{line} by {tls.SslProtocol}";
    }

    private async Coroutine<string> AskAsync(int port, bool hasCertificate)
    {
        await using var connection = await SocketConnection.ConnectAsync(_system.Actors, new IPEndPoint(IPAddress.Loopback, port));
        await using var tls = new SslStream(connection.AsStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = hasCertificate ? [_client] : [],
            RemoteCertificateValidationCallback = (_, peer, _, _) => peer?.GetCertHashString() == _server.GetCertHashString(),
        });
        await tls.WriteAsync("hello\n"u8.ToArray());
        using var reader = new StreamReader(tls);
        return $"{tls.SslProtocol} {await reader.ReadLineAsync()}";
    }

    private static int PortOf(Process server)
    {
        const string Word = "ACCEPT ";
        while (server.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(Word, StringComparison.Ordinal))
                return int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        }

        throw new InvalidOperationException("openssl s_server has ended without saying where it listens.");
    }
}
