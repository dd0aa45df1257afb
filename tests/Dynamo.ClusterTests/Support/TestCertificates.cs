using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dynamo.ClusterTests.Support;

/// <summary>A certificate authority that nobody else trusts, in a folder of its own, with what it signed, in PEM.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-certificates-");
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        AuthorityFile = Write("authority.crt", _authority.ExportCertificatePem());
        (CertFile, KeyFile) = Sign();
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile { get; }

    /// <summary>A certificate for the loopback address, of servers and clients.</summary>
    public string CertFile { get; }

    /// <summary>Its key.</summary>
    public string KeyFile { get; }

    /// <summary>With which Redis speaks TLS on a port of its own, to clients with a certificate.</summary>
    public string[] RedisFlags(int port) => ["--tls-port", $"{port}", "--tls-cert-file", CertFile, "--tls-key-file", KeyFile, "--tls-ca-cert-file", AuthorityFile];

    /// <summary>With which NATS speaks TLS to clients with a certificate.</summary>
    public string[] NatsFlags => ["--tlsverify", "--tlscert", CertFile, "--tlskey", KeyFile, "--tlscacert", AuthorityFile];

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private (string CertFile, string KeyFile) Sign()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(_authority, _authority.NotBefore, _authority.NotAfter, [1]);
        return (Write("test.crt", certificate.ExportCertificatePem()), Write("test.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private string Write(string name, string pem)
    {
        string file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, pem);
        return file;
    }
}
