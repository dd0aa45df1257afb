namespace Dynamo.Routing.Workers;

/// <summary>
/// Learns how fast a worker is beside the others, with prompts and with decoding: the shape of its lines is the fleet's, since what one worker happened to
/// run may not show it. Deterministic; not thread-safe.
/// </summary>
/// <param name="fleet">What all workers show.</param>
internal sealed class WorkerSpeed(FleetSpeed fleet)
{
    private readonly FleetSpeed _fleet = fleet;
    private LineScale _prefill;
    private LineScale _decode;
    private int _maxBatchedTokens = 1;

    /// <summary>Learns from a step, and so does the fleet.</summary>
    /// <param name="step">As reported.</param>
    /// <param name="maxBatchedTokens">Most tokens of a step.</param>
    /// <param name="now">The moment, in milliseconds.</param>
    public void Learn(in StepSample step, int maxBatchedTokens, double now)
    {
        if (step.Milliseconds <= 0 || step.TotalBlocks <= 0)
        {
            return;
        }

        _maxBatchedTokens = maxBatchedTokens;
        double decode = At(now).DecodeAt(step.UsedShare);
        if (step.PrefillTokens > 0)
        {
            double x = step.PrefillShare(maxBatchedTokens);
            double y = step.PrefillMilliseconds(decode);
            double expected = PrefillScale(now) * (_fleet.PrefillBase + (_fleet.Speed.PrefillMilliseconds * maxBatchedTokens * x));
            _prefill.Add(x, y, expected, now);
            _fleet.LearnPrefill(x, y, _prefill, maxBatchedTokens, now);
        }
        else if (step.DecodeSequences > 0)
        {
            _decode.Add(step.UsedShare, step.Milliseconds, decode, now);
            _fleet.LearnDecode(step.UsedShare, step.Milliseconds, _decode, now);
        }
    }

    /// <summary>Its lines at a moment.</summary>
    public StepSpeed At(double now)
    {
        StepSpeed fleet = _fleet.Speed;
        double decode = DecodeScale(now);
        return new StepSpeed(fleet.PrefillMilliseconds * PrefillScale(now), fleet.DecodeMilliseconds * decode, fleet.FullDecodeMilliseconds * decode);
    }

    private double PrefillScale(double now) => _prefill.Of(_fleet.PrefillBase, _fleet.FullPrefill(_maxBatchedTokens), now);

    private double DecodeScale(double now) => _decode.Of(_fleet.Speed.DecodeAt(0), _fleet.Speed.DecodeAt(1), now);
}
