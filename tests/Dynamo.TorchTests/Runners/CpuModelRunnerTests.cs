using Dynamo.Engine.Execution;
using Dynamo.Torch;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Xunit;

namespace Dynamo.TorchTests.Runners;

public sealed class CpuModelRunnerTests : IDisposable
{
    private const string Small = """{"num_hidden_layers":1,"intermediate_size":20,"vocab_size":16}""";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("BF16", """{}""", "bfloat16")]
    [InlineData("F16", """{}""", "bfloat16")]
    [InlineData("F32", """{}""", "float32")]
    [InlineData("F32", """{"torch_dtype":"bfloat16"}""", "bfloat16")]
    [InlineData("BF16", """{"dtype":"float32"}""", "float32")]
    public void Load_AutoDType_IsTheConfigsElseTheWeights(string stored, string fields, string expected)
    {
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("LlamaForCausalLM").With(Small).With(fields), stored, seed: 1);

        using IModelRunner runner = RunnerKinds.Load(RunnerKind.Cpu, _folder.Path, "auto");

        Assert.Equal(expected, runner.Shape.DType);
    }

    [Fact]
    public void Load_UnknownDType_IsRefusedBeforeTheFolderIsRead() => Assert.Contains(
        "'int4'",
        Assert.Throws<ArgumentException>(() => new TorchModelRunnerFactory().Load(new ModelLoadOptions { ModelPath = "/nowhere", DType = "int4" }, null, default)).Message);

    public void Dispose() => _folder.Dispose();
}
