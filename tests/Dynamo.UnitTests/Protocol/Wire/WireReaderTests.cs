using Dynamo.Protocol.Wire;
using Xunit;

namespace Dynamo.UnitTests.Protocol.Wire;

public sealed class WireReaderTests
{
    [Theory]
    [InlineData(0UL, 1)]
    [InlineData(127UL, 1)]
    [InlineData(128UL, 2)]
    [InlineData(16_383UL, 2)]
    [InlineData(16_384UL, 3)]
    [InlineData(ulong.MaxValue, 10)]
    public void ReadVarint_Written_ComesBackInTheFewestBytes(ulong value, int length)
    {
        using WireWriter writer = new();
        writer.WriteVarint(value);

        WireReader reader = new(writer.Written);

        Assert.Equal(length, writer.Written.Length);
        Assert.Equal(value, reader.ReadVarint());
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void ReadInt32_AnyInt_ComesBack(int value)
    {
        using WireWriter writer = new();
        writer.WriteInt32(value);

        Assert.Equal(value, new WireReader(writer.Written).ReadInt32());
    }

    [Fact]
    public void ReadVarint_MoreThan64Bits_IsRefused()
    {
        byte[] bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02];

        Assert.Throws<WireFormatException>(() => new WireReader(bytes).ReadVarint());
    }

    [Fact]
    public void ReadInt32_MoreThan32Bits_IsRefused()
    {
        byte[] bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0x1F];

        Assert.Throws<WireFormatException>(() => new WireReader(bytes).ReadInt32());
    }

    [Fact]
    public void ReadString_NotUtf8_IsRefused()
    {
        byte[] bytes = [2, 0xC3, 0x28];

        Assert.Throws<WireFormatException>(() => new WireReader(bytes).ReadString());
    }

    [Fact]
    public void Written_MoreThanTheFirstBuffer_KeepsWhatWasThere()
    {
        using WireWriter writer = new();
        int[] values = [.. Enumerable.Range(0, 10_000)];
        writer.WriteInt32List(values);

        Assert.Equal(values, new WireReader(writer.Written).ReadInt32List());
    }
}
