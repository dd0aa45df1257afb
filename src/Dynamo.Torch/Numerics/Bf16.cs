using System.Runtime.CompilerServices;

namespace Dynamo.Torch.Numerics;

/// <summary>A bfloat16 number: the upper half of a float32.</summary>
/// <param name="Bits">Sign, 8 exponent bits, 7 mantissa bits.</param>
internal readonly record struct Bf16(ushort Bits)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator float(Bf16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <summary>Rounds to the nearest, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator Bf16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return new Bf16((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }
}
