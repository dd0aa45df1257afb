using Dynamo.ClusterTests.Security;
using Dynamo.ClusterTests.Support;
using Dynamo.Serving.Migration;
using Xunit;

namespace Dynamo.ClusterTests.Serving.Migration;

public sealed class InexactMovesTests
{
    [Fact]
    public void EachIsCounted_AndEachPairOfClassesSaidOnce()
    {
        using Measured measured = new();
        LineLogger<InexactMoves> log = new();
        InexactMoves moves = new(new MigrationInstruments(measured.Meters), log);

        for (int i = 0; i < 2; i++)
        {
            moves.Add("m", "a", "b");
            moves.Add("m", "inexact-c", "inexact-c");
        }

        moves.Add("n", "a", "b");

        const string moved = "dynamo.frontend.model_inexact_migration 1 ";
        Assert.Equal([moved + "m other_class", moved + "m inexact", moved + "m other_class", moved + "m inexact", moved + "n other_class"], measured.Lines);
        Assert.Equal(3, log.Lines.Count);
        Assert.StartsWith("Warning A request of model m goes on in another numerics class, for no worker of its own could take it: from a to b.", log.Lines[0]);
        Assert.StartsWith("Warning A request of model m has moved among workers that are not exact (inexact-c).", log.Lines[1]);
        Assert.Contains("model n", log.Lines[2]);
    }
}
