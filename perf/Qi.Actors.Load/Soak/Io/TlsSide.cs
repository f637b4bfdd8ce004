using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>The two sides of TLS, with a certificate of this process' own.</summary>
internal static class TlsSide
{
    private static readonly X509Certificate2 s_certificate = NewCertificate();

    public static async Task ShakeHandsAsync(SslStream client, SslStream server)
    {
        var serverSide = server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = s_certificate });
        var clientSide = client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = static (_, peer, _, _) => peer?.GetCertHashString() == s_certificate.GetCertHashString(),
        });
        await Task.WhenAll(serverSide, clientSide);
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var begin = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var made = request.CreateSelfSigned(begin, begin.AddYears(100));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
