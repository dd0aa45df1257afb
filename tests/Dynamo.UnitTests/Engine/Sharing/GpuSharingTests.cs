using Dynamo.Engine.Sharing;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sharing;

public sealed class GpuSharingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-gpus-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Constructor_ThreeEnginesOnTwoGpus_TakeTurns()
    {
        using GpuSharing first = Join("0", "1");
        using GpuSharing second = Join("0", "1");
        using GpuSharing third = Join("0", "1");

        Assert.Equal((0, 1, 0), (first.Index, second.Index, third.Index));
    }

    [Fact]
    public void Constructor_GpuGivenUp_IsTakenAgain()
    {
        GpuSharing first = Join("0", "1");
        using GpuSharing second = Join("0", "1");
        first.Dispose();
        using GpuSharing third = Join("0", "1");

        Assert.Equal((1, 0), (second.Index, third.Index));
    }

    [Fact]
    public void Constructor_OtherOrderOfTheSameGpus_IsUnderstood()
    {
        using GpuSharing first = Join("2", "3");
        using GpuSharing second = Join("3", "2");
        using GpuSharing third = Join("2", "3", "4");

        Assert.Equal((0, 0, 2), (first.Index, second.Index, third.Index));
    }

    [Theory]
    [InlineData(null, 2, new[] { "0", "1" })]
    [InlineData("", 1, new[] { "0" })]
    [InlineData("3, 1", 2, new[] { "3", "1" })]
    [InlineData("GPU-a,GPU-b,GPU-c", 2, new[] { "GPU-a", "GPU-b" })] // The driver shows those before the first that it does not know.
    public void Names_OfVisibleDevices_AreTheirs(string? visibleDevices, int numVisible, string[] names) =>
        Assert.Equal(names, GpuSharing.Names(visibleDevices, numVisible));

    private GpuSharing Join(params string[] names) => new(ClaimTable<ulong>.TryTake(_folder.FullName, "gpus"), names);
}
