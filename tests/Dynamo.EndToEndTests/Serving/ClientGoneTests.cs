using System.Text.Json.Nodes;
using Xunit;

namespace Dynamo.EndToEndTests.Serving;

[Collection(ServerCollection.Name)]
public sealed class ClientGoneTests(ServerFixture fixture)
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task ClientThatLeavesInTheMiddle_GivesItsBlocksBack(int n)
    {
        JsonObject request = BundledModelTests.Story(1, stream: true);
        request["max_tokens"] = 4000;
        request["ignore_eos"] = true;
        request["n"] = n;
        using CancellationTokenSource leaving = new();
        try
        {
            await foreach (string _ in fixture.Chat.StreamAsync(request, leaving.Token))
            {
                await leaving.CancelAsync();
            }

            Assert.Fail("the stream went on without its client");
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // It left.
        }

        await ServerMetrics.UntilAsync(fixture.Server.Http, "dynamo_component_inflight_requests", 0);
        await ServerMetrics.UntilAsync(fixture.Server.Http, "dynamo_component_kvstats_active_blocks", 0);
    }

    [Fact]
    public async Task ClientThatLeavesBeforeTheFirstToken_GivesItsBlocksBack()
    {
        JsonObject request = BundledModelTests.Story(1);
        request["max_tokens"] = 4000;
        request["ignore_eos"] = true;
        using CancellationTokenSource leaving = new();
        Task<JsonNode> answer = fixture.Chat.AskAsync(request, leaving.Token);
        await ServerMetrics.UntilAsync(fixture.Server.Http, "dynamo_component_running_requests", 1);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);

        await ServerMetrics.UntilAsync(fixture.Server.Http, "dynamo_component_inflight_requests", 0);
        await ServerMetrics.UntilAsync(fixture.Server.Http, "dynamo_component_kvstats_active_blocks", 0);
    }
}
