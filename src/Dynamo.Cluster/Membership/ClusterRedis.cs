using Dynamo.Cluster.Settings;
using StackExchange.Redis;

namespace Dynamo.Cluster.Membership;

/// <summary>This silo's own connection to Redis, beside those of Orleans. Connects when first used. Thread-safe.</summary>
internal sealed class ClusterRedis(ClusterSettings settings) : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() => ConnectionMultiplexer.ConnectAsync(RedisOptions.Of(settings)));

    /// <summary>Its database.</summary>
    public async Task<IDatabase> DatabaseAsync() => (await _connection.Value).GetDatabase();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
        {
            await (await _connection.Value).DisposeAsync();
        }
    }
}
