using Dynamo.Engine.Execution;
using TorchSharp;

namespace Dynamo.Torch.Cuda;

/// <summary>Loads models onto the first CUDA device. For builds made with <c>-p:TorchBackend=cuda</c>, see <see cref="CudaAvailability"/>.</summary>
/// <remarks>Never yet run on a CUDA device; the same runner is checked on CPU.</remarks>
public sealed class CudaModelRunnerFactory : IModelRunnerFactory
{
    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">This build or this machine cannot compute on CUDA; the message says why in one line.</exception>
    public IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken) =>
        CudaAvailability.WhyNot() is { } reason
            ? throw new NotSupportedException(reason)
            : TorchOpsModelRunner.Load(options, torch.device("cuda:0"), progress, cancellationToken);
}
