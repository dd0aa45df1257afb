using Dynamo.Security.Handshake;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Security;

public sealed class RepeatedFaultsTests
{
    [Fact]
    public void SameFault_IsSaidOnceAnInterval_WithTheNumberLeftOut()
    {
        FakeTimeProvider time = new();
        RepeatedFaults faults = new(time);
        Assert.True(faults.Count("a", out int numOmitted));
        Assert.Equal(0, numOmitted);
        Assert.False(faults.Count("a", out _));
        Assert.True(faults.Count("b", out _));
        time.Advance(RepeatedFaults.Interval - TimeSpan.FromTicks(1));
        Assert.False(faults.Count("a", out _));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.True(faults.Count("a", out numOmitted));
        Assert.Equal(2, numOmitted);
        Assert.False(faults.Count("a", out _));
    }

    [Fact]
    public void TooManyKinds_AreForgottenTogether()
    {
        RepeatedFaults faults = new(new FakeTimeProvider());
        for (int i = 0; i < RepeatedFaults.MaxKinds; i++)
        {
            Assert.True(faults.Count($"{i}", out _));
        }

        Assert.False(faults.Count("0", out _));
        Assert.True(faults.Count("new", out _));
        Assert.True(faults.Count("0", out _));
    }
}
