using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace Dynamo.Cluster.Settings;

/// <summary>
/// Reads where Redis is and how to speak to it: <c>host:port</c>, <c>redis://user:password@host:port/database</c>, <c>rediss://…</c> (TLS), and
/// options of StackExchange.Redis, in a list with commas. Secrets may stand in variables or a file of their own instead.
/// </summary>
/// <param name="environment">Value of a variable, or <see langword="null"/>.</param>
/// <param name="faults">Takes what is wrong, without any secret.</param>
internal sealed class RedisAddressReader(Func<string, string?> environment, ICollection<string> faults)
{
    /// <summary>Name of the user, where the address has none.</summary>
    public const string UserVariable = "REDIS_USERNAME";

    /// <summary>Password, where the address has none.</summary>
    public const string PasswordVariable = "REDIS_PASSWORD";

    /// <summary>File with the password.</summary>
    public const string PasswordFileVariable = "REDIS_PASSWORD_FILE";

    /// <summary>File with the certificate, in PEM, of who signed the servers'.</summary>
    public const string CAFileVariable = "REDIS_CA_FILE";

    /// <summary>File with this client's own certificate, in PEM.</summary>
    public const string CertFileVariable = "REDIS_CERT_FILE";

    /// <summary>File with its key, in PEM; unless given, it is in the certificate's.</summary>
    public const string KeyFileVariable = "REDIS_KEY_FILE";

    private const int Port = 6379;
    private const int SentinelPort = 26379;

    /// <summary>Reads a list.</summary>
    /// <param name="text">The list.</param>
    /// <param name="variable">Where it stands, for faults.</param>
    public (IReadOnlyList<DnsEndPoint> Servers, RedisAccess Access) Read(string text, string variable)
    {
        string[] entries = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int numFaults = faults.Count;
        ConfigurationOptions options = Options(entries, variable);
        int port = string.IsNullOrEmpty(options.ServiceName) ? Port : SentinelPort;
        List<DnsEndPoint> servers = [];
        foreach (string entry in entries)
        {
            if (entry.Contains("://", StringComparison.Ordinal))
            {
                if (FromUrl(entry, port, options, variable) is { } server)
                {
                    Add(server);
                }
            }
            else if (!entry.Contains('='))
            {
                if (EndPoint(entry, port) is { } server)
                {
                    Add(server);
                }
                else
                {
                    faults.Add($"{variable} must be host:port[,host:port…], redis://user:password@host:port/database or rediss://…, has '{Shown(entry)}'.");
                }
            }
        }

        if (servers.Count == 0 && faults.Count == numFaults)
        {
            faults.Add($"{variable} names no server; give host:port.");
        }

        AddSecrets(options);
        return (servers, new RedisAccess(options));

        // The client takes none twice.
        void Add(DnsEndPoint server)
        {
            if (!servers.Contains(server))
            {
                servers.Add(server);
            }
        }
    }

    private ConfigurationOptions Options(string[] entries, string variable)
    {
        string[] given = [.. entries.Where(static entry => entry.Contains('=') && !entry.Contains("://", StringComparison.Ordinal))];
        if (given.Length == 0)
        {
            return new ConfigurationOptions();
        }

        try
        {
            return ConfigurationOptions.Parse(string.Join(',', given));
        }
        catch (ArgumentException)
        {
            // Its message may show the value.
            string names = string.Join(", ", given.Select(static entry => entry[..entry.IndexOf('=')]));
            faults.Add($"{variable} has an option that StackExchange.Redis does not know, or a value that it cannot have; its options are {names}.");
            return new ConfigurationOptions();
        }
    }

    private DnsEndPoint? FromUrl(string entry, int port, ConfigurationOptions options, string variable)
    {
        if (!Uri.TryCreate(entry, UriKind.Absolute, out Uri? url) || url.Scheme is not ("redis" or "rediss") || url.Host.Length == 0)
        {
            faults.Add($"{variable} must be redis://user:password@host:port/database or rediss://…, has '{Shown(entry)}'; in user and password write @ as %40, : as %3A, / as %2F and , as %2C.");
            return null;
        }

        options.Ssl |= url.Scheme == "rediss";
        if (url.UserInfo.Length > 0)
        {
            int colon = url.UserInfo.IndexOf(':');
            string user = Uri.UnescapeDataString(colon < 0 ? url.UserInfo : url.UserInfo[..colon]);
            options.User = user.Length > 0 ? user : options.User;
            options.Password = colon < 0 ? options.Password : Uri.UnescapeDataString(url.UserInfo[(colon + 1)..]);
        }

        string database = url.AbsolutePath.Trim('/');
        if (database.Length > 0)
        {
            if (int.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                options.DefaultDatabase = number;
            }
            else
            {
                faults.Add($"{variable}: the database in redis://host:port/database must be a number, is '{database}'.");
            }
        }

        return new DnsEndPoint(url.Host, url.Port > 0 ? url.Port : port);
    }

    private void AddSecrets(ConfigurationOptions options)
    {
        options.User ??= Text(UserVariable);
        if (string.IsNullOrEmpty(options.Password))
        {
            options.Password = Text(PasswordFileVariable) is { } file ? SecretFile.Read(file, PasswordFileVariable, faults) : Text(PasswordVariable);
        }

        try
        {
            if (Text(CAFileVariable) is { } authority)
            {
                options.TrustIssuer(authority);
            }

            if (Text(CertFileVariable) is { } certificate)
            {
                options.SetUserPemCertificate(certificate, Text(KeyFileVariable));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            faults.Add($"{CAFileVariable}, {CertFileVariable} or {KeyFileVariable} cannot be read: {e.Message}");
        }
    }

    private string? Text(string variable) => environment(variable) is { Length: > 0 } value ? value : null;

    // What has the form of a secret is not shown.
    private static string Shown(string entry) => entry.LastIndexOf('@') is >= 0 and int at ? $"…{entry[at..]}" : entry;

    private static DnsEndPoint? EndPoint(string text, int defaultPort)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return text.Length > 0 ? new DnsEndPoint(text, defaultPort) : null;
        }

        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? new DnsEndPoint(text[..colon], port)
            : null;
    }
}
