namespace Dynamo.Routing.Workers;

/// <summary>
/// Learns how fast a model's workers are from their steps: the decode line from steps without prompts, the price of a prompt token from what the others
/// take beyond that line. A line's level is the mean of all steps; its shape comes from how each worker's steps differ among themselves, since a slow one whose
/// prompts are all short would bend it otherwise. Deterministic; not thread-safe.
/// </summary>
internal sealed class FleetSpeed
{
    // Of a full step's time, what its tokens take at least: no token is free, whatever a few odd steps say.
    private const double LeastShare = 0.05;

    private LineFit _prefill;
    private LineFit _decode;

    /// <summary>The lines.</summary>
    public StepSpeed Speed { get; private set; } = StepSpeed.Initial;

    /// <summary>Milliseconds that a step's prompts take however short they are.</summary>
    public double PrefillBase { get; private set; }

    /// <summary>Milliseconds that a full step's prompts take.</summary>
    /// <param name="maxBatchedTokens">Most tokens of a step.</param>
    public double FullPrefill(int maxBatchedTokens) => PrefillBase + (Speed.PrefillMilliseconds * maxBatchedTokens);

    /// <summary>Learns from what a step's prompts took.</summary>
    /// <param name="x">Share of a full step's tokens that they are.</param>
    /// <param name="y">Milliseconds, 0 or more.</param>
    /// <param name="worker">What its worker showed, this point included.</param>
    /// <param name="maxBatchedTokens">Most tokens of a step.</param>
    /// <param name="now">The moment, in milliseconds.</param>
    public void LearnPrefill(double x, double y, in LineScale worker, int maxBatchedTokens, double now)
    {
        Add(ref _prefill, x, y, worker, PrefillBase, FullPrefill(maxBatchedTokens), now);
        (PrefillBase, double full) = _prefill.Solve(0, StepSpeed.Initial.PrefillMilliseconds * maxBatchedTokens);
        Speed = Speed with { PrefillMilliseconds = Math.Max(full - PrefillBase, LeastShare * full) / maxBatchedTokens };
    }

    /// <summary>Learns from a step without prompts.</summary>
    /// <param name="x">Share of the blocks in use.</param>
    /// <param name="y">Milliseconds, above 0.</param>
    /// <param name="worker">What its worker showed, this point included.</param>
    /// <param name="now">The moment, in milliseconds.</param>
    public void LearnDecode(double x, double y, in LineScale worker, double now)
    {
        Add(ref _decode, x, y, worker, Speed.DecodeAt(0), Speed.DecodeAt(1), now);
        (double empty, double full) = _decode.Solve(StepSpeed.Initial.DecodeAt(0), StepSpeed.Initial.DecodeAt(1));
        Speed = Speed with { DecodeMilliseconds = empty, FullDecodeMilliseconds = full - empty };
    }

    // What a point rises above its worker's mean is divided by how many times as high as the line that mean is: without doubt, since no level comes from it.
    private static void Add(ref LineFit line, double x, double y, in LineScale worker, double start, double end, double now)
    {
        double expected = start + ((end - start) * x);
        (double meanX, double meanY) = worker.Mean;
        double meanExpected = start + ((end - start) * meanX);
        double rise = (LineFit.Clamp(y, worker.Of(start, end, now) * expected) / meanY) - 1;
        line.Add(x, y, expected, x - meanX, rise * meanExpected);
    }
}
