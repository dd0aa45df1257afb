using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>As <see cref="NatsFactAttribute"/>, for several cases.</summary>
internal sealed class NatsTheoryAttribute : TheoryAttribute
{
    public NatsTheoryAttribute() => Skip = new NatsFactAttribute().Skip;
}
