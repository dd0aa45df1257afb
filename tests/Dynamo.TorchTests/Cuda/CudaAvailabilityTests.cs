using Dynamo.Engine.Execution;
using Dynamo.Torch.Cuda;
using Xunit;

namespace Dynamo.TorchTests.Cuda;

public sealed class CudaAvailabilityTests
{
    [Fact]
    public void WhyNot_CpuBuild_SaysHowToBuild() => Assert.Contains("-p:TorchBackend=cuda", CudaAvailability.WhyNot(isCudaBuild: false, static () => 1));

    [Fact]
    public void WhyNot_NoDevice_SaysWhereToLook() => Assert.Contains("nvidia-smi", CudaAvailability.WhyNot(isCudaBuild: true, static () => 0));

    [Fact]
    public void WhyNot_LibraryMissing_IsOneLineWithTheCause()
    {
        string? reason = CudaAvailability.WhyNot(isCudaBuild: true, static () => throw new DllNotFoundException("libcudart.so.12:\ncannot open"));

        Assert.Contains("libcudart.so.12: cannot open", reason);
        Assert.DoesNotContain("\n", reason);
    }

    [Fact]
    public void WhyNot_ADevice_IsNothing() => Assert.Null(CudaAvailability.WhyNot(isCudaBuild: true, static () => 1));

    [Fact]
    public void Load_WhereCudaCannotBeUsed_SaysWhyBeforeReadingTheFolder()
    {
        if (CudaAvailability.WhyNot() is { } reason)
        {
            NotSupportedException e = Assert.Throws<NotSupportedException>(() =>
                new CudaModelRunnerFactory().Load(new ModelLoadOptions { ModelPath = "/nowhere" }, null, CancellationToken.None));
            Assert.Equal(reason, e.Message);
        }
    }
}
