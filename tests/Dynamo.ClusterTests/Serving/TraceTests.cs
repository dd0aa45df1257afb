using System.Collections.Concurrent;
using System.Diagnostics;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Dynamo.Serving.Streams;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

public sealed class TraceTests : IDisposable
{
    private static readonly ActivitySource Source = new("Test");

    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public TraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source == Source || source.Name.StartsWith("Dynamo.", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task TracedRequest_IsOneTraceThroughFrontendRouterWorkerAndTheEnginesSteps()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend, SiloRoles.Worker]);
        using Activity request = Source.StartActivity("request")!;
        await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1), CancellationToken.None);
        await Sequences.ReadAsync(stream);
        await cluster.UntilAsync(() => Of(request).Length == 6, "six spans");

        Assert.Equal(["decide < route", "decode < generate", "dispatch < request", "generate < dispatch", "prefill < generate", "route < dispatch"], Lines(request));
        Assert.Equal("Routed", Tag("decide", "dynamo.route.status"));
        Assert.Equal(20, Tag("generate", "gen_ai.usage.output_tokens"));
        Assert.Equal("Finished", Tag("generate", "dynamo.end"));
        Assert.Equal(19, (long)Tag("decode", "dynamo.engine.last_step")! - (long)Tag("decode", "dynamo.engine.first_step")!);
        Assert.Equal(Tag("prefill", "dynamo.engine.last_step"), Tag("decode", "dynamo.engine.first_step"));

        object? Tag(string span, string tag) => Assert.Single(Of(request), activity => activity.OperationName == span).GetTagItem(tag);
    }

    [Fact]
    public async Task RequestThatMoves_HasADispatchForEachWorker_LinkedToTheOneBefore()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker], gate: gate);
        using Activity request = Source.StartActivity("request")!;
        await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1), CancellationToken.None);
        Task reading = Sequences.ReadAsync(stream);
        gate.Allow(5);
        await cluster.UntilAsync(() => cluster.Engines.Sum(static engine => engine.Load()!.Step) >= 5, "5 steps");
        Task drain = cluster.Engines.Single(static engine => engine.Load()!.NumRunning > 0).DrainAsync(TimeSpan.Zero, CancellationToken.None);
        gate.Open();
        await Task.WhenAll(drain, reading);
        await cluster.UntilAsync(() => Of(request).Count(static span => span.OperationName == "generate") == 2, "both workers' spans");

        Activity[] dispatches = [.. Of(request).Where(static span => span.OperationName == "dispatch").OrderBy(static span => span.StartTimeUtc)];
        Assert.Equal(2, dispatches.Length);
        Assert.Empty(dispatches[0].Links);
        Assert.Equal(dispatches[0].Context, Assert.Single(dispatches[1].Links).Context);
        Assert.Equal(["GivenBack 1", "Finished 2"], Of(request).Where(static span => span.OperationName == "generate").OrderBy(static span => span.StartTimeUtc)
            .Select(static span => $"{span.GetTagItem("dynamo.end")} {span.GetTagItem("dynamo.attempt")}"));
    }

    [Fact]
    public async Task RequestThatIsNotTraced_MakesNoSpanAnywhere()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend | SiloRoles.Worker]);
        using Activity other = Source.StartActivity("other")!;
        await using (ISequenceStream stream = await Untraced(() => cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1), CancellationToken.None)))
        {
            await Sequences.ReadAsync(stream);
        }

        Assert.Empty(Of(other));

        static Task<T> Untraced<T>(Func<Task<T>> start)
        {
            Activity? current = Activity.Current;
            Activity.Current = null;
            try
            {
                return start();
            }
            finally
            {
                Activity.Current = current;
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    // Spans of other tests run beside.
    private Activity[] Of(Activity request) => [.. _spans.Where(span => span.TraceId == request.TraceId && span != request)];

    private string[] Lines(Activity request) => [.. Of(request)
        .Select(span => $"{span.OperationName} < {(span.ParentSpanId == request.SpanId ? "request" : Of(request).SingleOrDefault(parent => parent.SpanId == span.ParentSpanId)?.OperationName)}")
        .Order(StringComparer.Ordinal)];
}
