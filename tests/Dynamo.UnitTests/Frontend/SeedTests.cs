using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Requests;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Seeds of requests that name none, where the server's own seed says where they begin.</summary>
public sealed class SeedTests : FrontendTest
{
    protected override FrontendOptions Options => new() { Seed = 42, MaxLogprobs = 5 };

    [Fact]
    public async Task NoSeedInTheRequest_SeedsComeInTheOrderThatTheServersSeedGives()
    {
        SeedSource expected = new(Options);

        ulong first = (await SeenAsync(() => ChatAsync())).Spec.Sampling.Seed;
        ulong own = (await SeenAsync(() => ChatAsync("\"seed\":7"))).Spec.Sampling.Seed;
        ulong second = (await SeenAsync(() => CompleteAsync())).Spec.Sampling.Seed;

        Assert.Equal((expected.Next(), 7UL, expected.Next()), (first, own, second));
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task MoreLogprobsThanTheServerGives_Is400()
    {
        using HttpResponseMessage chat = await ChatAsync("\"logprobs\":true,\"top_logprobs\":6");
        using HttpResponseMessage completion = await CompleteAsync("\"logprobs\":6");

        Assert.Equal("'top_logprobs' must be 0 to 5, is 6.", (string)(await JsonAsync(chat))["error"]!["message"]!);
        Assert.Equal("'logprobs' must be 0 to 5, is 6.", (string)(await JsonAsync(completion))["error"]!["message"]!);
    }
}
