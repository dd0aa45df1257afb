using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>What a <see cref="ReplayOp"/> does.</summary>
internal enum ReplayKind
{
    Match,
    Stored,
    Removed,
}

/// <summary>One call of an index.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Slot">The worker, of an event.</param>
/// <param name="Parent">The parent, of what was stored.</param>
/// <param name="Keys">Where its keys are, among others.</param>
/// <param name="Start">Place of the first.</param>
/// <param name="NumBlocks">How many.</param>
internal readonly record struct ReplayOp(ReplayKind Kind, int Slot, BlockKey? Parent, BlockKey[] Keys, int Start, int NumBlocks)
{
    /// <summary>Makes the call.</summary>
    /// <param name="index">Whose.</param>
    /// <param name="depths">Written by a lookup.</param>
    public void Run(IPrefixIndex index, Span<int> depths)
    {
        ReadOnlySpan<BlockKey> blocks = new(Keys, Start, NumBlocks);
        switch (Kind)
        {
            case ReplayKind.Match:
                index.Match(blocks, depths);
                break;
            case ReplayKind.Stored:
                index.Stored(Slot, Parent, blocks);
                break;
            case ReplayKind.Removed:
                index.Removed(Slot, blocks);
                break;
        }
    }
}
