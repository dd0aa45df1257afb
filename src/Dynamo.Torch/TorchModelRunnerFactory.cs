using Dynamo.Engine.Execution;
using Dynamo.Engine.Sharing;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Cpu;
using Dynamo.Torch.Cuda;
using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch;

/// <summary>Loads models from Hugging Face checkpoints onto the device that this build is for.</summary>
public sealed class TorchModelRunnerFactory : IModelRunnerFactory
{
    private readonly Func<int?, CoreSharing> _joinCores;

    /// <summary>Runners share the cores of this host with its other workers.</summary>
    public TorchModelRunnerFactory()
        : this(CoreSharing.Join)
    {
    }

    /// <summary>The same with the sharing injected.</summary>
    /// <param name="joinCores">Makes a runner's part in it from the number of threads that was asked for.</param>
    internal TorchModelRunnerFactory(Func<int?, CoreSharing> joinCores) => _joinCores = joinCores;

    /// <summary>What the self-test of each start may take for single layers beyond the trials that are always made.</summary>
    internal TimeSpan LayerCheckTime { get; init; } = SelfTest.LayersTime;

    /// <inheritdoc/>
    public IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        if (CudaAvailability.IsCudaBuild)
        {
            return new CudaModelRunnerFactory().Load(options, progress, cancellationToken);
        }

        bool? useBf16 = UseBf16(options.DType);
        ModelFolder folder = new(options.ModelPath);
        ModelConfig config = ModelConfig.Load(folder);
        TorchLibrary.EnsureLoaded();
        WeightFiles files = WeightFiles.Open(folder);
        ProcessorClass processor = ProcessorClass.Current;
        if (!(useBf16 ?? ((config.DType ?? files.FirstWeightDType()) != TensorDType.Float32)))
        {
            return Runner<float, float>(LinearPaths.OfFloat32(processor));
        }

        // Routers decide by small differences: with float32 activations a third as many choices are wrong. It costs 1.1 to 1.3 times the time
        // when decoding and 1.6 times in prefill (measured on a mixture of 8 experts, 16 sequences, with bfloat16 instructions).
        return config.NumExperts > 0 || LinearPaths.OfBf16(processor) == LinearPath.Panel
            ? Runner<float, Bf16>(LinearPath.Panel)
            : Runner<Bf16, Bf16>(LinearPath.OneDnn);

        CpuModelRunner<TActivation, T> Runner<TActivation, T>(LinearPath path)
            where TActivation : unmanaged
            where T : unmanaged => CpuModelRunner<TActivation, T>.Load(
                _joinCores(options.NumThreads), () => new DecoderModel<TActivation, T>(config, files, new LinearFactory(path), progress, cancellationToken), LayerCheckTime);
    }

    // Null for auto: the checkpoint's type, float16 as bfloat16.
    private static bool? UseBf16(string dtype) => dtype switch
    {
        "auto" => null,
        "float32" => false,
        "bfloat16" => true,
        _ => throw new ArgumentException($"DType must be auto, bfloat16 or float32, is '{dtype}'."),
    };
}
