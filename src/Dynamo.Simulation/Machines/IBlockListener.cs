using Dynamo.Protocol.KV;

namespace Dynamo.Simulation.Machines;

/// <summary>Hears which prefixes a simulated worker can reuse.</summary>
internal interface IBlockListener
{
    /// <summary>Consecutive blocks became reusable.</summary>
    void OnStored(int worker, BlockKey? parent, ReadOnlySpan<BlockKey> blocks);

    /// <summary>Blocks were evicted.</summary>
    void OnRemoved(int worker, ReadOnlySpan<BlockKey> blocks);
}
