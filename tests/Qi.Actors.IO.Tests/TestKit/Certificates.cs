using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Qi.Actors.IO.Tests.TestKit;

/// <summary>Certificates that trust themselves.</summary>
internal static class Certificates
{
    /// <summary>A new one, with its key.</summary>
    public static X509Certificate2 New(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var begin = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var made = request.CreateSelfSigned(begin, begin.AddYears(100));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>Writes one as others read it; returns the files of the certificate and of its key.</summary>
    public static (string Certificate, string Key) Write(this X509Certificate2 certificate, Folder folder, string name)
    {
        File.WriteAllText(folder[$"{name}.pem"], certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(folder[$"{name}.key"], key.ExportPkcs8PrivateKeyPem());
        return (folder[$"{name}.pem"], folder[$"{name}.key"]);
    }
}
