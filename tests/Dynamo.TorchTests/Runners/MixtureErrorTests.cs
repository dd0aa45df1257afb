using Dynamo.Engine.Execution;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.TorchTests.Runners;

/// <summary>
/// A mixture of experts in bfloat16 keeps its activations in float32. Here every expert is chosen, because where a router chooses, one that
/// sits on the fence outweighs all rounding and the error is a matter of luck.
/// </summary>
public sealed class MixtureErrorTests(ITestOutputHelper output) : IDisposable
{
    private const int Length = 64;
    private const int Vocabulary = 256;
    private const string Shape = """
        {"num_hidden_layers":3,"hidden_size":64,"intermediate_size":96,"vocab_size":256,"num_attention_heads":8,"num_key_value_heads":2,
         "num_local_experts":3,"num_experts_per_tok":3,"torch_dtype":"bfloat16"}
        """;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Execute_BFloat16Mixture_IsLessThanHalfAsFarFromFloat32AsTransformersRoundingIs()
    {
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("MixtralForCausalLM").With(Shape), "BF16", seed: 12);
        Random random = new(1);
        int[] prompt = [.. Enumerable.Range(0, Length).Select(_ => random.Next(Vocabulary))];
        double[] expected = Array.ConvertAll(Logits(RunnerKind.Cpu, "float32", prompt), static value => (double)value);

        double error = RelativeError.Of(Logits(RunnerKind.Cpu, "bfloat16", prompt), expected);
        double likeTransformers = RelativeError.Of(Logits(RunnerKind.TorchOps, "bfloat16", prompt), expected);

        output.WriteLine($"{error:E2}, rounded as in transformers {likeTransformers:E2}");
        Assert.InRange(error, 1e-5, likeTransformers / 2);
    }

    public void Dispose() => _folder.Dispose();

    private float[] Logits(RunnerKind kind, string dtype, int[] prompt)
    {
        using IModelRunner runner = RunnerKinds.Load(kind, _folder.Path, dtype);
        return new RunnerDriver(runner, numSequences: 1, Length, maxRows: Length, blockSize: 16).Step([prompt], allLogits: true);
    }
}
