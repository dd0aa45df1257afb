using Dynamo.Torch.Configuration;
using Dynamo.Torch.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>Chooses and names the element type that a model computes in.</summary>
internal static class TorchOpsDType
{
    /// <summary>Turns <c>--dtype</c> into a type. <c>auto</c> is the config's, else the first weight's; float16 becomes bfloat16 on CPU.</summary>
    /// <exception cref="ArgumentException">Not one of the names.</exception>
    public static ScalarType Resolve(string name, ModelConfig config, WeightFiles files, Device device) => name switch
    {
        "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        "float16" => ScalarType.Float16,
        "auto" => (config.DType ?? files.FirstWeightDType()) switch
        {
            TensorDType.Float32 => ScalarType.Float32,
            TensorDType.Float16 when device.type != DeviceType.CPU => ScalarType.Float16,
            _ => ScalarType.BFloat16,
        },
        _ => throw new ArgumentException($"dtype '{name}' is unknown; auto, bfloat16, float16 and float32 are", nameof(name)),
    };

    /// <summary>vLLM's name.</summary>
    public static string NameOf(ScalarType dtype) => dtype.ToString().ToLowerInvariant();

    /// <summary>Bytes of an element.</summary>
    public static int SizeOf(ScalarType dtype) => dtype == ScalarType.Float32 ? 4 : 2;
}
