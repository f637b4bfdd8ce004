using System.Net.Security;
using System.Security.Authentication;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>TLS by the framework's own stream over connections of the runtime.</summary>
internal sealed class TlsTests
{
    [Test]
    public async Task SslStream_OverAConnection_TransfersByTls13WithAClientCertificate()
    {
        await using var system = new TestSystem();
        using var serverCertificate = Certificates.New("localhost");
        using var clientCertificate = Certificates.New("the client");
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var clientTls = new SslStream(client.AsStream());
        await using var serverTls = new SslStream(server.AsStream());
        var serverSide = serverTls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = serverCertificate,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, peer, _, _) => peer?.GetCertHashString() == clientCertificate.GetCertHashString(),
        });
        await Signal.Within(clientTls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = [clientCertificate],
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, peer, _, _) => peer?.GetCertHashString() == serverCertificate.GetCertHashString(),
        }));
        await Signal.Within(serverSide);

        async Coroutine<byte[]> Echo(int length)
        {
            byte[] sent = Wire.Pattern(length);
            var write = clientTls.WriteAsync(sent).AsTask();
            byte[] there = new byte[length];
            await serverTls.ReadExactlyAsync(there);
            await write;
            var back = serverTls.WriteAsync(there).AsTask();
            byte[] returned = new byte[length];
            await clientTls.ReadExactlyAsync(returned);
            await back;
            return returned;
        }

        byte[] received = await Signal.Within(system.Actors.Spawn(() => Echo(1_000_000)).AsTask());
        Assert.Multiple(() =>
        {
            Assert.That(clientTls.SslProtocol, Is.EqualTo(SslProtocols.Tls13));
            Assert.That(serverTls.IsMutuallyAuthenticated, Is.True);
            Assert.That(received.AsSpan().SequenceEqual(Wire.Pattern(1_000_000)), Is.True);
        });
        await clientTls.ShutdownAsync();
        Assert.That(await Signal.Within(serverTls.ReadAsync(new byte[1])), Is.Zero);
    }

    [Test]
    public async Task SslStream_WithACertificateThatIsNotTrusted_EndsBothSides()
    {
        await using var system = new TestSystem();
        using var certificate = Certificates.New("localhost");
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var clientTls = new SslStream(client.AsStream());
        await using var serverTls = new SslStream(server.AsStream());
        var serverSide = serverTls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate });
        Assert.That(
            () => Signal.Within(clientTls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" })),
            Throws.InstanceOf<AuthenticationException>());
        client.Dispose();
        await Signal.Within(serverSide.ContinueWith(static _ => { }, TaskScheduler.Default));
    }
}
