using System.Net;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class BusyThresholdTests : FrontendTest
{
    [Fact]
    public async Task Get_ListsAllModels() =>
        Assert.Equal(
            """{"thresholds":[{"model":"demo","active_decode_blocks_threshold":null,"active_prefill_tokens_threshold":1000,"active_prefill_tokens_threshold_frac":null}]}""",
            await Host.Client.GetStringAsync("/busy_threshold"));

    [Fact]
    public async Task Post_SetsWhatIsGivenAndLeavesTheRest()
    {
        using HttpResponseMessage response = await Host.SendAsync(
            "/busy_threshold", """{"model":"demo","active_decode_blocks_threshold":0.85,"active_prefill_tokens_threshold_frac":1.5}""");

        Assert.Equal(
            """{"model":"demo","active_decode_blocks_threshold":0.85,"active_prefill_tokens_threshold":1000,"active_prefill_tokens_threshold_frac":1.5}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Post_OfAModelAlone_AnswersWhatHolds()
    {
        using HttpResponseMessage response = await Host.SendAsync("/busy_threshold", """{"model":"demo","active_decode_blocks_threshold":null}""");

        Assert.Equal(1000, (int)(await JsonAsync(response))["active_prefill_tokens_threshold"]!);
    }

    [Fact]
    public async Task Delete_LeavesItToTheFlags()
    {
        using HttpResponseMessage response = await Host.Client.DeleteAsync("/busy_threshold?model=demo");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(Host.Admin.Busy);
    }

    [Theory]
    [InlineData("""{"model":"other","active_prefill_tokens_threshold":5}""", HttpStatusCode.NotFound, "model")]
    [InlineData("""{"model":"other"}""", HttpStatusCode.NotFound, "model")]
    [InlineData("""{"active_prefill_tokens_threshold":5}""", HttpStatusCode.BadRequest, "model")]
    [InlineData("""{"model":"demo","active_prefill_tokens_threshold":-1}""", HttpStatusCode.BadRequest, "active_prefill_tokens_threshold")]
    [InlineData("""{"model":"demo","active_decode_blocks_threshold":1.1}""", HttpStatusCode.BadRequest, "active_decode_blocks_threshold")]
    [InlineData("""{"model":"demo","active_decode_block_threshold":0.5}""", HttpStatusCode.BadRequest, "active_decode_block_threshold")]
    [InlineData("""{"model":"demo","active_prefill_tokens_threshold_frac":"much"}""", HttpStatusCode.BadRequest, "active_prefill_tokens_threshold_frac")]
    public async Task Post_OfNonsense_IsRefusedNamingTheParameterAndChangesNothing(string body, HttpStatusCode status, string param)
    {
        using HttpResponseMessage response = await Host.SendAsync("/busy_threshold", body);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(param, (string)(await JsonAsync(response))["error"]!["param"]!);
        Assert.Equal(1000, Host.Admin.Busy!.ActivePrefillTokens);
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("?model=other", HttpStatusCode.NotFound)]
    public async Task Delete_OfNothing_IsRefused(string query, HttpStatusCode status)
    {
        using HttpResponseMessage response = await Host.Client.DeleteAsync("/busy_threshold" + query);

        Assert.Equal(status, response.StatusCode);
    }
}
