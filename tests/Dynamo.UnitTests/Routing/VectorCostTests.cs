using Dynamo.Protocol.Load;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Scoring;
using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

/// <summary>What is compared, as vectors, and what is explained, one by one, are the same to the bit.</summary>
public sealed class VectorCostTests
{
    public static TheoryData<RouterOptions> Options => new(
        TestRouter.KV,
        TestRouter.KV with { PredictOnRoute = false },
        TestRouter.KV with { Cost = RouterCost.Dynamo },
        TestRouter.KV with { Cost = RouterCost.Dynamo, Dynamo = new DynamoCostOptions { AssumeKVReuse = false, TrackPrefillTokens = false } },
        TestRouter.KV with
        {
            Cost = RouterCost.Dynamo,
            Dynamo = new DynamoCostOptions { OverlapScoreCredit = 0.7, OverlapScoreCreditDecay = 0.3, PrefillLoadScale = 1.7, DecodeActiveRequestWeight = 0.9 },
        });

    [Theory]
    [MemberData(nameof(Options))]
    public void ChosenWorker_HasTheLowestExplainedCost_AndTheRestAreInOrder(RouterOptions options)
    {
        const int numWorkers = 37;
        Random random = new(1);
        TestRouter sut = new(0, options with { MaxExplained = 40, Hold = new HoldOptions { MaxQueued = 3 } });

        // Slots are in the order in which workers come, which is not theirs.
        foreach (ulong id in Enumerable.Range(1, numWorkers).Select(static id => (ulong)id).OrderBy(_ => random.Next()))
        {
            sut.Router.SetWorker(new WorkerId(id), WorkerState.Ready, new WorkerLimits(60, 1000), 0);
        }

        for (int request = 1; request < 400; request++)
        {
            ulong worker = (ulong)random.Next(1, numWorkers + 1);
            ulong head = (ulong)random.Next(1, 9) * 100;
            sut.Router.ReportLoad(new WorkerId(worker), new StepSample(random.Next(2) * 100, random.Next(1, 5), random.Next(1, 90), random.Next(60), 60), 0);
            sut.Store(worker, [.. Enumerable.Range(1, random.Next(1, 8)).Select(block => head + (ulong)block)]);
            ulong[] prompt = [.. Enumerable.Range(1, random.Next(1, 9)).Select(block => head + (ulong)block), (ulong)(10_000 + request)];
            ExplainedDecision decision = sut.Router.Route(TestRouter.Query(request, prompt) with { NumTokens = (10 * prompt.Length) + random.Next(2) }, request);
            if (request > 70)
            {
                sut.Router.FirstToken(TestRouter.Id(request - 40), request);
                sut.Router.Ended(TestRouter.Id(request - 70), request);
            }

            while (sut.Router.TryTakeReleased(out _))
            {
            }

            Check(decision, options);
        }
    }

    private static void Check(ExplainedDecision decision, RouterOptions options)
    {
        Candidate[] eligible = [.. decision.Candidates.TakeWhile(static candidate => candidate.Ineligibility == Ineligibility.None)];
        Assert.All(decision.Candidates.Skip(eligible.Length), static candidate => Assert.NotEqual(Ineligibility.None, candidate.Ineligibility));
        Assert.Equal(decision.Worker, eligible.Length == 0 ? null : eligible[0].Worker);
        double[] costs = [.. eligible.Select(candidate => options.Cost == RouterCost.Time ? candidate.Time!.Value.Total : candidate.Dynamo!.Value.Total)];
        for (int i = 1; i < costs.Length; i++)
        {
            Assert.True(costs[i - 1] <= costs[i], $"{costs[i - 1]:R} is before {costs[i]:R}");
        }
    }
}
