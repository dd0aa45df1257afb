using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Cuda;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using TorchSharp;
using Xunit;

namespace Dynamo.TorchTests.Runners;

/// <summary>What the torch-ops runner refuses, states and keeps.</summary>
public sealed class TorchOpsModelRunnerTests : IDisposable
{
    private const string Small = """{"num_hidden_layers":2,"intermediate_size":52,"vocab_size":131,"torch_dtype":"float32"}""";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_TiedWithAHeadOfItsOwn_TiesOnlyWhenBothAreEqual(bool equal)
    {
        RandomCheckpoint checkpoint = RandomCheckpoint.Write(
            _folder,
            ConfigJson.Minimal("LlamaForCausalLM").With(Small).With("""{"tie_word_embeddings":true}"""),
            "F32",
            seed: 5,
            model =>
            {
                model.Add("lm_head.weight", 131, 64);
                if (equal)
                {
                    model.Tensors["model.embed_tokens.weight"].Values.CopyTo(model.Tensors["lm_head.weight"].Values, 0);
                }
            });
        using TorchOpsModelRunner runner = Load();

        float[] logits = new RunnerDriver(runner, 1, 8, 8, 8).Step([new[] { 1, 2, 3 }], allLogits: true);

        Assert.InRange(RelativeError.Of(logits, [.. new ReferenceModel(checkpoint).Run([1, 2, 3]).SelectMany(static row => row)]), 0, 3e-6);
    }

    [Theory]
    [InlineData("model.layers.1.self_attn.k_proj.weight", null, "model.layers.1.self_attn.k_proj.weight: is missing")]
    [InlineData("model.norm.weight", 63, "model.norm.weight: shape is [63]; the config asks for [64]")]
    [InlineData("model.layers.0.self_attn.q_proj.bias", 64, "q_proj.bias: no part of the model")]
    [InlineData("model.layers.2.input_layernorm.weight", 64, "model.layers.2.input_layernorm.weight: no part of the model")]
    public void Load_WrongTensors_NamesTheFirst(string name, int? newSize, string named)
    {
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("LlamaForCausalLM").With(Small), "F32", seed: 6, model =>
        {
            _ = model.Tensors.Remove(name);
            if (newSize is { } size)
            {
                model.Add(name, size);
            }
        });

        Assert.Contains(named, Assert.Throws<ModelFolderException>(Load).Message);
    }

    [Fact]
    public void Execute_TokenOrBlockThatDoesNotExist_IsRefusedBeforeTheDevice()
    {
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("LlamaForCausalLM").With(Small), "F32", seed: 7);
        using TorchOpsModelRunner runner = Load();
        StepLimits limits = new() { MaxBatchedTokens = 4, MaxNumSequences = 1, MaxLogitRows = 1, MaxModelLength = 16, BlockSize = 8 };
        runner.Prepare(limits, numBlocks: 2);
        StepBatch batch = new(limits) { NumSequences = 1, NumTokens = 1, NumLogits = 1 };
        batch.RowStarts[1] = 1;

        batch.TokenIds[0] = 131;
        Assert.Throws<ArgumentOutOfRangeException>(() => runner.Execute(batch).Length);

        batch.TokenIds[0] = 130;
        batch.BlockTables[0] = 2;
        Assert.Throws<ArgumentOutOfRangeException>(() => runner.Execute(batch).Length);

        batch.BlockTables[0] = 1;
        Assert.Equal(131, runner.Execute(batch).Length);
    }

    [Fact]
    public void Prepare_MoreBlocksThanMemory_SaysHowMuchWasAskedFor()
    {
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("LlamaForCausalLM").With(Small), "F32", seed: 9);
        using TorchOpsModelRunner runner = Load();
        StepLimits limits = new() { MaxBatchedTokens = 4, MaxNumSequences = 1, MaxLogitRows = 1, MaxModelLength = 16, BlockSize = 256 };

        // 2 layers, keys and values, 256 tokens of 2 heads of 8 float32.
        Assert.Equal(2 * 2 * 256 * 2 * 8 * 4, runner.KVBytesPerBlock(256));
        OutOfMemoryException e = Assert.Throws<OutOfMemoryException>(() => runner.Prepare(limits, int.MaxValue));
        Assert.Contains("2,147,483,647 blocks, 140,737,488,289,792 bytes", e.Message);
    }

    [Fact]
    public void Load_ASmallModel_StatesItsShapeAndPromisesNoEqualBits()
    {
        RandomCheckpoint checkpoint = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("MixtralForCausalLM").With(Small), "F32", seed: 10);
        Reports progress = new();
        using TorchOpsModelRunner runner = TorchOpsModelRunner.Load(new ModelLoadOptions { ModelPath = _folder.Path }, torch.CPU, progress, CancellationToken.None);

        long numParameters = checkpoint.Tensors.Values.Sum(static tensor => (long)tensor.Values.Length);
        Assert.Equal((numParameters, 131, "float32"), (runner.Shape.NumParameters, runner.Shape.VocabularySize, runner.Shape.DType));
        Assert.Equal(new LoadProgress(numParameters * 4, numParameters * 4), progress.Last);
        Assert.StartsWith("inexact torch-ops cpu float32 libtorch-2", runner.NumericsClass);
    }

    [Fact]
    public void Execute_ManySteps_KeepsNoTensors()
    {
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("MixtralForCausalLM").With(Small), "F32", seed: 8);
        using TorchOpsModelRunner runner = Load();
        RunnerDriver driver = new(runner, 1, 32, 8, 8);
        _ = driver.Step([new[] { 1, 2, 3 }], allLogits: false);
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (int i = 0; i < 10; i++)
        {
            _ = driver.Step([new[] { i }], allLogits: false);
        }

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose() => _folder.Dispose();

    private TorchOpsModelRunner Load() =>
        TorchOpsModelRunner.Load(new ModelLoadOptions { ModelPath = _folder.Path }, torch.CPU, null, CancellationToken.None);

    private sealed class Reports : IProgress<LoadProgress>
    {
        public LoadProgress Last { get; private set; }

        public void Report(LoadProgress value) => Last = value;
    }
}
