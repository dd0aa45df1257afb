using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Placement;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Deployments;

public sealed class KeyTests
{
    private static readonly SiloAddress Silo = SiloAddress.FromParsableString("10.0.0.7:11111@42");

    [Fact]
    public void InstanceKey_OfAModelWithSlashes_ComesBack()
    {
        InstanceKey key = new("meta-llama/Llama-3.1-8B", Silo, 12);

        Assert.Equal("meta-llama/Llama-3.1-8B/10.0.0.7:11111@42/12", key.ToString());
        Assert.Equal(key, InstanceKey.Parse(key.ToString()));
        Assert.Equal(Silo, OnSiloInKeyDirector.SiloOf(key.ToString()));
    }

    [Fact]
    public void RankKey_ComesBack()
    {
        RankKey key = new(Silo, 3);

        Assert.Equal("10.0.0.7:11111@42/3", key.ToString());
        Assert.Equal(key, RankKey.Parse(key.ToString()));
        Assert.Equal(Silo, OnSiloInKeyDirector.SiloOf(key.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("model")]
    [InlineData("model/10.0.0.7:11111@42")]
    [InlineData("model/10.0.0.7:11111@42/x")]
    public void InstanceKey_InAnotherForm_IsRefused(string text) => Assert.Throws<FormatException>(() => InstanceKey.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.7:11111@42")]
    [InlineData("10.0.0.7:11111@42/-1")]
    public void RankKey_InAnotherForm_IsRefused(string text) => Assert.Throws<FormatException>(() => RankKey.Parse(text));
}
