using Dynamo.Torch.Configuration;
using Dynamo.Torch.Native;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Numerics;

/// <summary>What libtorch and vLLM call an element type, and how weights become it.</summary>
/// <typeparam name="T"><see cref="Bf16"/> or <see cref="float"/>.</typeparam>
internal static unsafe class TorchDType<T>
    where T : unmanaged
{
    /// <summary>libtorch's number.</summary>
    public static readonly int Number = Element<T>.IsBf16 ? Aoti.BFloat16() : Aoti.Float32();

    /// <summary>vLLM's name.</summary>
    public static string Name => Element<T>.IsBf16 ? "bfloat16" : "float32";

    /// <summary>Copies a weight, rounding to the nearest.</summary>
    public static void Convert(TensorView source, T* target) => Convert(source.DType, source.Data, target, source.NumElements);

    /// <summary>Copies elements, rounding to the nearest.</summary>
    public static void Convert(TensorDType dtype, void* source, T* target, long count)
    {
        if (Element<T>.IsBf16)
        {
            WeightConversion.ToBFloat16(dtype, source, (ushort*)target, count);
        }
        else
        {
            WeightConversion.ToFloat32(dtype, source, (float*)target, count);
        }
    }
}
