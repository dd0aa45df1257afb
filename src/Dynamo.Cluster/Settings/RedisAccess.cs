using StackExchange.Redis;

namespace Dynamo.Cluster.Settings;

/// <summary>How Redis is to be spoken to: user, password, database, TLS, Sentinel. Never shows what it holds. Thread-safe.</summary>
public sealed class RedisAccess
{
    private readonly ConfigurationOptions _options;

    /// <summary>As StackExchange.Redis reads it.</summary>
    /// <param name="options">Everything but the servers.</param>
    public RedisAccess(ConfigurationOptions options) => _options = options;

    /// <summary>No password, no TLS.</summary>
    public static RedisAccess Open { get; } = new(new ConfigurationOptions());

    /// <summary>Whether a password is given.</summary>
    public bool HasPassword => !string.IsNullOrEmpty(_options.Password);

    /// <summary>The user's name, or <see langword="null"/> for the default user.</summary>
    public string? User => _options.User;

    /// <summary>Whether connections are encrypted.</summary>
    public bool IsEncrypted => _options.Ssl;

    /// <summary>The name of the primary that Sentinels are asked for, or <see langword="null"/>.</summary>
    public string? Primary => _options.ServiceName;

    /// <summary>Number of the database.</summary>
    public int Database => _options.DefaultDatabase ?? 0;

    /// <summary>A fresh copy of the options.</summary>
    public ConfigurationOptions ToOptions() => _options.Clone();

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(IsEncrypted ? "TLS" : "plain")}{(HasPassword ? ", with a password" : "")}{(Database > 0 ? $", database {Database}" : "")}{(Primary is null ? "" : $", primary '{Primary}' of Sentinel")}";
}
