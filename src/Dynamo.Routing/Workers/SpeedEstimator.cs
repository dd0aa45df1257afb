using Dynamo.Routing.Costs;

namespace Dynamo.Routing.Workers;

/// <summary>
/// Learns how fast a worker is from its steps: the decode line from steps without prompts, the price of a prompt token from what the others
/// take beyond that line. Where a worker has not shown it yet, what was learnt from all workers stands in. Deterministic; not thread-safe.
/// </summary>
internal sealed class SpeedEstimator(SpeedEstimator? fleet)
{
    // Of a full step's time, what its tokens take at least: no token is free, whatever a few odd steps say.
    private const double LeastShare = 0.05;

    private readonly SpeedEstimator? _fleet = fleet;
    private LineFit _prefill;
    private LineFit _decode;
    private double _prefillBase;

    /// <summary>The lines.</summary>
    public StepSpeed Speed { get; private set; } = fleet?.Speed ?? StepSpeed.Initial;

    private StepSpeed Prior => _fleet?.Speed ?? StepSpeed.Initial;

    /// <summary>Learns from a step.</summary>
    /// <param name="step">As reported.</param>
    /// <param name="maxBatchedTokens">Most tokens of a step.</param>
    public void Learn(in StepSample step, int maxBatchedTokens)
    {
        if (step.Milliseconds <= 0 || step.TotalBlocks <= 0)
        {
            return;
        }

        _fleet?.Learn(step, maxBatchedTokens);
        StepSpeed speed = Speed;
        double share = Math.Min(1, (double)step.UsedBlocks / step.TotalBlocks);
        double decode = speed.DecodeMilliseconds + (speed.FullDecodeMilliseconds * share);
        if (step.PrefillTokens == 0)
        {
            if (step.DecodeSequences > 0)
            {
                _decode.Add(share, step.Milliseconds, decode);
                SolveDecode();
            }

            return;
        }

        double rest = Math.Max(step.Milliseconds - (step.DecodeSequences > 0 ? decode : 0), 0);
        double x = Math.Min(1, (double)step.PrefillTokens / maxBatchedTokens);
        double full = speed.PrefillMilliseconds * maxBatchedTokens;
        _prefill.Add(x, rest, _prefillBase + (full * x));
        SolvePrefill(maxBatchedTokens);
    }

    /// <summary>What all workers showed has changed: it stands in anew for what this one has not shown.</summary>
    /// <param name="maxBatchedTokens">Most tokens of a step.</param>
    public void Follow(int maxBatchedTokens)
    {
        if (_decode.IsEmpty)
        {
            SolveDecode();
        }

        if (_prefill.IsEmpty)
        {
            SolvePrefill(maxBatchedTokens);
        }
    }

    private void SolveDecode()
    {
        StepSpeed prior = Prior;
        (double start, double end) = _decode.Solve(prior.DecodeMilliseconds, prior.DecodeMilliseconds + prior.FullDecodeMilliseconds);
        Speed = Speed with { DecodeMilliseconds = start, FullDecodeMilliseconds = end - start };
    }

    private void SolvePrefill(int maxBatchedTokens)
    {
        (_prefillBase, double last) = _prefill.Solve(0, Prior.PrefillMilliseconds * maxBatchedTokens);
        Speed = Speed with { PrefillMilliseconds = Math.Max(last - _prefillBase, LeastShare * last) / maxBatchedTokens };
    }
}
