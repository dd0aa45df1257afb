using Dynamo.Engine.Execution;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Xunit;

namespace Dynamo.TorchTests.Runners;

/// <summary>A sequence holds blocks that another one of the same step fills.</summary>
public sealed class SharedBlocksTests : IDisposable
{
    private const int BlockSize = 8;
    private const int NumShared = 3;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(RunnerKind.Cpu, "float32")]
    [InlineData(RunnerKind.Cpu, "bfloat16")]
    [InlineData(RunnerKind.TorchOps, "float32")]
    public void Execute_BlocksFilledInTheSameStep_GiveWhatOwnBlocksGive(RunnerKind kind, string dtype)
    {
        _ = RandomCheckpoint.Write(
            _folder, ConfigJson.Minimal("LlamaForCausalLM").With("""{"num_hidden_layers":3,"intermediate_size":52,"vocab_size":131}"""), "BF16", seed: 3);
        Random random = new(4);
        int[] first = [.. Enumerable.Range(0, 40).Select(_ => random.Next(131))];
        int[] second = [.. first.AsSpan(0, NumShared * BlockSize), .. Enumerable.Range(0, 9).Select(_ => random.Next(131))];

        float[] own = Run(0);
        float[] shared = Run(NumShared);

        if (kind == RunnerKind.Cpu)
        {
            Assert.Equal(own, shared);
        }
        else
        {
            Assert.True(RelativeError.Of(shared, [.. own.Select(static value => (double)value)]) <= 1e-6);
        }

        float[] Run(int numShared)
        {
            using IModelRunner runner = RunnerKinds.Load(kind, _folder.Path, dtype);
            RunnerDriver driver = new(runner, numSequences: 2, maxLength: 64, maxRows: 80, BlockSize);
            driver.Share(from: 0, to: 1, numShared);
            return driver.Step([first, second.AsMemory(numShared * BlockSize)], allLogits: false);
        }
    }

    public void Dispose() => _folder.Dispose();
}
