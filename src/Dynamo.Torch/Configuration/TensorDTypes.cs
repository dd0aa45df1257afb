namespace Dynamo.Torch.Configuration;

/// <summary>Names and sizes of element types.</summary>
public static class TensorDTypes
{
    /// <summary>Parses the spelling of a safetensors header, for example <c>BF16</c>.</summary>
    /// <returns><see cref="TensorDType.Unknown"/> for any other text.</returns>
    public static TensorDType ParseSafetensors(string name) => name switch
    {
        "BOOL" => TensorDType.Bool,
        "U8" => TensorDType.UInt8,
        "I8" => TensorDType.Int8,
        "F8_E5M2" => TensorDType.Float8E5M2,
        "F8_E4M3" => TensorDType.Float8E4M3,
        "F8_E8M0" => TensorDType.Float8E8M0,
        "U16" => TensorDType.UInt16,
        "I16" => TensorDType.Int16,
        "F16" => TensorDType.Float16,
        "BF16" => TensorDType.BFloat16,
        "U32" => TensorDType.UInt32,
        "I32" => TensorDType.Int32,
        "F32" => TensorDType.Float32,
        "C64" => TensorDType.Complex64,
        "U64" => TensorDType.UInt64,
        "I64" => TensorDType.Int64,
        "F64" => TensorDType.Float64,
        _ => TensorDType.Unknown,
    };

    /// <summary>Parses torch's spelling as config.json has it: <c>bfloat16</c>, <c>float16</c> or <c>float32</c>, with or without <c>torch.</c>.</summary>
    /// <returns><see langword="null"/> for any other text.</returns>
    public static TensorDType? ParseTorch(string name) => name switch
    {
        "bfloat16" or "torch.bfloat16" => TensorDType.BFloat16,
        "float16" or "half" or "torch.float16" => TensorDType.Float16,
        "float32" or "float" or "torch.float32" => TensorDType.Float32,
        _ => null,
    };

    /// <summary>Bytes of one element; 0 for <see cref="TensorDType.Unknown"/>.</summary>
    public static int Size(this TensorDType dtype) => dtype switch
    {
        TensorDType.Bool or TensorDType.UInt8 or TensorDType.Int8 => 1,
        TensorDType.Float8E5M2 or TensorDType.Float8E4M3 or TensorDType.Float8E8M0 => 1,
        TensorDType.UInt16 or TensorDType.Int16 or TensorDType.Float16 or TensorDType.BFloat16 => 2,
        TensorDType.UInt32 or TensorDType.Int32 or TensorDType.Float32 => 4,
        TensorDType.Complex64 or TensorDType.UInt64 or TensorDType.Int64 or TensorDType.Float64 => 8,
        _ => 0,
    };
}
