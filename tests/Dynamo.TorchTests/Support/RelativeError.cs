using Xunit;

namespace Dynamo.TorchTests.Support;

/// <summary>How far logits are from what they should be: L2 norm of the difference over that of the expected ones.</summary>
internal static class RelativeError
{
    public static double Of(IReadOnlyList<float> actual, double[] expected)
    {
        Assert.Equal(expected.Length, actual.Count);
        double difference = expected.Select((value, i) => Math.Pow(actual[i] - value, 2)).Sum();
        return Math.Sqrt(difference / expected.Sum(static value => value * value));
    }
}
