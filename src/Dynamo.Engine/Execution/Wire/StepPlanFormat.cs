namespace Dynamo.Engine.Execution.Wire;

/// <summary>
/// The bytes of a plan. Only what the receiver cannot know travels: in steady decode a sequence costs its token, and a block id when one is
/// appended.
/// </summary>
/// <remarks>
/// <para>All numbers but the first two bytes are varints:</para>
/// <list type="number">
/// <item>version in the high half of a byte, <see cref="StepPlanFlags"/> in the low half;</item>
/// <item>the plan's number modulo 256, a byte: 1 for the first and without gaps, so that lost and repeated plans are noticed, unless a multiple of
/// 256 is lost in a row;</item>
/// <item>if slots end: how many, then the slots;</item>
/// <item>if slots start: how many, then each by <see cref="SlotStartCodec"/>;</item>
/// <item>if the batch's slots are listed: how many, then the slots in its order;</item>
/// <item>for each sequence of the batch: while tokens that it started with are still to be computed, the number of its rows, else its one new
/// token; then the block ids that its table needs beyond those sent before.</item>
/// </list>
/// <para>Positions, whose logits are wanted, and how many block ids there are follow from what both sides know of each slot.</para>
/// </remarks>
internal static class StepPlanFormat
{
    /// <summary>Version that is written and read, 1 to 15; rises with every change.</summary>
    public const int Version = 1;

    /// <summary>The first byte.</summary>
    public static byte Head(StepPlanFlags flags) => (byte)((Version << 4) | (byte)flags);
}
