using Dynamo.Routing.Costs;

namespace Dynamo.Routing.Workers;

/// <summary>
/// Learns how fast a model's workers are from their steps: the decode line from steps without prompts, the price of a prompt token from what the others
/// take beyond that line. Deterministic; not thread-safe.
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

    /// <summary>Learns from a step.</summary>
    /// <param name="step">As reported; it has a duration and blocks.</param>
    /// <param name="maxBatchedTokens">Most tokens of a step.</param>
    public void Learn(in StepSample step, int maxBatchedTokens)
    {
        double decode = Speed.DecodeAt(step.UsedShare);
        if (step.PrefillTokens > 0)
        {
            double x = step.PrefillShare(maxBatchedTokens);
            _prefill.Add(x, step.PrefillMilliseconds(decode), PrefillBase + (Speed.PrefillMilliseconds * maxBatchedTokens * x));
            (PrefillBase, double full) = _prefill.Solve(0, StepSpeed.Initial.PrefillMilliseconds * maxBatchedTokens);
            Speed = Speed with { PrefillMilliseconds = Math.Max(full - PrefillBase, LeastShare * full) / maxBatchedTokens };
        }
        else if (step.DecodeSequences > 0)
        {
            _decode.Add(step.UsedShare, step.Milliseconds, decode);
            StepSpeed initial = StepSpeed.Initial;
            (double empty, double full) = _decode.Solve(initial.DecodeMilliseconds, initial.DecodeMilliseconds + initial.FullDecodeMilliseconds);
            Speed = Speed with { DecodeMilliseconds = empty, FullDecodeMilliseconds = full - empty };
        }
    }
}
