using NATS.Client.Core;

namespace Dynamo.Cluster.Settings;

/// <summary>
/// Reads where NATS is and how to speak to it: <c>nats://user:password@host:port</c>, <c>nats://token@host:port</c>, <c>tls://…</c>, in a list with
/// commas. Secrets may stand in Dynamo's variables or a file instead.
/// </summary>
/// <param name="environment">Value of a variable, or <see langword="null"/>.</param>
/// <param name="faults">Takes what is wrong, without any secret.</param>
internal sealed class NatsAddressReader(Func<string, string?> environment, ICollection<string> faults)
{
    /// <summary>Name of the user, where the address has none.</summary>
    public const string UserVariable = "NATS_AUTH_USERNAME";

    /// <summary>Password, where the address has none.</summary>
    public const string PasswordVariable = "NATS_AUTH_PASSWORD";

    /// <summary>Token, where the address has none.</summary>
    public const string TokenVariable = "NATS_AUTH_TOKEN";

    /// <summary>File with a user's JWT and seed.</summary>
    public const string CredentialsFileVariable = "NATS_AUTH_CREDENTIALS_FILE";

    /// <summary>File with the certificate, in PEM, of who signed the servers'.</summary>
    public const string CAFileVariable = "NATS_CA_FILE";

    /// <summary>File with this client's own certificate, in PEM.</summary>
    public const string CertFileVariable = "NATS_CERT_FILE";

    /// <summary>File with its key, in PEM.</summary>
    public const string KeyFileVariable = "NATS_KEY_FILE";

    private const int Port = 4222;

    /// <summary>Reads a list.</summary>
    /// <param name="text">The list.</param>
    /// <param name="variable">Where it stands, for faults.</param>
    /// <returns><see langword="null"/> when it is wrong.</returns>
    public NatsAccess? Read(string text, string variable)
    {
        List<Uri> servers = [];
        string? userInfo = null;
        foreach (string entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(entry.Contains("://", StringComparison.Ordinal) ? entry : $"nats://{entry}", UriKind.Absolute, out Uri? url)
                || url.Scheme is not ("nats" or "tls") || url.Host.Length == 0)
            {
                faults.Add($"{variable} must be nats://host:port or tls://host:port, with user:password@ or token@ before the host, has '{Shown(entry)}'.");
                return null;
            }

            userInfo ??= url.UserInfo.Length > 0 ? url.UserInfo : null;
            servers.Add(new UriBuilder(url.Scheme, url.Host, url.Port > 0 ? url.Port : Port).Uri);
        }

        if (servers.Count == 0)
        {
            faults.Add($"{variable} names no server; give nats://host:port.");
            return null;
        }

        return new NatsAccess { Servers = servers, Auth = Auth(userInfo), Tls = Tls(servers) };
    }

    private NatsAuthOpts Auth(string? userInfo)
    {
        NatsAuthOpts auth = NatsAuthOpts.Default with
        {
            Username = Text(UserVariable),
            Password = Text(PasswordVariable),
            Token = Text(TokenVariable),
            CredsFile = File(CredentialsFileVariable),
        };
        if (userInfo is null)
        {
            return auth;
        }

        int colon = userInfo.IndexOf(':');
        return colon < 0
            ? auth with { Username = null, Password = null, Token = Uri.UnescapeDataString(userInfo) }
            : auth with { Username = Uri.UnescapeDataString(userInfo[..colon]), Password = Uri.UnescapeDataString(userInfo[(colon + 1)..]), Token = null };
    }

    private NatsTlsOpts Tls(List<Uri> servers) => NatsTlsOpts.Default with
    {
        Mode = servers.Exists(static server => server.Scheme == "tls") ? TlsMode.Require : TlsMode.Auto,
        CaFile = File(CAFileVariable),
        CertFile = File(CertFileVariable),
        KeyFile = File(KeyFileVariable),
    };

    private string? File(string variable)
    {
        if (Text(variable) is not { } path || System.IO.File.Exists(path))
        {
            return Text(variable);
        }

        faults.Add($"{variable} is '{path}', and there is no such file.");
        return null;
    }

    private string? Text(string variable) => environment(variable) is { Length: > 0 } value ? value : null;

    // What has the form of a secret is not shown.
    private static string Shown(string entry) => entry.LastIndexOf('@') is >= 0 and int at ? $"…{entry[at..]}" : entry;
}
