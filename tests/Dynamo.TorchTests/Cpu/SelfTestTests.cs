using Dynamo.Engine.Execution;
using Dynamo.Engine.Sharing;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Cpu;
using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Xunit;

namespace Dynamo.TorchTests.Cpu;

/// <summary>The self-test must see one layer whose last bit depends on the batch, whichever layer it is and whichever number of rows does it.</summary>
public sealed unsafe class SelfTestTests : IDisposable
{
    // Layers are made in order: qkv, output, gate and up, down of layers 0 to 3, then the head.
    private const int NumLinears = 17;

    // In place of a number of rows.
    private const int OnOneThread = 0;

    private readonly TemporaryFolder _folder = new();

    public SelfTestTests()
    {
        TorchLibrary.EnsureLoaded();
        const string fields = """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,"num_hidden_layers":4,"intermediate_size":96,"vocab_size":131,"torch_dtype":"bfloat16"}""";
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("LlamaForCausalLM").With(fields), "BF16", seed: 11);
    }

    public static TheoryData<int, int> Spoilt
    {
        get
        {
            TheoryData<int, int> cases = [];
            for (int linear = 0; linear < NumLinears; linear++)
            {
                cases.Add(linear, 1);
            }

            foreach (int numRows in (int[])[2, 7, 33])
            {
                cases.Add(0, numRows);
                cases.Add(11, numRows);
                cases.Add(NumLinears - 1, numRows);
            }

            return cases;
        }
    }

    [Fact]
    public void Holds_LayersThatDoNotDependOnTheBatch_IsTrue() => Assert.True(Holds(new LinearFactory(LinearPath.Panel)));

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void Holds_OneOutputOfOneLayerDiffersInItsLastBit_IsFalse(int linear, int numRows) =>
        Assert.False(Holds(new SpoilingFactory(linear, numRows, everyOutput: false)));

    [Theory]
    [InlineData(9)]
    [InlineData(14)]
    public void Holds_OneLayerDiffersAndNoTimeForLayers_IsFalse(int linear) =>
        Assert.False(Holds(new SpoilingFactory(linear, 1, everyOutput: true), TimeSpan.Zero));

    [Fact]
    public void Holds_OneLayerDiffersOnOneThread_IsFalse() => Assert.False(Holds(new SpoilingFactory(9, OnOneThread, everyOutput: true)));

    [Fact]
    public void NumericsClass_OneLayerDependsOnTheBatch_IsInexact()
    {
        using CpuModelRunner<float, Bf16> runner = CpuModelRunner<float, Bf16>.Load(
            CoreSharing.Join(2), () => Load(new SpoilingFactory(10, 1, everyOutput: true)), SelfTest.LayersTime);
        runner.Prepare(Limits, numBlocks: 16);

        Assert.StartsWith("inexact-cpu-", runner.NumericsClass);
    }

    [Fact]
    public void NumericsClass_AfterTheSelfTest_NamesPathAndInstructions()
    {
        using CpuModelRunner<float, Bf16> runner = CpuModelRunner<float, Bf16>.Load(
            CoreSharing.Join(2), () => Load(new LinearFactory(LinearPath.Panel)), SelfTest.LayersTime);
        runner.Prepare(Limits, numBlocks: 16);

        Assert.Equal($"cpu-{ProcessorClass.Current.Name(usesOneDnn: false)}-panel-bfloat16-activations-float32-kv-bfloat16-tp1", runner.NumericsClass[..runner.NumericsClass.IndexOf("-libtorch", StringComparison.Ordinal)]);
    }

    public void Dispose() => _folder.Dispose();

    private static StepLimits Limits => new() { MaxBatchedTokens = 64, MaxNumSequences = 4, MaxLogitRows = 4, MaxModelLength = 64, BlockSize = 16 };

    private DecoderModel<float, Bf16> Load(LinearFactory linears) =>
        new(ModelConfig.Load(_folder.Model), WeightFiles.Open(_folder.Model), linears, null, CancellationToken.None);

    private bool Holds(LinearFactory linears, TimeSpan? layersTime = null)
    {
        ThreadPoolSize.Use(2);
        using DecoderModel<float, Bf16> model = Load(linears);
        using CpuStep<float, Bf16> step = new(model, Limits, numBlocks: 16, numThreads: 2);
        return SelfTest.Holds(model, step, Limits, numBlocks: 16, TimeProvider.System, layersTime ?? TimeSpan.FromMinutes(1));
    }

    // Makes the layer of one number depend on how many rows there are, or threads.
    private sealed class SpoilingFactory(int spoilt, int numRows, bool everyOutput) : LinearFactory(LinearPath.Panel)
    {
        private int _numMade;

        public override LinearLayer<TActivation> Make<TActivation, T>(ReadOnlySpan<TensorView> weights, ReadOnlySpan<TensorView> biases)
        {
            LinearLayer<TActivation> linear = base.Make<TActivation, T>(weights, biases);
            return _numMade++ == spoilt ? new SpoiltLinear<TActivation>(linear, numRows, everyOutput) : linear;
        }
    }

    private sealed class SpoiltLinear<T>(LinearLayer<T> inner, int spoiltRows, bool everyOutput) : LinearLayer<T>
        where T : unmanaged
    {
        public override int NumInputs => inner.NumInputs;

        public override int NumOutputs => inner.NumOutputs;

        public override LinearResult<T> Forward(T* input, int numRows)
        {
            LinearResult<T> result = inner.Forward(input, numRows);
            long step = everyOutput ? 1 : (long)numRows * NumOutputs;
            bool isSpoilt = numRows == spoiltRows || (spoiltRows == OnOneThread && ThreadPoolSize.Current == 1);
            for (long i = NumOutputs / 2; i < (long)numRows * NumOutputs && isSpoilt; i += step)
            {
                ((byte*)(result.Data + i))[0] ^= 1;
            }

            return result;
        }

        public override void Dispose() => inner.Dispose();
    }
}
