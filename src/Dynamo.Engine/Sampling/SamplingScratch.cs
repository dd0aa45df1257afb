namespace Dynamo.Engine.Sampling;

/// <summary>Buffers for sampling one row at a time, made once for an engine. The engine thread's.</summary>
internal sealed class SamplingScratch(int vocabularySize)
{
    private float[]? _rawLogits;

    /// <summary>Probabilities relative to the best token's, [vocabulary].</summary>
    public float[] Weights { get; } = new float[vocabularySize];

    /// <summary>A copy of the untouched logits, [vocabulary]; only made when somebody asks for log-probabilities.</summary>
    public float[] RawLogits => _rawLogits ??= new float[vocabularySize];

    /// <summary>Finds k-th largest and nucleus thresholds.</summary>
    public WeightHistogram Histogram { get; } = new();
}
