namespace Dynamo.Engine.Sampling;

/// <summary>Buffers for sampling one row at a time, made once for an engine. The engine thread's.</summary>
internal sealed class SamplingScratch(int vocabularySize)
{
    private float[]? _rawLogits;

    /// <summary>Probabilities relative to the best token's, [vocabulary].</summary>
    public float[] Weights { get; } = new float[vocabularySize];

    /// <summary>What <see cref="VectorMath.GroupMaxima"/> writes: a sixteenth of the vocabulary and a remainder.</summary>
    public float[] GroupMaxima { get; } = new float[(vocabularySize / 16) + 16];

    /// <summary>Tokens that the filters left.</summary>
    public Candidates Candidates { get; } = new(vocabularySize);

    /// <summary>A copy of the untouched logits, [vocabulary]; only made when somebody asks for log-probabilities.</summary>
    public float[] RawLogits => _rawLogits ??= new float[vocabularySize];
}
