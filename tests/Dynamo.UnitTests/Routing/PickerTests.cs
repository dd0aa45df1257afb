using Dynamo.Routing.Picking;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class PickerTests
{
    [Fact]
    public void LowestCostWins() => Assert.Equal(2, Pick([3, double.NaN, 1, 2], 0, new Random(1)));

    [Fact]
    public void NobodyEligible_NoPick() => Assert.Equal(-1, Pick([double.NaN], 0, new Random(1)));

    [Fact]
    public void Ties_AreBrokenEvenly()
    {
        Random random = new(1);
        int[] counts = new int[4];
        for (int i = 0; i < 3000; i++)
        {
            counts[Pick([5, 1, 1, 1], 0, random)]++;
        }

        Assert.Equal(0, counts[0]);
        Assert.All(counts[1..], static count => Assert.InRange(count, 900, 1100));
    }

    [Fact]
    public void Temperature_DrawsBySoftmaxOverTheRange()
    {
        Random random = new(1);
        int[] counts = new int[3];
        for (int i = 0; i < 20_000; i++)
        {
            counts[Pick([10, 20, double.NaN], 1, random)]++;
        }

        // exp(0) : exp(-1)
        Assert.Equal(0.731, counts[0] / 20_000.0, 0.01);
        Assert.Equal(0, counts[2]);
    }

    [Fact]
    public void OfTwo_TheOneWithLess()
    {
        Random random = new(1);

        Assert.Equal(1, Picker.PickOfTwo([double.NaN, 4, double.NaN], random));
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(0, Picker.PickOfTwo([1, 9], random)));
    }

    private static int Pick(double[] costs, double temperature, Random random)
    {
        double[] vectors = WholeVectors.Of(costs);
        return Picker.Pick(vectors, WholeVectors.LowsOf(vectors).Least, temperature, random);
    }
}
