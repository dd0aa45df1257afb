using Xunit;

namespace Dynamo.ClusterTests.Security;

/// <summary>As <see cref="RedisFactAttribute"/>, for several cases.</summary>
internal sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = new RedisFactAttribute().Skip;
}
