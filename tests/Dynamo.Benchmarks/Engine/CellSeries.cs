namespace Dynamo.Benchmarks.Engine;

/// <summary>The rounds of one cell.</summary>
/// <param name="cell">Which.</param>
internal sealed class CellSeries(Cell cell)
{
    private readonly List<Sample> _samples = [];

    /// <summary>Which.</summary>
    public Cell Cell => cell;

    /// <summary>All rounds.</summary>
    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>Rounds that count: the calm ones; all of them when fewer than half are calm.</summary>
    public IReadOnlyList<Sample> Counted
    {
        get
        {
            List<Sample> calm = _samples.FindAll(static sample => sample.IsCalm);
            return 2 * calm.Count >= _samples.Count ? calm : _samples;
        }
    }

    /// <summary>Our tokens per second.</summary>
    public Spread Ours => Spread.Of(Counted.Select(sample => cell.NumTokens / sample.Seconds));

    /// <summary>llama.cpp's tokens per second.</summary>
    public Spread? Llama => HasLlama ? Spread.Of(Counted.Select(sample => cell.NumTokens / sample.LlamaSeconds!.Value)) : null;

    /// <summary>Our speed over llama.cpp's, taken in each round.</summary>
    public Spread? Ratio => HasLlama ? Spread.Of(Counted.Select(static sample => sample.LlamaSeconds!.Value / sample.Seconds)) : null;

    /// <summary>Share of a decode step that is not the runner's.</summary>
    public Spread OutsideRunner => Spread.Of(Counted.Select(static sample => sample.OutsideRunner));

    /// <summary>Whether the bar is reached; <see langword="null"/> when there is none or nothing to compare with.</summary>
    public bool? ReachesBar => Ratio is { } ratio && cell.Bar is { } bar ? ratio.Median >= bar : null;

    private bool HasLlama => _samples.Count > 0 && _samples[0].LlamaSeconds is not null;

    /// <summary>The least time at the probed speeds over our time.</summary>
    /// <param name="operationsPerSecond">Best bfloat16 product of the whole run: unlike bandwidth, arithmetic is not shared with neighbours.</param>
    public Spread OfRoofline(double operationsPerSecond) =>
        Spread.Of(Counted.Select(sample => cell.LeastSeconds(sample.BytesPerSecond, operationsPerSecond) / sample.Seconds));

    /// <summary>Adds a round.</summary>
    public void Add(Sample sample) => _samples.Add(sample);
}
