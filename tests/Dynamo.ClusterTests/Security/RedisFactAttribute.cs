using Xunit;

namespace Dynamo.ClusterTests.Security;

/// <summary>A test that needs redis-server; skipped, saying so, where it is not installed.</summary>
internal sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute()
    {
        if (!RedisServer.IsInstalled)
        {
            Skip = "redis-server is not installed (apt-get install redis-server)";
        }
    }
}
