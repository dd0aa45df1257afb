using Dynamo.Engine.Mock;
using Xunit;

namespace Dynamo.UnitTests.Engine.Mock;

public sealed class StepTimingTests
{
    [Theory]
    [InlineData(2048, 49.3629)]
    [InlineData(8192, 169.1369)]
    [InlineData(1, 16.5166)]
    [InlineData(0, 0)]
    public void Duration_WithoutOutputs_IsThePrefillPolynomialOfAllRows(int numPrefillTokens, double milliseconds) =>
        Assert.Equal(milliseconds, new StepTiming().Duration(new StepWork(numPrefillTokens, NumEmitting: 0, NumActiveBlocks: 50, NumBlocks: 100)).TotalMilliseconds, 3);

    [Theory]
    [InlineData(0, 5.74)]
    [InlineData(50, 26.31)]
    [InlineData(100, 34.01)]
    [InlineData(150, 34.01)]
    public void Duration_WithOutputs_IsTheDecodePolynomialOfTheShareOfActiveBlocks(int numActiveBlocks, double milliseconds) =>
        Assert.Equal(milliseconds, new StepTiming().Duration(new StepWork(0, NumEmitting: 3, numActiveBlocks, NumBlocks: 100)).TotalMilliseconds, 3);

    [Fact]
    public void Duration_OfPrefillAndDecodeTogether_IsTheirSum() =>
        Assert.Equal(49.3629 + 26.31, new StepTiming().Duration(new StepWork(2048, 1, 50, 100)).TotalMilliseconds, 3);

    [Fact]
    public void Duration_SpedUp_IsDividedByTheRatios() =>
        Assert.Equal(
            (49.3629 + (26.31 / 2)) / 10,
            new StepTiming { SpeedupRatio = 10, DecodeSpeedupRatio = 2 }.Duration(new StepWork(2048, 1, 50, 100)).TotalMilliseconds,
            3);
}
