namespace Dynamo.Engine.Execution.Wire;

/// <summary>
/// The bytes of a step's answer: version in the high half of a byte and whether there are log-probabilities in the low half; the answer's number
/// modulo 256, as in <see cref="StepPlanFormat"/>; for each row of logits a varint, 0 for no token, else the token + 1; and if there are
/// log-probabilities, for each row a byte, 1 with them and 0 without. How many rows there are both sides know from the plan.
/// </summary>
internal static class SampledTokensFormat
{
    /// <summary>Version that is written and read, 1 to 15; rises with every change.</summary>
    public const int Version = 1;

    /// <summary>The first byte.</summary>
    public static byte Head(bool hasLogprobs) => (byte)((Version << 4) | (hasLogprobs ? 1 : 0));
}
