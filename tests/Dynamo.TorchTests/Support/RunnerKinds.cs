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
    public static IModelRunner Load(RunnerKind kind, string folder, string dtype, int numThreads = 2)
    {
        ModelLoadOptions options = new() { ModelPath = folder, DType = dtype, NumThreads = numThreads };
        return kind == RunnerKind.Cpu
            ? new TorchModelRunnerFactory().Load(options, null, CancellationToken.None)
            : TorchOpsModelRunner.Load(options, torch.CPU, null, CancellationToken.None);
    }
}
