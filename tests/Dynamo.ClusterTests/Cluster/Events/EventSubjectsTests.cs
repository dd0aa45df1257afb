using Dynamo.Cluster.Planes;
using Dynamo.Protocol.Load;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

public sealed class EventSubjectsTests
{
    [Theory]
    [InlineData("mock", "mock")]
    [InlineData("Qwen/Qwen3-0.6B", "Qwen%2FQwen3-0%2E6B")]
    [InlineData("a b*c>d.e", "a%20b%2Ac%3Ed%2Ee")]
    [InlineData("é", "%C3%A9")]
    public void Of_AnyName_IsOneToken(string model, string token)
    {
        EventSubjects subjects = new("my.cluster");

        Assert.Equal($"dynamo.my%2Ecluster.kv.{token}.000000000000000a", subjects.Of(model, new WorkerId(10)));
        Assert.Equal($"dynamo.my%2Ecluster.kv.{token}.*", subjects.All(model));
    }
}
