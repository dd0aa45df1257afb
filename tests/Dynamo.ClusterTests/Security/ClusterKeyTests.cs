using System.Security.Cryptography;
using Dynamo.Security.Keys;
using Xunit;

namespace Dynamo.ClusterTests.Security;

public sealed class ClusterKeyTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(1, ClusterKey.Size).Select(static i => (byte)(i * 7))];

    [Fact]
    public void Parse_HexOrBase64_IsTheSameKey()
    {
        byte[] expected = HMACSHA256.HashData(Bytes, "x"u8);
        foreach (string text in new[] { Convert.ToHexString(Bytes), Convert.ToHexStringLower(Bytes), Convert.ToBase64String(Bytes), $" {Convert.ToBase64String(Bytes)}\n" })
        {
            ClusterKey? key = ClusterKey.Parse(text);
            Assert.NotNull(key);
            byte[] mac = new byte[ClusterKey.MacSize];
            key.Sign("x"u8, mac);
            Assert.Equal(expected, mac);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")] // 31 bytes
    [InlineData("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021")] // 33 bytes
    [InlineData("g102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==")] // 31 bytes
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh")] // 33 bytes
    public void Parse_AnythingElse_IsNoKey(string text) => Assert.Null(ClusterKey.Parse(text));

    [Fact]
    public void Verify_OneBitOff_IsFalse()
    {
        ClusterKey key = ClusterKey.Create();
        byte[] mac = new byte[ClusterKey.MacSize];
        key.Sign("data"u8, mac);
        Assert.True(key.Verify("data"u8, mac));
        Assert.False(key.Verify("Data"u8, mac));
        Assert.False(key.Verify("data"u8, mac.AsSpan(1)));
        for (int bit = 0; bit < 8 * mac.Length; bit++)
        {
            mac[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.Verify("data"u8, mac));
            mac[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void ToString_ShowsNothing()
    {
        ClusterKey key = ClusterKey.Parse(Convert.ToHexString(Bytes))!;
        Assert.Equal("cluster key (not shown)", key.ToString());
        Assert.DoesNotContain(Convert.ToHexString(Bytes), $"{RedisServer.Settings(1) with { Key = key }}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Reader_FileWinsOverEnvironment_FaultsNameTheSourceButNotTheKey()
    {
        string path = Path.GetTempFileName();
        try
        {
            List<string> faults = [];
            string other = Convert.ToHexString(new byte[ClusterKey.Size]);
            File.WriteAllText(path, Convert.ToHexString(Bytes) + "\n");
            Assert.Equal(Convert.ToHexString(Bytes), ClusterKeyReader.Read(path, _ => other, faults)?.Reveal());
            Assert.Equal(other, ClusterKeyReader.Read(null, _ => other, faults)?.Reveal());
            Assert.Null(ClusterKeyReader.Read(null, _ => null, faults));
            Assert.Empty(faults);

            File.WriteAllText(path, "hunter2");
            Assert.Null(ClusterKeyReader.Read(path, _ => other, faults));
            File.WriteAllText(path, new string('0', 2000));
            Assert.Null(ClusterKeyReader.Read(path, _ => other, faults));
            Assert.Null(ClusterKeyReader.Read(path + ".none", _ => other, faults));
            Assert.Null(ClusterKeyReader.Read(null, _ => "hunter2", faults));

            Assert.Equal(4, faults.Count);
            Assert.All(faults, static fault => Assert.DoesNotContain("hunter2", fault));
            Assert.Contains("64 hexadecimal digits", faults[0]);
            Assert.Contains("larger than 1024 bytes", faults[1]);
            Assert.Contains("--cluster-key-file cannot be read", faults[2]);
            Assert.StartsWith("DYN_CLUSTER_KEY must hold 32 bytes", faults[3]);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
