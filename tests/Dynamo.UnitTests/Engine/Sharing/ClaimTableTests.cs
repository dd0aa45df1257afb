using Dynamo.Engine.Configuration;
using Dynamo.Engine.Sharing;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sharing;

public sealed class ClaimTableTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-claims-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_ClaimOfAnother_IsThereAsWritten()
    {
        using ClaimTable<long> first = Take();
        using ClaimTable<long> second = Take();
        second.Write(42);

        Assert.Equal([0, 42], Read(first));
        Assert.Equal((0, 1), (first.Slot, second.Slot));
        Assert.True(first.IsAnothers(1));
        Assert.False(first.IsAnothers(0));
    }

    [Fact]
    public void Dispose_SlotIsNobodysAndTheNextOnesTakeIt()
    {
        using ClaimTable<long> first = Take();
        ClaimTable<long> second = Take();
        second.Write(42);
        second.Dispose();

        Assert.False(first.IsAnothers(1));

        using ClaimTable<long> third = Take();
        Assert.Equal(1, third.Slot);
        Assert.Equal([0, 0], Read(first));
    }

    [Fact]
    public void TryTake_AllSlotsTaken_IsNull()
    {
        List<ClaimTable<long>> all = [.. Enumerable.Range(0, ClaimTable<long>.MaxClaims).Select(_ => Take())];
        try
        {
            Assert.Null(ClaimTable<long>.TryTake(_folder.FullName, "test"));
        }
        finally
        {
            all.ForEach(static table => table.Dispose());
        }
    }

    [Fact]
    public void TryTake_OtherKindOfClaim_IsAnotherFile()
    {
        using ClaimTable<long> claims = Take();
        using ClaimTable<int> others = ClaimTable<int>.TryTake(_folder.FullName, "test")!;

        Assert.Equal((0, 0), (claims.Slot, others.Slot));
    }

    [Fact]
    public void TryTake_FileOpenToOthers_IsRefusedByName()
    {
        Take().Dispose();
        string path = _folder.GetFiles().Single().FullName;
        File.Delete(path);
        File.WriteAllText(path, "");

        EngineStartException thrown = Assert.Throws<EngineStartException>(Take);
        Assert.Contains(path, thrown.Message);
        Assert.Contains("DYN_HOST_DIR", thrown.Message);
    }

    [Fact]
    public void TryTake_LinkInTheWay_IsNotFollowed()
    {
        Take().Dispose();
        string path = _folder.GetFiles().Single().FullName;
        File.Delete(path);
        File.CreateSymbolicLink(path, Path.Combine(_folder.FullName, "elsewhere"));

        Assert.Throws<EngineStartException>(Take);
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "elsewhere")));
    }

    private ClaimTable<long> Take() => ClaimTable<long>.TryTake(_folder.FullName, "test")!;

    private static long[] Read(ClaimTable<long> table)
    {
        long[] claims = new long[ClaimTable<long>.MaxClaims];
        return claims[..table.Read(claims)];
    }
}
