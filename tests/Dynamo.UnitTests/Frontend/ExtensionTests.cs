using System.Net;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Dynamo's extensions of request and answer (<c>nvext</c>).</summary>
public sealed class ExtensionTests : FrontendTest
{
    private const string AskAll = "\"nvext\":{\"extra_fields\":[\"worker_id\",\"timing\",\"overlap\"]}";

    [Fact]
    public async Task WholeAnswer_TellsWhatWasAskedFor()
    {
        Generator.OnStarted = static sequence => sequence.Emit(DemoModel.Encode("42"), FinishReason.Length, numCachedTokens: 16);

        using HttpResponseMessage response = await ChatAsync(AskAll);

        const string expected = """{"worker_id":{"prefill_worker_id":"0000000000000007","prefill_dp_rank":0,"decode_worker_id":"0000000000000007","decode_dp_rank":0},"overlap":{"predicted_tokens":32,"cached_tokens":16},"timing":{"held_ms":0,"ttft_ms":0,"total_time_ms":0}}""";
        Assert.Equal(expected, (await JsonAsync(response))["nvext"]!.ToJsonString());
    }

    [Fact]
    public async Task Timing_TellsTheTimeForATokenAfterTheFirst()
    {
        Task<HttpResponseMessage> asking = CompleteAsync("\"nvext\":{\"extra_fields\":[\"timing\"]}");
        ScriptedSequence sequence = await Generator.NextAsync();
        Time.Advance(TimeSpan.FromMilliseconds(100));
        sequence.Emit([8, 8], FinishReason.None);
        await UntilMetricAsync("dynamo_frontend_output_tokens_total{model=\"demo\"} 2");
        Time.Advance(TimeSpan.FromMilliseconds(30));
        sequence.Emit([8, 8, 8], FinishReason.Length);

        using HttpResponseMessage response = await asking;

        Assert.Equal("""{"held_ms":0,"ttft_ms":100,"itl_ms":10,"total_time_ms":130}""", (await JsonAsync(response))["nvext"]!["timing"]!.ToJsonString());
    }

    [Fact]
    public async Task Stream_TellsItWithTheEndOfAChoice()
    {
        Generator.OnStarted = static sequence => sequence.Emit("42", FinishReason.Length);

        using HttpResponseMessage response = await ChatAsync("\"stream\":true," + AskAll);

        string[] chunks = [.. (await response.Content.ReadAsStringAsync()).Split('\n').Where(static line => line.Contains("nvext"))];
        Assert.Contains("\"finish_reason\":\"length\"", Assert.Single(chunks));
    }

    [Fact]
    public async Task Annotations_ComeAsNamedEventsBeforeTheAnswer()
    {
        Generator.OnStarted = static sequence => sequence.Emit("42", FinishReason.Length);

        using HttpResponseMessage response = await ChatAsync("\"stream\":true,\"nvext\":{\"annotations\":[\"worker_id\",\"token_ids\",\"formatted_prompt\"]}");

        ScriptedSequence sequence = await Generator.NextAsync();
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n");
        Assert.StartsWith("event: formatted_prompt\ndata: \"", events[0]);
        Assert.Equal($"event: token_ids\ndata: [{string.Join(',', sequence.Spec.PromptTokenIds)}]", events[1]);
        Assert.Equal("event: worker_id\ndata: \"0000000000000007\"", events[2]);
        Assert.StartsWith("data: {", events[3]);
    }

    [Fact]
    public async Task AnswerWithoutTheWish_TellsNothing()
    {
        Generator.OnStarted = static sequence => sequence.Emit("42", FinishReason.Length);

        using HttpResponseMessage response = await ChatAsync();

        Assert.Null((await JsonAsync(response))["nvext"]);
    }

    [Theory]
    [InlineData("\"backend_instance_id\":\"00000000000000ab\"")]
    [InlineData("\"decode_worker_id\":171")]
    [InlineData("\"backend_instance_id\":171,\"decode_worker_id\":\"00000000000000AB\"")]
    [InlineData("\"prefill_worker_id\":\"00000000000000ab\",\"dp_rank\":0,\"prefill_dp_rank\":null")]
    public async Task PinnedWorker_ReachesTheRouter(string fields)
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();

        using HttpResponseMessage response = await ChatAsync($"\"nvext\":{{{fields}}}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(new WorkerId(0xab), (await Generator.NextAsync()).Spec.Pinned);
    }

    [Fact]
    public async Task RouterParameters_ReachTheRouter()
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();

        using HttpResponseMessage response = await ChatAsync(
            "\"nvext\":{\"router_config_override\":{\"overlap_score_credit\":0.1,\"prefill_load_scale\":2,\"router_temperature\":0,\"assume_kv_reuse\":false,\"track_prefill_tokens\":true}}");

        RouteOverrides expected = new() { OverlapScoreCredit = 0.1, PrefillLoadScale = 2, Temperature = 0, AssumeKVReuse = false, TrackPrefillTokens = true };
        Assert.Equal(expected, (await Generator.NextAsync()).Spec.Overrides);
    }

    [Theory]
    [InlineData("\"backend_instance_id\":0", "nvext.backend_instance_id")]
    [InlineData("\"backend_instance_id\":\"ab\"", "nvext.backend_instance_id")]
    [InlineData("\"backend_instance_id\":-1", "nvext.backend_instance_id")]
    [InlineData("\"backend_instance_id\":1,\"decode_worker_id\":2", "nvext.decode_worker_id")]
    [InlineData("\"decode_worker_id\":1,\"prefill_worker_id\":2", "nvext.prefill_worker_id")]
    [InlineData("\"dp_rank\":1", "nvext.dp_rank")]
    [InlineData("\"extra_fields\":\"timing\"", "nvext.extra_fields")]
    [InlineData("\"extra_fields\":[\"engine_data\"]", "nvext.extra_fields[0]")]
    [InlineData("\"annotations\":[\"token_ids\",\"score\"]", "nvext.annotations[1]")]
    [InlineData("\"router_config_override\":{\"router_temperature\":-1}", "nvext.router_config_override.router_temperature")]
    [InlineData("\"router_config_override\":{\"router_temperature\":101}", "nvext.router_config_override.router_temperature")]
    [InlineData("\"router_config_override\":{\"overlap_score_credit\":101}", "nvext.router_config_override.overlap_score_credit")]
    [InlineData("\"router_config_override\":{\"prefill_load_scale\":1e999}", "nvext.router_config_override.prefill_load_scale")]
    [InlineData("\"router_config_override\":{\"overlap_score_weight\":2}", "nvext.router_config_override.overlap_score_weight")]
    [InlineData("\"router_config_override\":{\"assume_kv_reuse\":1}", "nvext.router_config_override.assume_kv_reuse")]
    public async Task BadExtension_IsRefusedNamingTheField(string fields, string param)
    {
        using HttpResponseMessage response = await ChatAsync($"\"nvext\":{{{fields}}}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (string)(await JsonAsync(response))["error"]!["param"]!);
    }
}
