using Dynamo.Engine.Execution;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>
/// Makes layers from a checkpoint: reads each weight once, lets its pages go, and tells how far loading is. Owns what it made, so that
/// loading that fails half-way leaves no native memory behind.
/// </summary>
internal sealed class WeightSource(WeightFiles files, LinearFactory linears, IProgress<LoadProgress>? progress, CancellationToken cancellationToken) : IDisposable
{
    private readonly List<IDisposable> _made = [];
    private long _loadedBytes;

    /// <summary>A weight of this shape, which stays mapped.</summary>
    public TensorView Get(string name, params ReadOnlySpan<long> shape)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return files.Get(name, shape);
    }

    /// <summary>The norm <c>prefix.weight</c> of rows, [length].</summary>
    public NormWeight<T> Norm<T>(string prefix, int length)
        where T : unmanaged => Norm<T>(prefix, length, numParts: 1);

    /// <summary>The norm <c>prefix.weight</c> of heads, [length], halves expanded.</summary>
    public NormWeight<T> HeadNorm<T>(string prefix, int length)
        where T : unmanaged => Norm<T>(prefix, length, numParts: 2);

    /// <summary>The router <c>prefix.weight</c>, [numExperts, hidden], not packed: it is too small.</summary>
    public StackedWeight<T> Router<T>(string prefix, int numExperts, int hidden)
        where T : unmanaged
    {
        TensorView view = Get($"{prefix}.weight", numExperts, hidden);
        StackedWeight<T> router = Own(new StackedWeight<T>([view]));
        Done(view);
        return router;
    }

    /// <summary>One packed layer of the projections <c>prefix.weight</c> and, with biases, <c>prefix.bias</c>, side by side.</summary>
    public LinearLayer<TActivation> Linear<TActivation, T>(bool bias, params ReadOnlySpan<(string Prefix, int NumOutputs, int NumInputs)> projections)
        where TActivation : unmanaged
        where T : unmanaged
    {
        TensorView[] weights = new TensorView[projections.Length];
        TensorView[] biases = new TensorView[bias ? projections.Length : 0];
        for (int i = 0; i < projections.Length; i++)
        {
            (string prefix, int numOutputs, int numInputs) = projections[i];
            weights[i] = Get($"{prefix}.weight", numOutputs, numInputs);
            if (bias)
            {
                biases[i] = Get($"{prefix}.bias", numOutputs);
            }
        }

        LinearLayer<TActivation> linear = Own(linears.Make<TActivation, T>(weights, biases));
        foreach (TensorView view in weights)
        {
            Done(view);
        }

        foreach (TensorView view in biases)
        {
            Done(view);
        }

        return linear;
    }

    /// <summary>Packs a weight that stays mapped for other use.</summary>
    public LinearLayer<TActivation> Linear<TActivation, T>(TensorView weight)
        where TActivation : unmanaged
        where T : unmanaged
    {
        LinearLayer<TActivation> linear = Own(linears.Make<TActivation, T>([weight], []));
        Report(weight.ByteLength);
        return linear;
    }

    /// <summary>Frees every layer made here.</summary>
    public void Dispose()
    {
        _made.ForEach(static made => made.Dispose());
        _made.Clear();
    }

    private NormWeight<T> Norm<T>(string prefix, int length, int numParts)
        where T : unmanaged
    {
        TensorView view = Get($"{prefix}.weight", length);
        NormWeight<T> norm = Own(new NormWeight<T>(view, numParts));
        Done(view);
        return norm;
    }

    private TMade Own<TMade>(TMade made)
        where TMade : IDisposable
    {
        _made.Add(made);
        return made;
    }

    private void Done(TensorView view)
    {
        files.Release(view);
        Report(view.ByteLength);
    }

    private void Report(long bytes)
    {
        _loadedBytes += bytes;
        progress?.Report(new LoadProgress(Math.Min(_loadedBytes, files.TotalBytes), files.TotalBytes));
    }
}
