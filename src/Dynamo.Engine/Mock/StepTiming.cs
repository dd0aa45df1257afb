namespace Dynamo.Engine.Mock;

/// <summary>
/// How long a step takes on the machine that Dynamo's mocker simulates: the default polynomials of its timing model
/// (ai-dynamo/dynamo, docs/design-docs/mocker-architecture.md), one prefill term for all prompts of the step and one decode term for all
/// sequences that get a token. A pure function.
/// </summary>
public sealed record StepTiming
{
    /// <summary>How much faster than that machine (<c>--speedup-ratio</c>).</summary>
    /// <value>Above 0; default 1.</value>
    public double SpeedupRatio { get; init; } = 1;

    /// <summary>How much faster decoding alone is, besides <see cref="SpeedupRatio"/> (<c>--decode-speedup-ratio</c>).</summary>
    /// <value>Above 0; default 1.</value>
    public double DecodeSpeedupRatio { get; init; } = 1;

    /// <summary>Time of one step, from the start of its kernels to its logits.</summary>
    public TimeSpan Duration(StepWork work)
    {
        double milliseconds = work.NumPrefillTokens > 0 ? Prefill(work.NumPrefillTokens) : 0;
        if (work.NumEmitting > 0)
        {
            milliseconds += Decode(Math.Min(1, (double)work.NumActiveBlocks / work.NumBlocks)) / DecodeSpeedupRatio;
        }

        return TimeSpan.FromMilliseconds(milliseconds / SpeedupRatio);
    }

    private static double Prefill(double numTokens) => (((4.209989e-7 * numTokens) + 0.01518344) * numTokens) + 16.50142;

    private static double Decode(double activeShare) => Math.Max(1, (((-25.74 * activeShare) + 54.01) * activeShare) + 5.74);
}
