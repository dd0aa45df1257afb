using Dynamo.UnitTests.Frontend.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class ConnectionLimitTests : FrontendTest
{
    // Ten minutes are what OpenAI's clients wait for an answer by themselves.
    [Fact]
    public void ClientThatPauses_IsWaitedForAsLongAsItWouldWait()
    {
        KestrelServerLimits limits = Host.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(TimeSpan.FromMinutes(10), limits.MinRequestBodyDataRate!.GracePeriod);
        Assert.Equal(TimeSpan.FromMinutes(10), limits.MinResponseDataRate!.GracePeriod);
        Assert.Equal(TimeSpan.FromMinutes(2), limits.RequestHeadersTimeout);
        Assert.InRange(limits.KeepAliveTimeout, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10));
    }
}
