using Dynamo.Frontend.Metrics;
using Dynamo.Protocol.Frames;
using Dynamo.Serving.Streams;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class MetricsTests : FrontendTest
{
    [Fact]
    public async Task Metrics_WorkersThatTellNothingOfTheirCache_AreCounted() =>
        Assert.Contains("dynamo_component_router_kv_event_source_mismatch_workers 2", await ScrapeAsync());

    [Theory]
    [InlineData("dynamo_component_router_requests_started_total{model=\"demo\"} 3")]
    [InlineData("dynamo_component_router_requests_total{model=\"demo\"} 2")]
    [InlineData("dynamo_component_router_rejected_requests_total{model=\"demo\"} 1")]
    [InlineData("dynamo_component_router_prompt_tokens_total{model=\"demo\"} 1000")]
    [InlineData("dynamo_component_router_overlap_tokens_total{model=\"demo\"} 640")]
    [InlineData("dynamo_component_router_non_max_overlap_selections_total{model=\"demo\"} 1")]
    [InlineData("dynamo_component_kv_cache_events_applied{model=\"demo\",event_type=\"stored\",status=\"ok\"} 30")]
    [InlineData("dynamo_component_kv_cache_events_applied{model=\"demo\",event_type=\"removed\",status=\"ok\"} 20")]
    [InlineData("dynamo_component_kv_cache_events_applied{model=\"demo\",event_type=\"cleared\",status=\"ok\"} 1")]
    [InlineData("dynamo_component_router_kv_event_gaps_total{model=\"demo\"} 4")]
    [InlineData("dynamo_component_router_kv_event_lists_total{model=\"demo\"} 3")]
    [InlineData("dynamo_component_router_kv_hit_rate_sum{model=\"demo\"} 1.1")]
    [InlineData("dynamo_component_router_kv_hit_rate_bucket{model=\"demo\",le=\"0.1\"} 1")]
    [InlineData("dynamo_component_router_kv_hit_rate_bucket{model=\"demo\",le=\"1\"} 2")]
    [InlineData("dynamo_component_router_input_sequence_tokens_sum{model=\"demo\"} 1000")]
    [InlineData("dynamo_router_overhead_block_hashing_ms_sum{model=\"demo\"} 0.5")]
    [InlineData("dynamo_router_overhead_scheduling_ms_count{model=\"demo\"} 3")]
    [InlineData("dynamo_router_overhead_total_ms_sum{model=\"demo\"} 2")]
    [InlineData("dynamo_frontend_model_inexact_migration_total{model=\"demo\",reason=\"other_class\"} 2")]
    [InlineData("dynamo_frontend_model_inexact_migration_total{model=\"demo\",reason=\"inexact\"} 1")]
    [InlineData("dynamo_frontend_router_queue_pending_requests{model=\"demo\",worker_type=\"decode\"} 3")]
    [InlineData("dynamo_frontend_router_queue_pending_isl_tokens{model=\"demo\",worker_type=\"decode\"} 900")]
    [InlineData("dynamo_frontend_worker_active_decode_blocks{model=\"demo\",worker_id=\"00000000000000ab\",dp_rank=\"0\",worker_type=\"decode\"} 12")]
    [InlineData("dynamo_frontend_worker_active_prefill_tokens{model=\"demo\",worker_id=\"00000000000000ab\",dp_rank=\"0\",worker_type=\"decode\"} 70")]
    public async Task Metrics_ShowWhatTheRouterHasDoneAndKnows(string line) => Assert.Contains(line, await ScrapeAsync());

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
        Assert.Contains("dynamo_component_router_time_to_first_token_seconds_count{model=\"demo\"} 1", lines);
        Assert.Contains("dynamo_component_router_inter_token_latency_seconds_sum{model=\"demo\"} 3", lines);
        Assert.Contains("dynamo_component_router_output_sequence_tokens_sum{model=\"demo\"} 4", lines);
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

    [Fact]
    public void LogBuckets_AreDynamos()
    {
        Assert.Equal([0, 2, 4, 8, 16, 32, 64, 130, 260, 510], LogBuckets.Create(1, 512, 10));
        Assert.Equal([0, 100, 210, 430, 870, 1800, 3600, 7400, 15_000, 31_000, 63_000, 130_000], LogBuckets.Create(50, 128_000, 12));
        Assert.Equal(18, LogBuckets.Create(0.001, 480, 18).Length);
        Assert.Equal(0.0022, LogBuckets.Create(0.001, 480, 18)[1]);
    }
}
