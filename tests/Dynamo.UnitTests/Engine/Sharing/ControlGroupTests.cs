using Dynamo.Engine.Sharing;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sharing;

public sealed class ControlGroupTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("dynamo-cgroup-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Folders_Version2_GroupAndAllAbove()
    {
        Folder("a/b");

        Assert.Equal([At("a/b"), At("a"), At("")], Group("0::/a/b\n").Folders("cpu"));
    }

    [Fact]
    public void Folders_Version1_OfTheController()
    {
        Folder("cpu,cpuacct/a");
        Folder("memory");

        Assert.Equal([At("cpu,cpuacct/a"), At("cpu,cpuacct")], Group("5:memory:/b\n4:cpu,cpuacct:/a\n").Folders("cpu"));
        Assert.Equal([At("memory")], Group("5:memory:/b\n4:cpu,cpuacct:/a\n").Folders("memory"));
    }

    [Fact]
    public void Folders_PathOfTheHostInAContainer_ItsOwnRoot() => Assert.Equal([At("")], Group("0::/docker/1234\n").Folders("cpu"));

    [Theory]
    [InlineData("200000 100000\n", 2)]
    [InlineData("250000 100000\n", 2)] // The half core is left to threads that do not spin.
    [InlineData("50000 100000\n", 1)]
    public void Find_QuotaOfVersion2_WholeCores(string text, int numCores)
    {
        Write("a/cpu.max", text);

        Assert.Equal(numCores, CpuQuota.Find(Group("0::/a\n"))?.NumCores);
    }

    [Fact]
    public void Find_QuotaOfVersion1_WholeCores()
    {
        Write("cpu/a/cpu.cfs_quota_us", "300000\n");
        Write("cpu/a/cpu.cfs_period_us", "100000\n");

        Assert.Equal(3, CpuQuota.Find(Group("1:cpu:/a\n"))?.NumCores);
    }

    [Fact]
    public void Find_QuotaOfAGroupAbove_Binds()
    {
        Write("a/b/cpu.max", "800000 100000");
        Write("a/cpu.max", "400000 100000");

        Assert.Equal(4, CpuQuota.Find(Group("0::/a/b\n"))?.NumCores);
    }

    [Theory]
    [InlineData("max 100000\n")]
    [InlineData("-1 100000\n")]
    [InlineData("")]
    public void Find_NoQuota_IsNull(string text)
    {
        Write("cpu.max", text);

        Assert.Null(CpuQuota.Find(Group("0::/\n")));
    }

    [Fact]
    public void Find_SamePathInTwoContainers_AreTwoGroups()
    {
        Write("cpu.max", "200000 100000");
        CpuQuota? one = CpuQuota.Find(Group("0::/\n") with { Namespace = "cgroup:[1]" });
        CpuQuota? other = CpuQuota.Find(Group("0::/\n") with { Namespace = "cgroup:[2]" });

        Assert.NotEqual(one?.Group, other?.Group);
        Assert.Equal(one, CpuQuota.Find(Group("0::/\n") with { Namespace = "cgroup:[1]" }));
    }

    [Fact]
    public void Own_ThisProcess_HasANamespace() => Assert.StartsWith("cgroup:", ControlGroup.Own().Namespace);

    private ControlGroup Group(string membership) => new(_root.FullName, membership, "");

    private string At(string path) => path.Length == 0 ? _root.FullName : Path.Combine(_root.FullName, path);

    private void Folder(string path) => Directory.CreateDirectory(At(path));

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }
}
