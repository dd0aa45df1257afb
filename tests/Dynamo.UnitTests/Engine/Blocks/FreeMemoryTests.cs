using Dynamo.Engine.Blocks;
using Xunit;

namespace Dynamo.UnitTests.Engine.Blocks;

public sealed class FreeMemoryTests : IDisposable
{
    private readonly DirectoryInfo _group = Directory.CreateTempSubdirectory("dynamo-cgroup-");

    public void Dispose() => _group.Delete(recursive: true);

    [Fact]
    public void Left_LimitAndUse_TheDifference()
    {
        Write("memory.max", "1000\n");
        Write("memory.current", "300\n");

        Assert.Equal(700, FreeMemory.Left(_group.FullName));
    }

    [Fact]
    public void Left_FilesInTheCache_CountAsFree()
    {
        Write("memory.max", "1000\n");
        Write("memory.current", "990\n");
        Write("memory.stat", "anon 300\nfile 690\nfile_mapped 690\ninactive_file 500\nactive_file 150\ninactive_anon 7\n");

        Assert.Equal(660, FreeMemory.Left(_group.FullName));
    }

    [Fact]
    public void Left_MoreUsedThanAllowed_IsNone()
    {
        Write("memory.max", "1000");
        Write("memory.current", "1200");

        Assert.Equal(0, FreeMemory.Left(_group.FullName));
    }

    [Theory]
    [InlineData("max\n")]
    [InlineData(null)]
    public void Left_NoLimit_IsUnbounded(string? limit)
    {
        if (limit is not null)
        {
            Write("memory.max", limit);
        }

        Write("memory.current", "300");

        Assert.Equal(long.MaxValue, FreeMemory.Left(_group.FullName));
    }

    [Fact]
    public void Bytes_ThisMachine_IsSomething() => Assert.InRange(FreeMemory.Bytes(), 1, long.MaxValue - 1);

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_group.FullName, file), text);
}
