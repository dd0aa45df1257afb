using System.Net;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Serving.Catalog;
using Xunit;

namespace Dynamo.ClusterTests.Serving.Catalog;

public sealed class LocalRouterTests
{
    private readonly LocalRouter _router = new();

    [Fact]
    public void Route_GivesEachWorkerItsTurn_AndTellsItsClass()
    {
        _router.Update(View((1, "a"), (2, "b"), (3, "a")));

        Assert.Equal(["1 a", "2 b", "3 a", "1 a"], Enumerable.Range(0, 4).Select(_ => Route(null)));
    }

    [Fact]
    public void Move_GivesThoseOfItsClassTheirTurns()
    {
        _router.Update(View((1, "a"), (2, "b"), (3, "a")));

        Assert.Equal(["1 a", "3 a", "1 a"], Enumerable.Range(0, 3).Select(_ => Route("a")));
        Assert.Equal("2 b", Route("b"));
    }

    [Theory]
    [InlineData("c")]
    [InlineData("b")]
    public void MoveWithoutAnyOfItsClass_GoesAnywhere(string numericsClass)
    {
        _router.Update(View((1, "a"), (2, "b")));

        Assert.Equal("1 a", Route(numericsClass, new WorkerId(2)));
    }

    private string Route(string? numericsClass, params WorkerId[] excluded)
    {
        RouteDecision decision = _router.Route("m", new RouteRequest { Request = RequestId.New(), NumTokens = 1, NumericsClass = numericsClass, Excluded = excluded })!;
        return $"{decision.Worker!.Value.Value} {decision.NumericsClass}";
    }

    private static ModelView View(params (ulong Worker, string NumericsClass)[] workers) => new()
    {
        Model = "m",
        Created = DateTimeOffset.UnixEpoch,
        Incarnation = Guid.NewGuid(),
        Version = 1,
        IsComplete = true,
        Instances = [.. workers.Select(static worker => new InstanceReport
        {
            Key = new InstanceKey("m", SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000), 1), (long)worker.Worker),
            Worker = new WorkerId(worker.Worker),
            State = InstanceState.Ready,
            Limits = new EngineLimits
            {
                MaxModelLength = 100,
                VocabularySize = 100,
                NumBlocks = 100,
                BlockSize = 4,
                MaxNumSequences = 8,
                MaxBatchedTokens = 64,
                NumericsClass = worker.NumericsClass,
            },
        })],
    };
}
