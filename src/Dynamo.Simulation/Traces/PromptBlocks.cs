using Dynamo.Protocol.KV;

namespace Dynamo.Simulation.Traces;

/// <summary>Names of the engine's blocks in a trace's prompts.</summary>
public static class PromptBlocks
{
    /// <summary>
    /// Keys of a prompt's full engine blocks. A trace block becomes as many engine blocks as it has room for, each named by its place in it and all trace
    /// blocks up to it, as in an engine, where a block is never the one that follows another; where the trace has no names, each is new.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="index">Its place in the trace.</param>
    /// <param name="blockSize">Tokens of an engine block.</param>
    /// <param name="traceBlockSize">Tokens of a trace block, a multiple of <paramref name="blockSize"/>.</param>
    public static BlockKey[] KeysOf(TraceRequest request, int index, int blockSize, int traceBlockSize)
    {
        BlockKey[] keys = new BlockKey[request.InputLength / blockSize];
        int share = traceBlockSize / blockSize;
        ulong before = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            before = request.Blocks.Length > 0
                ? Mix(before ^ (Mix((ulong)request.Blocks[i / share]) + (ulong)(i % share)))
                : Own(index, i);
            keys[i] = new BlockKey(before);
        }

        return keys;
    }

    /// <summary>Key of a block that no other request has.</summary>
    public static BlockKey OwnKey(int index, int block) => new(Own(index, block));

    private static ulong Own(int index, int block) => Mix(~Mix(((ulong)(uint)index << 32) | (uint)block));

    // SplitMix64's finaliser: a bijection, so names that differ stay different where only one is mixed.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
