using Dynamo.Engine.Execution;
using Dynamo.Engine.Sharing;
using TorchSharp;

namespace Dynamo.Torch.Cuda;

/// <summary>
/// Loads models onto the CUDA device that fewest other workers of this host use. For builds made with <c>-p:TorchBackend=cuda</c>, see
/// <see cref="CudaAvailability"/>.
/// </summary>
/// <remarks>Never yet run on a CUDA device; the same runner is checked on CPU.</remarks>
public sealed class CudaModelRunnerFactory : IModelRunnerFactory
{
    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">This build or this machine cannot compute on CUDA; the message says why in one line.</exception>
    public IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        if (CudaAvailability.WhyNot() is { } reason)
        {
            throw new NotSupportedException(reason);
        }

        GpuSharing gpu = GpuSharing.Join(torch.cuda.device_count());
        try
        {
            return new GpuModelRunner(TorchOpsModelRunner.Load(options, torch.device($"cuda:{gpu.Index}"), progress, cancellationToken), gpu);
        }
        catch
        {
            gpu.Dispose();
            throw;
        }
    }
}
