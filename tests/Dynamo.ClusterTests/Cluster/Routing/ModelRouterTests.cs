using System.Net;
using System.Text.Json.Nodes;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Routing;
using Dynamo.ClusterTests.Cluster.Events;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Workers;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Routing;

public sealed class ModelRouterTests
{
    private static readonly WorkerId One = new(1);
    private static readonly WorkerId Two = new(2);

    private readonly FakeTimeProvider _time = new();
    private readonly List<RoutingOutcome> _outcomes = [];
    private readonly Guid _incarnation = Guid.NewGuid();
    private long _version;

    [Fact]
    public void PrefixThatAWorkerHolds_GoesThere()
    {
        ModelRouter router = Create(One, Two);
        router.Stored(Two, null, Keys(10, 11, 12));

        RouteDecision decision = router.Route(Request(10, 11, 12, 13));

        Assert.Equal((RouteStatus.Routed, Two, 12), (decision.Status, decision.Worker, decision.NumOverlapTokens));
        Assert.Equal(Two.Value, (ulong)InstanceKey.Parse(decision.Instance!).Generation);
    }

    [Fact]
    public void Move_PrefersItsNumericsClass_AndTheDecisionTellsTheWorkers()
    {
        ModelRouter router = Create(One, Two);
        InstanceReport two = Instance(Two);
        router.Update(View(Instance(One), two with { Limits = two.Limits! with { NumericsClass = "other" } }));
        router.Stored(One, null, Keys(10, 11, 12));
        RouteRequest move = Request(10, 11, 12) with { IsMove = true, NumericsClass = "other" };

        RouteDecision inClass = router.Route(move);
        RouteDecision elsewhere = router.Route(move with { Excluded = [Two] });

        Assert.Equal((Two, "other"), (inClass.Worker, inClass.NumericsClass));
        Assert.Equal((RouteStatus.Routed, One, "test"), (elsewhere.Status, elsewhere.Worker, elsewhere.NumericsClass));
        JsonNode told = JsonNode.Parse(router.Explain(null, 1))![0]!["decision"]!;
        Assert.Equal(("other", "test"), ((string)told["preferred_class"]!, (string)told["candidates"]![0]!["numerics_class"]!));
    }

    [Fact]
    public void BlocksOfAnotherSize_AreNoneOfIts()
    {
        ModelRouter router = Create(One, Two);
        router.Stored(Two, null, Keys(10, 11, 12));

        RouteDecision decision = router.Route(Request(10, 11, 12, 13) with { BlockSize = 8 });

        Assert.Equal((RouteStatus.Routed, 0), (decision.Status, decision.NumOverlapTokens));
    }

    [Fact]
    public void BeforeAnyWorkerIsReady_ItSaysWhatTheyDo()
    {
        ModelRouter router = new(new RouterOptions { BlockSize = 1 }, new Random(1), _time, _outcomes.Add);
        router.Update(View(Instance(One) with { State = InstanceState.Loading, Limits = null }));

        RouteDecision decision = router.Route(Request(10));

        Assert.Equal((RouteStatus.Unavailable, 1), (decision.Status, decision.NumWorkers));
        Assert.Contains("1 loading", decision.Reason);
    }

    [Fact]
    public void WorkerThatIsGone_TakesWhatItHeldAlong()
    {
        ModelRouter router = Create(One, Two);
        router.Stored(Two, null, Keys(10, 11, 12));
        router.Update(View(Instance(One)));
        router.Update(View(Instance(One), Instance(Two)));

        Assert.Equal(0, router.Route(Request(10, 11, 12)).NumOverlapTokens);
        Assert.Equal(0, router.NumBlocks(Two));
    }

