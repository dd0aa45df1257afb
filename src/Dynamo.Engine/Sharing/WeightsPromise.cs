using Dynamo.Engine.Execution;

namespace Dynamo.Engine.Sharing;

/// <summary>Promises the memory of a model's weights as soon as their size is known, and passes on how far loading is.</summary>
internal sealed class WeightsPromise(MemorySharing memory, IProgress<LoadProgress>? progress) : IProgress<LoadProgress>
{
    private bool _isPromised;

    /// <inheritdoc/>
    public void Report(LoadProgress value)
    {
        if (!Interlocked.Exchange(ref _isPromised, true))
        {
            memory.Promise(value.TotalBytes - value.LoadedBytes);
        }

        progress?.Report(value);
    }
}
