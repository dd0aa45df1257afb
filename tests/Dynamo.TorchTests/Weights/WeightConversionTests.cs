using Dynamo.Torch.Configuration;
using Dynamo.Torch.Weights;
using Xunit;

namespace Dynamo.TorchTests.Weights;

public sealed unsafe class WeightConversionTests
{
    private static readonly ushort[] AllPatterns = [.. Enumerable.Range(0, 1 << 16).Select(static i => (ushort)i)];

    [Fact]
    public void ToFloat32_EveryHalf_IsExact()
    {
        float[] actual = ToFloat32(TensorDType.Float16, AllPatterns);

        for (int i = 0; i < actual.Length; i++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf((ushort)i);
            Assert.True(float.IsNaN(expected) ? float.IsNaN(actual[i]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual[i]), $"0x{i:X4}");
        }
    }

    [Fact]
    public void ToFloat32_EveryBFloat16_IsTheUpperHalf()
    {
        float[] actual = ToFloat32(TensorDType.BFloat16, AllPatterns);

        Assert.Equal(AllPatterns.Select(static bits => (uint)bits << 16), actual.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void ToBFloat16_EveryHalf_RoundsOnce()
    {
        ushort[] actual = ToBFloat16(TensorDType.Float16, AllPatterns);

        for (int i = 0; i < actual.Length; i++)
        {
            Assert.True(Reference((float)BitConverter.UInt16BitsToHalf((ushort)i), actual[i]), $"0x{i:X4}");
        }
    }

    [Theory]
    [InlineData(0x3F808000u, 0x3F80)] // a tie goes to the even neighbour, below
    [InlineData(0x3F818000u, 0x3F82)] // and above
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0x3F807FFFu, 0x3F80)]
    [InlineData(0x7F7FFFFFu, 0x7F80)] // the largest float32 overflows
    [InlineData(0xFF7FFFFFu, 0xFF80)]
    [InlineData(0x7F800000u, 0x7F80)]
    [InlineData(0x80000000u, 0x8000)]
    [InlineData(0x00008000u, 0x0000)] // subnormals round alike
    [InlineData(0x00018000u, 0x0002)]
    [InlineData(0x7F800001u, 0x7FC0)] // a NaN whose payload would be cut off stays a NaN
    [InlineData(0xFFFFFFFFu, 0xFFFF)]
    public void ToBFloat16_Float32_RoundsToNearestEven(uint bits, ushort expected)
    {
        // 67 elements: vectors and the rest behind them.
        uint[] source = [.. Enumerable.Repeat(bits, 67)];
        ushort[] actual = new ushort[67];
        fixed (uint* from = source)
        fixed (ushort* to = actual)
        {
            WeightConversion.ToBFloat16(TensorDType.Float32, from, to, source.Length);
        }

        Assert.All(actual, value => Assert.Equal(expected, value));
        Assert.Equal(expected, WeightConversion.ToBFloat16(BitConverter.UInt32BitsToSingle(bits)));
    }

    [Fact]
    public void ToFloat32_UnalignedSource_ReadsTheSame()
    {
        byte[] shifted = new byte[(4 * 37) + 1];
        float[] values = [.. Enumerable.Range(0, 37).Select(static i => i * 1.5f)];
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(shifted.AsSpan(1));
        float[] actual = new float[37];
        fixed (byte* from = shifted)
        fixed (float* to = actual)
        {
            WeightConversion.ToFloat32(TensorDType.Float32, from + 1, to, 37);
        }

        Assert.Equal(values, actual);
    }

    [Fact]
    public void Convert_IntegerTensor_IsRefused()
    {
        long source = 0;
        float destination = 0;
        long* from = &source;
        float* to = &destination;
        Assert.Throws<ArgumentException>(() => WeightConversion.ToFloat32(TensorDType.Int64, from, to, 1));
        Assert.Throws<ArgumentException>(() => WeightConversion.ToBFloat16(TensorDType.Int64, from, (ushort*)to, 1));
    }

    private static bool Reference(float value, ushort actual)
    {
        if (float.IsNaN(value))
        {
            return float.IsNaN(BitConverter.UInt32BitsToSingle((uint)actual << 16));
        }

        // Nearest of the two neighbours in double, ties to even: every float16 fits.
        uint bits = BitConverter.SingleToUInt32Bits(value);
        (uint below, uint above) = (bits >> 16, (bits >> 16) + 1);
        if (float.IsInfinity(value))
        {
            return actual == below;
        }

        double down = Math.Abs((double)value - BitConverter.UInt32BitsToSingle(below << 16));
        double up = Math.Abs((double)value - BitConverter.UInt32BitsToSingle(above << 16));
        return actual == (down < up || (down == up && below % 2 == 0) ? below : above);
    }

    private static float[] ToFloat32(TensorDType dtype, ushort[] source)
    {
        float[] result = new float[source.Length];
        fixed (ushort* from = source)
        fixed (float* to = result)
        {
            WeightConversion.ToFloat32(dtype, from, to, source.Length);
        }

        return result;
    }

    private static ushort[] ToBFloat16(TensorDType dtype, ushort[] source)
    {
        ushort[] result = new ushort[source.Length];
        fixed (ushort* from = source)
        fixed (ushort* to = result)
        {
            WeightConversion.ToBFloat16(dtype, from, to, source.Length);
        }

        return result;
    }
}
