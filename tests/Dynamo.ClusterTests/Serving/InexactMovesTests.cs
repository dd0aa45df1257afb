using Dynamo.Cluster.Routing;
using Dynamo.ClusterTests.Security;
using Dynamo.Serving.Migration;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

public sealed class InexactMovesTests
{
    [Fact]
    public void EachIsCounted_AndEachPairOfClassesSaidOnce()
    {
        RouterBoard board = new();
        Observer observer = new();
        board.Tell(observer);
        LineLogger<InexactMoves> log = new();
        InexactMoves moves = new(board, log);

        for (int i = 0; i < 3; i++)
        {
            moves.Add("m", "a", "b");
            moves.Add("m", "inexact-c", "inexact-c");
        }

        moves.Add("n", "a", "b");

        Assert.Equal(["m True", "m False", "m True", "m False", "m True", "m False", "n True"], observer.Moves);
        Assert.Equal(3, log.Lines.Count);
        Assert.StartsWith("Warning A request of model m goes on in another numerics class, for no worker of its own could take it: from a to b.", log.Lines[0]);
        Assert.StartsWith("Warning A request of model m has moved among workers that are not exact (inexact-c).", log.Lines[1]);
        Assert.Contains("model n", log.Lines[2]);
    }

    private sealed class Observer : IRouterObserver
    {
        public List<string> Moves { get; } = [];

        public void OnDecided(string model, in RoutingOutcome outcome)
        {
        }

        public void OnAsked(string model, TimeSpan hashing, TimeSpan total)
        {
        }

        public void OnInexactMove(string model, bool isOtherClass) => Moves.Add($"{model} {isOtherClass}");
    }
}