    [Fact]
    public async Task HeldRequest_IsToldWhenAFirstTokenMakesRoom()
    {
        ModelRouter router = Holding();
        RouteRequest first = Request(1);
        RouteRequest second = Request(2);
        Assert.Equal(RouteStatus.Routed, router.Route(first).Status);
        Assert.Equal(RouteStatus.Held, router.Route(second).Status);
        Assert.Equal(1, router.NumHeld);

        Task<RouteDecision?> waiting = router.WaitAsync(second.Request, CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        router.Notify([new SequenceEvent(first.Request, SequenceEventKind.FirstToken)]);

        RouteDecision released = (await waiting)!;
        Assert.Equal((RouteStatus.Routed, One, 20.0), (released.Status, released.Worker, released.HeldMilliseconds));
        Assert.Null(await router.WaitAsync(second.Request, CancellationToken.None));
    }

    [Fact]
    public async Task HeldRequest_IsStillHeldAfterSomeSeconds()
    {
        ModelRouter router = Holding();
        router.Route(Request(1));
        RouteRequest held = Request(2);
        router.Route(held);

        Task<RouteDecision?> waiting = router.WaitAsync(held.Request, CancellationToken.None);
        _time.Advance(HeldWaits.Timeout);

        Assert.Equal(RouteStatus.Held, (await waiting)!.Status);
    }

    [Fact]
    public async Task HeldRequestThatNobodyWaitsFor_IsGivenUp()
    {
        ModelRouter router = Holding();
        router.Route(Request(1));
        RouteRequest held = Request(2);
        router.Route(held);

        _time.Advance(HeldWaits.AbandonTimeout);
        router.Tick();

        Assert.Equal(0, router.NumHeld);
        Assert.Null(await router.WaitAsync(held.Request, CancellationToken.None));
    }

    [Fact]
    public async Task HeldRequestWhoseClientLeft_IsNotSent()
    {
        ModelRouter router = Holding();
        RouteRequest first = Request(1);
        RouteRequest held = Request(2);
        router.Route(first);
        router.Route(held);
        Task<RouteDecision?> waiting = router.WaitAsync(held.Request, CancellationToken.None);

        router.Notify([new SequenceEvent(held.Request, SequenceEventKind.Ended), new SequenceEvent(first.Request, SequenceEventKind.Ended)]);

        Assert.Null(await waiting);
        Assert.Equal(RouteStatus.Routed, router.Route(Request(3)).Status);
    }

    [Fact]
    public async Task HeldRequestWhoseCallerCancels_LeavesTheQueueAtOnce()
    {
        ModelRouter router = Holding();
        RouteRequest first = Request(1);
        RouteRequest held = Request(2);
        router.Route(first);
        router.Route(held);
        using CancellationTokenSource caller = new();
        Task<RouteDecision?> waiting = router.WaitAsync(held.Request, caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, router.NumHeld);
        Assert.Null(await router.WaitAsync(held.Request, CancellationToken.None));
        router.Notify([new SequenceEvent(first.Request, SequenceEventKind.Ended)]);
        Assert.Equal(RouteStatus.Routed, router.Route(Request(3)).Status);
    }

    [Fact]
    public async Task HeldRequestThatIsRoutedAnew_IsNotTakenBackByTheCallThatWaitedBefore()
    {
        ModelRouter router = Holding();
        router.Route(Request(1));
        RouteRequest held = Request(2);
        router.Route(held);
        using CancellationTokenSource before = new();
        Task<RouteDecision?> waiting = router.WaitAsync(held.Request, before.Token);

        Assert.Equal(RouteStatus.Held, router.Route(held).Status);
        Assert.Null(await waiting);
        await before.CancelAsync();

        Assert.Equal(1, router.NumHeld);
    }

    [Fact]
    public void SequenceThatAWorkerDoesNotName_IsTakenToBeGoneAfterAGrace()
    {
        ModelRouter router = Holding();
        RouteRequest first = Request(1);
        router.Route(first);
        _time.Advance(TimeSpan.FromSeconds(4));
        router.Alive(One, []);
        Assert.Equal(RouteStatus.Held, router.Route(Request(2)).Status);

        router.Alive(One, [first.Request]);
        _time.Advance(TimeSpan.FromSeconds(4));
        router.Alive(One, []);
        Assert.Equal(1, router.NumHeld);

        _time.Advance(TimeSpan.FromSeconds(2));
        router.Alive(One, []);
        Assert.Equal(0, router.NumHeld);
    }

    [Fact]
    public void FirstTokenThatIsToldBeforeWhereItsRequestRuns_IsMadeUpForByTheWorker()
    {
        ModelRouter router = Holding();
        RouteRequest first = Request(1);
        router.Notify([new SequenceEvent(first.Request, SequenceEventKind.FirstToken)]);
        router.Route(first with { RunsAt = One });
        Assert.Equal(RouteStatus.Held, router.Route(Request(2)).Status);
        LoadReport load = new ScriptedWorker(id: One, generation: 1).Load();
        _time.Advance(TimeSpan.FromSeconds(1));

        router.Reported(load with { NumQueuedPrefillTokens = 5 });
        router.Alive(One, [first.Request]);
        Assert.Equal(1, router.NumHeld);

        router.Reported(load with { NumQueuedPrefillTokens = 0 });
        router.Alive(One, [first.Request]);
        Assert.Equal(0, router.NumHeld);
    }

    [Fact]
    public void Explanation_HasEveryWorkerWithItsTerms_NewestFirst()
    {
        ModelRouter router = Create(One, Two);
        router.Stored(Two, null, Keys(10));
        router.Route(Request(5) with { Name = "first" });
        router.Route(Request(10, 11) with { Name = "second" });

        JsonArray all = JsonNode.Parse(router.Explain(null, 10))!.AsArray();
        Assert.Equal(["second", "first"], all.Select(static entry => (string)entry!["response"]!));
        JsonNode second = Assert.Single(JsonNode.Parse(router.Explain("second", 10))!.AsArray())!["decision"]!;
        Assert.Equal(("routed", $"{Two}", 1), ((string)second["status"]!, (string)second["worker"]!, (int)second["overlap_blocks"]!));
        JsonArray candidates = second["candidates"]!.AsArray();
        Assert.Equal([$"{Two}", $"{One}"], candidates.Select(static candidate => (string)candidate!["worker"]!));
        Assert.True((double)candidates[0]!["time"]!["total"]! < (double)candidates[1]!["time"]!["total"]!);
    }

    private ModelRouter Holding()
    {
        ModelRouter router = new(new RouterOptions { BlockSize = 1, Hold = new HoldOptions { MaxQueued = 1 } }, new Random(1), _time, _outcomes.Add);
        router.Update(View(Instance(One)));
        return router;
    }

    [Fact]
    public void BusyLimits_AreWhatWasSetAndElseTheOptions()
    {
        ModelRouter router = new(
            new RouterOptions { BlockSize = 1, Busy = new BusyLimits { ActivePrefillTokens = 4, ActivePrefillTokensFraction = 9 } }, new Random(1), _time, _outcomes.Add);
        router.Update(View(Instance(One)));
        Assert.Equal(RouteStatus.Routed, router.Route(Request(10)).Status);
        Assert.Equal(RouteStatus.Overloaded, router.Route(Request(20)).Status);

        router.Update(View(Instance(One)) with { Busy = new BusyLimits { ActivePrefillTokens = 5 } });

        Assert.Equal(new BusyLimits { ActivePrefillTokens = 5, ActivePrefillTokensFraction = 9 }, router.Busy);
        Assert.Equal(RouteStatus.Routed, router.Route(Request(30)).Status);
    }

    [Fact]
    public void Outcomes_SayWhatEachRequestFoundAndHowLongItTook()
    {
        ModelRouter router = Create(One);
        router.Stored(One, null, Keys(10, 11));

        router.Route(Request(10, 11, 12));

        Assert.Equal([new RoutingOutcome(RouteStatus.Routed, 13, 8, 8, TimeSpan.Zero)], _outcomes);
    }

    [Fact]
    public void Reported_NewGeneration_CountsItsStepsAnew()
    {
        ModelRouter router = Create(One);
        LoadReport load = new ScriptedWorker(id: One, generation: 1).Load();
        router.Reported(load with { Step = 100, NumUsedBlocks = 5 });
        router.Reported(load with { Step = 99, NumUsedBlocks = 6 });
        Assert.Equal(5, router.Status("m").Workers[0].UsedBlocks);

        router.Reported(load with { Generation = 2, Step = 1, NumUsedBlocks = 7 });
        Assert.Equal(7, router.Status("m").Workers[0].UsedBlocks);
    }

    [Fact]
    public void Reported_BlocksFreedWithoutAStep_TheWorkerIsNotBusyAnyMore()
    {
        ModelRouter router = new(new RouterOptions { BlockSize = 1, Busy = new BusyLimits { ActiveDecodeBlocks = 0.5 } }, new Random(1), _time, _outcomes.Add);
        router.Update(View(Instance(One)));
        LoadReport load = new ScriptedWorker(id: One, generation: 1).Load() with { NumTotalBlocks = 100, LastStepPrefillTokens = 64, LastStepMicroseconds = 1000 };
        router.Reported(load with { NumUsedBlocks = 60 });
        Assert.Equal(RouteStatus.Overloaded, router.Route(Request(10)).Status);
        StepSpeed learnt = router.Status("m").Workers[0].Speed;

        // All clients left: the engine is idle, and its last step is the one before.
        router.Reported(load with { NumUsedBlocks = 0 });
        Assert.Equal(RouteStatus.Routed, router.Route(Request(10)).Status);
        Assert.Equal(learnt, router.Status("m").Workers[0].Speed);

        router.Reported(load with { Step = 0, NumUsedBlocks = 60 });
        Assert.Equal(2, router.Status("m").Workers[0].UsedBlocks);
    }

    [Fact]
    public void Gone_TakesWhatTheWorkerHeldAlong()
    {
        ModelRouter router = Create(One);
        router.Stored(One, null, Keys(10, 11));

        router.Gone(One);

        Assert.Equal(0, router.NumBlocks(One));
    }

    [Fact]
    public void IsOutlived_OnceNoWorkerHasBlocksOfItsSize()
    {
        ModelRouter router = Create(One, Two);
        InstanceReport other = Instance(Two);
        other = other with { Limits = other.Limits! with { BlockSize = 8 } };
        router.Update(View(Instance(One), other));
        Assert.False(router.IsOutlived);
        Assert.Equal(4, router.BlockSize);
        Assert.Equal([8], router.OtherBlockSizes);
        router.Update(View(Instance(One) with { Limits = null, State = InstanceState.Loading }, other));
        Assert.True(router.IsOutlived);
        router.Update(View());
        Assert.False(router.IsOutlived);
    }

    private ModelRouter Create(params WorkerId[] workers)
    {
        ModelRouter router = new(new RouterOptions { BlockSize = 1 }, new Random(1), _time, _outcomes.Add);
        router.Update(View([.. workers.Select(Instance)]));
        return router;
    }

    private static BlockKey[] Keys(params ulong[] values) => [.. values.Select(static value => new BlockKey(value))];

    private static RouteRequest Request(params ulong[] blocks) => new() { Request = RequestId.New(), Blocks = Keys(blocks), BlockSize = 4, NumTokens = (4 * blocks.Length) + 1 };

    private ModelView View(params InstanceReport[] instances) => new()
    {
        Model = "m",
        Created = DateTimeOffset.UnixEpoch,
        Incarnation = _incarnation,
        Version = ++_version,
        IsComplete = true,
        Instances = instances,
    };

    private static InstanceReport Instance(WorkerId worker) => new()
    {
        Key = new InstanceKey("m", SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000), 1), (long)worker.Value),
        Worker = worker,
        State = InstanceState.Ready,
        Limits = new EngineLimits
        {
            MaxModelLength = 100,
            VocabularySize = 100,
            NumBlocks = 100,
            BlockSize = 4,
            MaxNumSequences = 8,
            MaxBatchedTokens = 64,
            NumericsClass = "test",
        },
    };
}
