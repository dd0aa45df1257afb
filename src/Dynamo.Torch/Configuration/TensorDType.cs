namespace Dynamo.Torch.Configuration;

/// <summary>Element types of the safetensors format whose size is a whole number of bytes.</summary>
public enum TensorDType
{
    /// <summary>A type that this reader does not know; such a tensor may lie in a file, but cannot be read.</summary>
    Unknown,

    /// <summary>8-bit truth value.</summary>
    Bool,

    /// <summary>8-bit unsigned integer.</summary>
    UInt8,

    /// <summary>8-bit signed integer.</summary>
    Int8,

    /// <summary>8-bit float, 5 exponent bits.</summary>
    Float8E5M2,

    /// <summary>8-bit float, 4 exponent bits.</summary>
    Float8E4M3,

    /// <summary>8-bit power of two, the scale of microscaling formats.</summary>
    Float8E8M0,

    /// <summary>16-bit unsigned integer.</summary>
    UInt16,

    /// <summary>16-bit signed integer.</summary>
    Int16,

    /// <summary>IEEE binary16.</summary>
    Float16,

    /// <summary>The upper half of an IEEE binary32.</summary>
    BFloat16,

    /// <summary>32-bit unsigned integer.</summary>
    UInt32,

    /// <summary>32-bit signed integer.</summary>
    Int32,

    /// <summary>IEEE binary32.</summary>
    Float32,

    /// <summary>Two IEEE binary32.</summary>
    Complex64,

    /// <summary>64-bit unsigned integer.</summary>
    UInt64,

    /// <summary>64-bit signed integer.</summary>
    Int64,

    /// <summary>IEEE binary64.</summary>
    Float64,
}
