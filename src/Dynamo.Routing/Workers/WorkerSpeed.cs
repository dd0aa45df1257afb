using Dynamo.Routing.Costs;

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

        _fleet.Learn(step, maxBatchedTokens);
        _maxBatchedTokens = maxBatchedTokens;
        double decode = At(now).DecodeAt(step.UsedShare);
        if (step.PrefillTokens > 0)
        {
            double x = step.PrefillShare(maxBatchedTokens);
            double expected = PrefillScale(now) * (_fleet.PrefillBase + (_fleet.Speed.PrefillMilliseconds * maxBatchedTokens * x));
            _prefill.Add(x, step.PrefillMilliseconds(decode), expected, now);
        }
        else if (step.DecodeSequences > 0)
        {
            _decode.Add(step.UsedShare, step.Milliseconds, decode, now);
        }
    }

    /// <summary>Its lines at a moment.</summary>
    public StepSpeed At(double now)
    {
        StepSpeed fleet = _fleet.Speed;
        double decode = _decode.Of(fleet.DecodeMilliseconds, fleet.DecodeMilliseconds + fleet.FullDecodeMilliseconds, now);
        return new StepSpeed(fleet.PrefillMilliseconds * PrefillScale(now), fleet.DecodeMilliseconds * decode, fleet.FullDecodeMilliseconds * decode);
    }

    private double PrefillScale(double now) =>
        _prefill.Of(_fleet.PrefillBase, _fleet.PrefillBase + (_fleet.Speed.PrefillMilliseconds * _maxBatchedTokens), now);
}
