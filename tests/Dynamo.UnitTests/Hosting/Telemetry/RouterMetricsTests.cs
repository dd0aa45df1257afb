using Dynamo.Cluster.Events;
using Dynamo.Cluster.Routing;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Workers;
using Dynamo.Serving.Dispatch;
using Dynamo.Serving.Migration;
using Dynamo.UnitTests.Frontend.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dynamo.UnitTests.Hosting.Telemetry;

/// <summary>One router that has done a little, as Prometheus sees it.</summary>
public sealed class RouterMetricsTests : FrontendTest
{
    private const string Process = "dynamo_namespace=\"dynamo\",dynamo_component=\"router\",worker_id=\"local\",router_id=\"local\"";

    private RouterInstruments Router => Host.Services.GetRequiredService<RouterInstruments>();

    [Theory]
    [InlineData("dynamo_component_router_requests_started_total{model=\"demo\"," + Process + "} 3")]
    [InlineData("dynamo_component_router_requests_total{model=\"demo\"," + Process + "} 2")]
    [InlineData("dynamo_component_router_rejected_requests_total{model=\"demo\"," + Process + "} 1")]
    [InlineData("dynamo_component_router_prompt_tokens_total{model=\"demo\"," + Process + "} 1000")]
    [InlineData("dynamo_component_router_overlap_tokens_total{model=\"demo\"," + Process + "} 640")]
    [InlineData("dynamo_component_router_non_max_overlap_selections_total{model=\"demo\"," + Process + "} 1")]
    [InlineData("dynamo_component_router_kv_event_source_mismatch_workers{" + Process + "} 2")]
    [InlineData("dynamo_component_kv_cache_events_applied{model=\"demo\",event_type=\"stored\",status=\"ok\"," + Process + "} 30")]
    [InlineData("dynamo_component_kv_cache_events_applied{model=\"demo\",event_type=\"removed\",status=\"ok\"," + Process + "} 20")]
    [InlineData("dynamo_component_kv_cache_events_applied{model=\"demo\",event_type=\"cleared\",status=\"ok\"," + Process + "} 1")]
    [InlineData("dynamo_component_router_kv_event_gaps_total{model=\"demo\"," + Process + "} 4")]
    [InlineData("dynamo_component_router_kv_event_lists_total{model=\"demo\"," + Process + "} 3")]
    [InlineData("dynamo_component_router_kv_hit_rate_sum{model=\"demo\"," + Process + "} 1.1")]
    [InlineData("dynamo_component_router_kv_hit_rate_bucket{model=\"demo\"," + Process + ",le=\"0.1\"} 1")]
    [InlineData("dynamo_component_router_kv_hit_rate_bucket{model=\"demo\"," + Process + ",le=\"1\"} 2")]
    [InlineData("dynamo_component_router_input_sequence_tokens_sum{model=\"demo\"," + Process + "} 1000")]
    [InlineData("dynamo_router_overhead_block_hashing_ms_sum{model=\"demo\",router_id=\"local\"} 0.5")]
    [InlineData("dynamo_router_overhead_scheduling_ms_count{model=\"demo\",router_id=\"local\"} 3")]
    [InlineData("dynamo_router_overhead_total_ms_sum{model=\"demo\",router_id=\"local\"} 2")]
    [InlineData("dynamo_frontend_model_migration_total{model=\"demo\",migration_type=\"ongoing_request\"} 1")]
    [InlineData("dynamo_frontend_model_inexact_migration_total{model=\"demo\",reason=\"other_class\"} 2")]
    [InlineData("dynamo_frontend_model_inexact_migration_total{model=\"demo\",reason=\"inexact\"} 1")]
    [InlineData("dynamo_frontend_router_queue_pending_requests{model=\"demo\",worker_type=\"decode\",policy_class=\"default\"} 3")]
    [InlineData("dynamo_frontend_router_queue_pending_isl_tokens{model=\"demo\",worker_type=\"decode\",policy_class=\"default\"} 900")]
    [InlineData("dynamo_frontend_worker_active_decode_blocks{model=\"demo\",worker_id=\"00000000000000ab\",dp_rank=\"0\",worker_type=\"decode\"} 12")]
    [InlineData("dynamo_frontend_worker_active_prefill_tokens{model=\"demo\",worker_id=\"00000000000000ab\",dp_rank=\"0\",worker_type=\"decode\"} 70")]
    public async Task WhatTheRouterHasDoneAndKnows_HasDynamosNamesAndLabels(string line)
    {
        Fill();

        Assert.Contains(line, await ScrapeAsync());
    }

    [Fact]
    public async Task RouterThatHasLeft_LeavesNothingBehind_AndASuccessorCountsAnew()
    {
        EventCounts first = new() { NumGaps = 4 };
        Router.Add(DemoModel.Name, first);
        Router.Show(Status());
        await ScrapeAsync();

        Router.Remove(DemoModel.Name, first);
        string[] without = await ScrapeAsync();
        Router.Add(DemoModel.Name, new EventCounts { NumGaps = 9 });
        await ScrapeAsync();
        Router.Add(DemoModel.Name, new EventCounts { NumGaps = 1 });

        Assert.DoesNotContain(without, static line => line.StartsWith("dynamo_component_router_kv_event_gaps_total{", StringComparison.Ordinal));
        Assert.DoesNotContain(without, static line => line.StartsWith("dynamo_frontend_worker_active_decode_blocks{", StringComparison.Ordinal));
        Assert.Contains("dynamo_component_router_kv_event_gaps_total{model=\"demo\"," + Process + "} 1", await ScrapeAsync());
    }

    private static RouterStatus Status() => new()
    {
        Model = DemoModel.Name,
        NumHeld = 3,
        NumHeldTokens = 900,
        Workers = [new WorkerLoad(new WorkerId(0xab), NumLive: 5, NumQueued: 2, QueuedTokens: 70, UsedBlocks: 12, NumBlocks: 100, StepSpeed.Initial)],
    };

    private void Fill()
    {
        Router.Add(DemoModel.Name, new EventCounts { NumStored = 30, NumRemoved = 20, NumCleared = 1, NumGaps = 4, NumLists = 3, NumMismatched = 2 });
        Router.Show(Status());
        Decided(RouteStatus.Routed, 600, 600, 600, TimeSpan.FromMilliseconds(1));
        Decided(RouteStatus.Held, 400, 0, 0, TimeSpan.FromMilliseconds(1));
        Decided(RouteStatus.Routed, 400, 40, 80, took: null);
        Decided(RouteStatus.Overloaded, 50, 0, 0, TimeSpan.FromMilliseconds(1));
        Host.Services.GetRequiredService<DispatchInstruments>().OnAsked(DemoModel.Name, TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(2));
        MigrationInstruments moves = Host.Services.GetRequiredService<MigrationInstruments>();
        moves.OnMoved(DemoModel.Name, hadTokens: true);
        moves.OnInexactMove(DemoModel.Name, isOtherClass: true);
        moves.OnInexactMove(DemoModel.Name, isOtherClass: true);
        moves.OnInexactMove(DemoModel.Name, isOtherClass: false);

        void Decided(RouteStatus status, int numPrompt, int numOverlap, int numMost, TimeSpan? took) =>
            Router.OnDecided(DemoModel.Name, new RoutingOutcome(status, numPrompt, numOverlap, numMost, took));
    }
}
