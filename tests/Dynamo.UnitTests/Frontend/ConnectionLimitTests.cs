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
    public async Task ClientThatPauses_IsWaitedForAsLongAsItWouldWait()
    {
        Assert.Equal("00:10:00 00:10:00 201326592", await Host.Client.GetStringAsync("/host/limits"));

        KestrelServerLimits limits = Host.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal(TimeSpan.FromMinutes(2), limits.RequestHeadersTimeout);
        Assert.InRange(limits.KeepAliveTimeout, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task WhatElseTheHostServes_KeepsKestrelsLimits() => Assert.Equal("00:00:05 00:00:05 30000000", await Host.Client.GetStringAsync("/host/own/limits"));
}
