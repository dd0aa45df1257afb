namespace Dynamo.Engine.Sampling;

/// <summary>Tokens that can still be drawn, with their weights, in order of token id. Reused for every row; not thread-safe.</summary>
internal sealed class Candidates(int vocabularySize)
{
    private readonly int[] _ids = new int[vocabularySize];
    private readonly float[] _weights = new float[vocabularySize];
    private int _count;

    /// <summary>Weights, none of them 0.</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, _count);

    /// <summary>Token of the weight at <paramref name="index"/>.</summary>
    public int Id(int index) => _ids[index];

    /// <summary>Starts anew from the tokens whose weight is at least <paramref name="floor"/> and above 0.</summary>
    /// <param name="weights">All weights, [vocabulary].</param>
    /// <param name="floor">What is below can be dropped before anything else is looked at.</param>
    public void Gather(ReadOnlySpan<float> weights, float floor) =>
        _count = VectorMath.Gather(weights, Math.Max(floor, float.Epsilon), _ids, _weights);

    /// <summary>Keeps the k best and whatever ties with the last of them.</summary>
    public void KeepTopK(int k)
    {
        if (k < _count)
        {
            Keep(WeightThreshold.KthLargest(Weights, k), int.MaxValue);
        }
    }

    /// <summary>Keeps the fewest tokens whose weights sum to <paramref name="target"/>; of equal ones at the edge, the lowest ids.</summary>
    public void KeepNucleus(double target)
    {
        (float cut, int numAtCut) = WeightThreshold.Nucleus(Weights, target);
        Keep(cut, numAtCut);
    }

    private void Keep(float cut, int numAtCut)
    {
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            float weight = _weights[i];
            if (weight > cut || (weight == cut && numAtCut-- > 0))
            {
                _ids[kept] = _ids[i];
                _weights[kept++] = weight;
            }
        }

        _count = kept;
    }
}
