using Dynamo.Engine.Configuration;
using Dynamo.Protocol.Load;
using Xunit;

namespace Dynamo.UnitTests.Engine;

public sealed class EngineConfigValidatorTests
{
    private static readonly EngineConfig Good = new() { Worker = new WorkerId(1), Generation = 1 };

    public static TheoryData<EngineConfig, string> Bad => new()
    {
        { Good with { MaxNumSequences = 0 }, "MaxNumSequences must be 1 to 4096, is 0." },
        { Good with { MaxNumSequences = 4097, MaxBatchedTokens = 5000 }, "MaxNumSequences must be 1 to 4096, is 4097." },
        { Good with { MaxNumSequences = 1, MaxBatchedTokens = (1 << 20) + 1 }, "MaxBatchedTokens must be 1 to 1048576, is 1048577." },
        { Good with { MaxModelLength = 1 }, "MaxModelLength must be 2 to 16777216, is 1." },
        { Good with { NumBlocks = 0 }, "NumBlocks must be 1 to 16777216, is 0." },
        { Good with { BlockSize = 4 }, "BlockSize must be 8, 16, 32, 64, 128 or 256, is 4." },
        { Good with { BlockSize = 24 }, "BlockSize must be 8, 16, 32, 64, 128 or 256, is 24." },
        { Good with { BlockSize = 512 }, "BlockSize must be 8, 16, 32, 64, 128 or 256, is 512." },
        {
            Good with { MaxBatchedTokens = 255 },
            "MaxBatchedTokens 255 must be at least MaxNumSequences 256, so that every running sequence gets its token."
        },
        { Good with { MaxWaiting = -1 }, "MaxWaiting must be 0 to 1048576, is -1." },
    };

    [Fact]
    public void Faults_Defaults_None() => Assert.Empty(EngineConfigValidator.Faults(Good));

    [Fact]
    public void Faults_Limits_None() => Assert.Empty(EngineConfigValidator.Faults(
        Good with { MaxNumSequences = 4096, MaxBatchedTokens = 1 << 20, MaxModelLength = 2, NumBlocks = 1, BlockSize = 256, MaxWaiting = 0 }));

    [Theory]
    [MemberData(nameof(Bad))]
    public void Faults_OneOutOfRange_NamesFlagValueAndRange(EngineConfig config, string fault) =>
        Assert.Equal([fault], EngineConfigValidator.Faults(config));

    [Fact]
    public void Faults_Several_AllAtOnce() =>
        Assert.Equal(3, EngineConfigValidator.Faults(Good with { MaxNumSequences = 0, MaxModelLength = 0, BlockSize = 0 }).Count);
}
