using Dynamo.Engine.Execution;

namespace Dynamo.Engine.Mock;

/// <summary>Makes mock runners; the model folder is not read.</summary>
/// <param name="config">Shape and behaviour.</param>
public sealed class MockModelRunnerFactory(MockModelConfig config) : IModelRunnerFactory
{
    /// <inheritdoc/>
    public IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(new LoadProgress(1, 1));
        return new MockModelRunner(config);
    }
}
