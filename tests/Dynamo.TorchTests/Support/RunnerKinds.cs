using Dynamo.Engine.Execution;
using Dynamo.Torch;
using Dynamo.Torch.Cuda;
using TorchSharp;

namespace Dynamo.TorchTests.Support;

/// <summary>The runners that a checkpoint can be loaded into.</summary>
public enum RunnerKind
{
    /// <summary>Packed linear layers and own kernels.</summary>
    Cpu,

    /// <summary>Plain torch operations, on the CPU device.</summary>
    TorchOps,
}

internal static class RunnerKinds
{
    /// <summary>Without the half second that a start gives to single layers: these tests compare bits themselves and load hundreds of models.</summary>
    public static TorchModelRunnerFactory CpuFactory => new() { LayerCheckTime = TimeSpan.Zero };

    public static IModelRunner Load(RunnerKind kind, string folder, string dtype, int numThreads = 2)
    {
        ModelLoadOptions options = new() { ModelPath = folder, DType = dtype, NumThreads = numThreads };
        return kind == RunnerKind.Cpu
            ? CpuFactory.Load(options, null, CancellationToken.None)
            : TorchOpsModelRunner.Load(options, torch.CPU, null, CancellationToken.None);
    }
}
