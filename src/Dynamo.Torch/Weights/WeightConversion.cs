using System.Numerics;
using System.Runtime.CompilerServices;
using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Weights;

/// <summary>
/// Converts weights between float32, float16 and bfloat16. Widening is exact; narrowing rounds to nearest, ties to even, overflows to
/// infinity, and keeps a NaN a NaN.
/// </summary>
/// <remarks>bfloat16 values are passed as <see cref="ushort"/>, the upper half of a float32's bits. Sources need no alignment.</remarks>
public static unsafe class WeightConversion
{
    private const uint HalfAbsoluteMask = 0x7FFF;
    private const uint HalfInfinity = 0x7C00;
    private const uint FloatExponentRebias = (127 - 15) << 23;
    private const uint FloatExponentOfInfinity = 255u << 23;
    private const uint QuietBit = 0x0040;

    /// <summary>Converts a whole tensor to float32.</summary>
    /// <param name="source">Float32, float16 or bfloat16.</param>
    /// <param name="destination">Room for <see cref="TensorView.NumElements"/>.</param>
    /// <exception cref="ArgumentException">Another element type.</exception>
    public static void ToFloat32(TensorView source, float* destination) => ToFloat32(source.DType, source.Data, destination, source.NumElements);

    /// <summary>Converts a whole tensor to bfloat16.</summary>
    /// <param name="source">Float32, float16 or bfloat16.</param>
    /// <param name="destination">Room for <see cref="TensorView.NumElements"/>.</param>
    /// <exception cref="ArgumentException">Another element type.</exception>
    public static void ToBFloat16(TensorView source, ushort* destination) => ToBFloat16(source.DType, source.Data, destination, source.NumElements);

    /// <summary>Converts <paramref name="count"/> elements to float32.</summary>
    /// <exception cref="ArgumentException">A type other than float32, float16 and bfloat16.</exception>
    public static void ToFloat32(TensorDType dtype, void* source, float* destination, long count)
    {
        switch (dtype)
        {
            case TensorDType.Float32:
                Buffer.MemoryCopy(source, destination, checked(count * sizeof(float)), checked(count * sizeof(float)));
                break;
            case TensorDType.BFloat16:
                Widen((ushort*)source, destination, count);
                break;
            case TensorDType.Float16:
                WidenHalf((ushort*)source, destination, count);
                break;
            default:
                throw new ArgumentException($"{dtype} is not a weight type; float32, float16 and bfloat16 are", nameof(dtype));
        }
    }

    /// <summary>Converts <paramref name="count"/> elements to bfloat16.</summary>
    /// <exception cref="ArgumentException">A type other than float32, float16 and bfloat16.</exception>
    public static void ToBFloat16(TensorDType dtype, void* source, ushort* destination, long count)
    {
        switch (dtype)
        {
            case TensorDType.BFloat16:
                Buffer.MemoryCopy(source, destination, checked(count * sizeof(ushort)), checked(count * sizeof(ushort)));
                break;
            case TensorDType.Float32:
                Narrow((float*)source, destination, count);
                break;
            case TensorDType.Float16:
                NarrowHalf((ushort*)source, destination, count);
                break;
            default:
                throw new ArgumentException($"{dtype} is not a weight type; float32, float16 and bfloat16 are", nameof(dtype));
        }
    }

    /// <summary>One float32 rounded to bfloat16.</summary>
    public static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | QuietBit)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static void Widen(ushort* source, float* destination, long count)
    {
        long i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Load(source + i), out Vector<uint> low, out Vector<uint> high);
            Store(low << 16, destination + i);
            Store(high << 16, destination + i + Vector<uint>.Count);
        }

        for (; i < count; i++)
        {
            destination[i] = BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(source + i) << 16);
        }
    }

    private static void Narrow(float* source, ushort* destination, long count)
    {
        long i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector<uint> low = Round(Unsafe.ReadUnaligned<Vector<uint>>(source + i));
            Vector<uint> high = Round(Unsafe.ReadUnaligned<Vector<uint>>(source + i + Vector<uint>.Count));
            Unsafe.WriteUnaligned(destination + i, Vector.Narrow(low, high));
        }

        for (; i < count; i++)
        {
            destination[i] = ToBFloat16(Unsafe.ReadUnaligned<float>(source + i));
        }
    }

    private static void WidenHalf(ushort* source, float* destination, long count)
    {
        long i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Load(source + i), out Vector<uint> low, out Vector<uint> high);
            Store(HalfToSingleBits(low), destination + i);
            Store(HalfToSingleBits(high), destination + i + Vector<uint>.Count);
        }

        for (; i < count; i++)
        {
            destination[i] = (float)Unsafe.ReadUnaligned<Half>(source + i);
        }
    }

    private static void NarrowHalf(ushort* source, ushort* destination, long count)
    {
        long i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Load(source + i), out Vector<uint> low, out Vector<uint> high);
            Unsafe.WriteUnaligned(destination + i, Vector.Narrow(Round(HalfToSingleBits(low)), Round(HalfToSingleBits(high))));
        }

        for (; i < count; i++)
        {
            destination[i] = ToBFloat16((float)Unsafe.ReadUnaligned<Half>(source + i));
        }
    }

    /// <summary>Float32 bits to bfloat16 bits in the lower half of each lane.</summary>
    private static Vector<uint> Round(Vector<uint> bits)
    {
        Vector<uint> upper = bits >> 16;
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + (upper & Vector<uint>.One)) >> 16;
        Vector<uint> isNaN = Vector.GreaterThan(bits & new Vector<uint>(0x7FFFFFFF), new Vector<uint>(FloatExponentOfInfinity));
        return Vector.ConditionalSelect(isNaN, upper | new Vector<uint>(QuietBit), rounded);
    }

    /// <summary>Float16 bits in the lower half of each lane to float32 bits.</summary>
    private static Vector<uint> HalfToSingleBits(Vector<uint> half)
    {
        Vector<uint> magnitude = half & new Vector<uint>(HalfAbsoluteMask);
        Vector<uint> sign = (half ^ magnitude) << 16;
        Vector<uint> shifted = magnitude << 13;
        Vector<uint> normal = shifted + new Vector<uint>(FloatExponentRebias);

        // Subnormal: with the exponent set to 2^-14 the mantissa counts as 1.m; taking the 1 away again normalises, exactly.
        Vector<uint> one = new(FloatExponentRebias + (1u << 23));
        Vector<uint> subnormal = Vector.AsVectorUInt32(Vector.AsVectorSingle(shifted + one) - Vector.AsVectorSingle(one));
        Vector<uint> special = shifted | new Vector<uint>(FloatExponentOfInfinity);

        Vector<uint> isSubnormal = Vector.LessThan(magnitude, new Vector<uint>(0x0400));
        Vector<uint> isSpecial = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(HalfInfinity));
        return sign | Vector.ConditionalSelect(isSpecial, special, Vector.ConditionalSelect(isSubnormal, subnormal, normal));
    }

    private static Vector<ushort> Load(ushort* source) => Unsafe.ReadUnaligned<Vector<ushort>>(source);

    private static void Store(Vector<uint> bits, float* destination) => Unsafe.WriteUnaligned(destination, bits);
}
