using Dynamo.Protocol.Frames;
using Dynamo.Serving.Streams;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class MetricsTests : FrontendTest
{
    [Fact]
    public async Task Metrics_WhileARequestRuns_ShowItAsQueuedThenInflight()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");
        ScriptedSequence sequence = await Generator.NextAsync();
        string[] queued = await ScrapeAsync();
        sequence.Emit("4");
        await using EventReader events = new(response);
        await events.NextAsync();
        string[] running = await ScrapeAsync();

        Assert.Contains("dynamo_frontend_inflight_requests{model=\"demo\"} 1", queued);
        Assert.Contains("dynamo_frontend_queued_requests{model=\"demo\"} 1", queued);
        Assert.Contains("dynamo_frontend_inflight_requests{model=\"demo\"} 1", running);
        Assert.Contains("dynamo_frontend_queued_requests{model=\"demo\"} 0", running);
    }

    [Fact]
    public async Task Metrics_AfterAnAnswer_CountIt()
    {
        Task<HttpResponseMessage> asking = CompleteAsync(prompt: "[5,6,7]");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit([8], FinishReason.None, numCachedTokens: 2);
        await UntilMetricAsync("dynamo_frontend_output_tokens_total{model=\"demo\"} 1");
        Time.Advance(TimeSpan.FromSeconds(3));
        sequence.Emit([8, 8, 8], FinishReason.Length);
        (await asking).Dispose();

        string[] lines = await UntilMetricAsync("dynamo_frontend_inflight_requests{model=\"demo\"} 0");

        Assert.Contains(
            "dynamo_frontend_requests_total{model=\"demo\",endpoint=\"completions\",request_type=\"unary\",status=\"success\",error_type=\"\"} 1", lines);
        Assert.Contains("dynamo_frontend_requests_started_total{model=\"demo\",endpoint=\"completions\",request_type=\"unary\"} 1", lines);
        Assert.Contains("dynamo_frontend_queued_requests{model=\"demo\"} 0", lines);
        Assert.Contains("dynamo_frontend_output_tokens_total{model=\"demo\"} 4", lines);
        Assert.Contains("dynamo_frontend_input_sequence_tokens_sum{model=\"demo\"} 3", lines);
        Assert.Contains("dynamo_frontend_output_sequence_tokens_sum{model=\"demo\"} 4", lines);
        Assert.Contains("dynamo_frontend_cached_tokens_sum{model=\"demo\"} 2", lines);
        Assert.Contains("dynamo_frontend_request_duration_seconds_sum{model=\"demo\"} 3", lines);
        Assert.Contains("dynamo_frontend_time_to_first_token_seconds_sum{model=\"demo\"} 0", lines);
        Assert.Contains("dynamo_frontend_time_to_first_token_seconds_count{model=\"demo\"} 1", lines);

        // Three tokens in three seconds, one second each.
        Assert.Contains("dynamo_frontend_inter_token_latency_seconds_sum{model=\"demo\"} 3", lines);
        Assert.Contains("dynamo_frontend_inter_token_latency_seconds_count{model=\"demo\"} 3", lines);
        Assert.Contains("dynamo_frontend_inter_token_latency_seconds_bucket{model=\"demo\",le=\"80\"} 3", lines);

        // The names of Dynamo's router, of the same requests.
        const string router = "{model=\"demo\",dynamo_namespace=\"dynamo\",dynamo_component=\"router\",worker_id=\"local\",router_id=\"local\"} ";
        Assert.Contains("dynamo_component_router_time_to_first_token_seconds_count" + router + "1", lines);
        Assert.Contains("dynamo_component_router_inter_token_latency_seconds_sum" + router + "3", lines);
        Assert.Contains("dynamo_component_router_output_sequence_tokens_sum" + router + "4", lines);
    }

    [Fact]
    public async Task Metrics_OfTheModel_AreItsLimits()
    {
        string[] lines = await ScrapeAsync();

        Assert.Contains("dynamo_frontend_model_ready{model=\"demo\"} 1", lines);
        Assert.Contains("dynamo_frontend_model_total_kv_blocks{model=\"demo\"} 100", lines);
        Assert.Contains("dynamo_frontend_model_max_num_seqs{model=\"demo\"} 8", lines);
        Assert.Contains("dynamo_frontend_model_max_num_batched_tokens{model=\"demo\"} 256", lines);
        Assert.Contains("dynamo_frontend_model_context_length{model=\"demo\"} 512", lines);
        Assert.Contains("dynamo_frontend_model_kv_cache_block_size{model=\"demo\"} 16", lines);
    }

    [Fact]
    public async Task Metrics_ModelGone_ItsGaugesAreGone()
    {
        await ScrapeAsync();
        Host.Catalog.Models = [];

        Assert.DoesNotContain(await ScrapeAsync(), static line => line.StartsWith("dynamo_frontend_model_ready{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_Refusals_AreCountedByKind()
    {
        (await ChatAsync("\"temperature\":9")).Dispose();
        Generator.Admit = static (_, _) => throw new OverloadedException("busy", TimeSpan.FromSeconds(1));
        (await ChatAsync("\"stream\":true")).Dispose();
        Generator.Admit = static (_, _) => throw new NoWorkerException("nobody");
        (await ChatAsync()).Dispose();
        (await Host.SendAsync("/v1/completions", """{"model":"invented by a client","prompt":"x"}""")).Dispose();

        string[] lines = await UntilMetricAsync("dynamo_frontend_inflight_requests{model=\"demo\"} 0");

        const string chat = "dynamo_frontend_requests_total{model=\"demo\",endpoint=\"chat_completions\"";
        Assert.Contains(chat + ",request_type=\"unary\",status=\"error\",error_type=\"validation\"} 1", lines);
        Assert.Contains(chat + ",request_type=\"stream\",status=\"error\",error_type=\"overload\"} 1", lines);
        Assert.Contains(chat + ",request_type=\"unary\",status=\"error\",error_type=\"unavailable\"} 1", lines);
        Assert.Contains("dynamo_frontend_model_rejection_total{model=\"demo\",endpoint=\"chat_completions\"} 1", lines);
        Assert.Contains(
            "dynamo_frontend_requests_total{model=\"unknown\",endpoint=\"completions\",request_type=\"unary\",status=\"error\",error_type=\"not_found\"} 1", lines);
        Assert.DoesNotContain(lines, static line => line.Contains("invented", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_ClientLeaves_IsACancellation()
    {
        HttpResponseMessage response = await ChatAsync("\"stream\":true");
        await Generator.NextAsync();
        response.Dispose();

        string[] lines = await UntilMetricAsync("dynamo_frontend_disconnected_clients 1");

        Assert.Contains("dynamo_frontend_model_cancellation_total{model=\"demo\",endpoint=\"chat_completions\",request_type=\"stream\"} 1", lines);
    }
}
