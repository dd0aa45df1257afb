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
/// <param name="Blocks">Keys.</param>
internal sealed record ReplayOp(ReplayKind Kind, int Slot, ulong? Parent, ulong[] Blocks)
{
    /// <summary>Makes the call.</summary>
    /// <param name="index">Whose.</param>
    /// <param name="depths">Written by a lookup.</param>
    public void Run(IPrefixIndex index, Span<int> depths)
    {
        switch (Kind)
        {
            case ReplayKind.Match:
                index.Match(Blocks, depths);
                break;
            case ReplayKind.Stored:
                index.Stored(Slot, Parent, Blocks);
                break;
            case ReplayKind.Removed:
                index.Removed(Slot, Blocks);
                break;
        }
    }
}
