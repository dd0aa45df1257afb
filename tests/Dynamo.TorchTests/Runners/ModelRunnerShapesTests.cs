using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Cuda;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using TorchSharp;
using Xunit;

namespace Dynamo.TorchTests.Runners;

/// <summary>Shapes and features that no golden checkpoint has, against plain double-precision loops.</summary>
public sealed class ModelRunnerShapesTests : IDisposable
{
    private const string Small = """{"num_hidden_layers":2,"intermediate_size":52,"vocab_size":131,"torch_dtype":"float32"}""";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Models => new()
    {
        {
            "LlamaForCausalLM", "F16",
            """{"hidden_size":72,"num_attention_heads":6,"num_key_value_heads":3,"head_dim":24,"attention_bias":true,"mlp_bias":true,"tie_word_embeddings":true,"rope_scaling":{"type":"linear","factor":2.5}}"""
        },
        {
            "LlamaForCausalLM", "BF16",
            """{"hidden_size":40,"num_attention_heads":6,"num_key_value_heads":2,"head_dim":10,"rope_parameters":{"rope_theta":1000.0,"rope_type":"llama3","factor":4,"low_freq_factor":1,"high_freq_factor":3,"original_max_position_embeddings":32}}"""
        },
        {
            "Qwen3ForCausalLM", "F32",
            """{"hidden_size":40,"num_attention_heads":2,"num_key_value_heads":1,"attention_bias":true,"use_sliding_window":true,"sliding_window":5,"layer_types":["full_attention","sliding_attention"]}"""
        },
        { "Qwen2ForCausalLM", "BF16", """{"hidden_size":56,"num_attention_heads":4,"num_key_value_heads":4,"use_sliding_window":true,"sliding_window":3,"max_window_layers":1}""" },
        { "MixtralForCausalLM", "F16", """{"hidden_size":48,"num_attention_heads":3,"num_key_value_heads":1,"num_local_experts":5,"num_experts_per_tok":3,"sliding_window":7}""" },
        { "MistralForCausalLM", "F32", """{"hidden_size":64,"num_attention_heads":8,"num_key_value_heads":8,"sliding_window":1,"rms_norm_eps":0.01}""" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Execute_InChunks_AgreesWithPlainLoops(string architecture, string dtype, string fields)
    {
        foreach (RunnerKind kind in Enum.GetValues<RunnerKind>())
        {
            CheckInChunks(kind, architecture, dtype, fields);
        }
    }

    private void CheckInChunks(RunnerKind kind, string architecture, string dtype, string fields)
    {
        RandomCheckpoint checkpoint = RandomCheckpoint.Write(_folder, ConfigJson.Minimal(architecture).With(Small).With(fields), dtype, seed: 3);
        Random random = new(4);
        int[][] prompts = [.. new[] { 31, 22 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(131)).ToArray())];
        using IModelRunner runner = RunnerKinds.Load(kind, _folder.Path, "float32");
        RunnerDriver driver = new(runner, numSequences: 2, maxLength: 40, maxRows: 64, blockSize: 8);
        List<float>[] logits = [[], []];

        // Prompt, then one more token each, then a chunk of one beside a decode of the other.
        foreach ((int first, int second) in new[] { (7, 20), (1, 1), (22, 1), (1, 0) })
        {
            Chunk(first, second);
        }

        for (int i = 0; i < 2; i++)
        {
            double[] expected = [.. new ReferenceModel(checkpoint).Run(prompts[i]).SelectMany(static row => row)];
            Assert.InRange(RelativeError(logits[i], expected), 0, 3e-6);
        }

        void Chunk(int first, int second)
        {
            int[] starts = [logits[0].Count / 131, logits[1].Count / 131];
            float[] step = driver.Step([prompts[0].AsMemory(starts[0], first), prompts[1].AsMemory(starts[1], second)], allLogits: true);
            logits[0].AddRange(step.AsSpan(0, first * 131));
            logits[1].AddRange(step.AsSpan(first * 131));
        }
    }

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

        Assert.InRange(RelativeError(logits, [.. new ReferenceModel(checkpoint).Run([1, 2, 3]).SelectMany(static row => row)]), 0, 3e-6);
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
        Assert.Equal((numParameters, 131, 2, "float32"), (runner.Shape.NumParameters, runner.Shape.VocabularySize, runner.Shape.NumLayers, runner.Shape.DType));
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

    private static double RelativeError(IReadOnlyList<float> actual, double[] expected)
    {
        Assert.Equal(expected.Length, actual.Count);
        double difference = expected.Select((value, i) => Math.Pow(actual[i] - value, 2)).Sum();
        return Math.Sqrt(difference / expected.Sum(static value => value * value));
    }
}
