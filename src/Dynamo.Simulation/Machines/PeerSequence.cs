using Dynamo.Protocol.KV;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation.Machines;

/// <summary>A request inside a <see cref="PeerEngine"/>.</summary>
internal sealed class PeerSequence(SimulatedRequest request, int blockSize)
{
    private readonly int _blockSize = blockSize;
    private BlockKey[]? _outputKeys;

    public SimulatedRequest Request { get; } = request;

    public int[] Blocks { get; } = new int[(request.Trace.InputLength + request.Trace.OutputLength + blockSize - 1) / blockSize];

    public int NumBlocks { get; set; }

    public int NumPromptTokens => Request.Trace.InputLength;

    /// <summary>Prompt and output so far.</summary>
    public int NumTokens { get; set; } = request.Trace.InputLength;

    public int NumComputedTokens { get; set; }

    public int NumScheduledTokens { get; set; }

    public bool IsFinished => NumTokens == NumPromptTokens + Request.Trace.OutputLength;

    /// <summary>Whether it goes on elsewhere after its first token.</summary>
    public bool IsPrefillOnly { get; init; }

    /// <summary>Whether its prompt was computed elsewhere.</summary>
    public bool IsReceived { get; init; }

    /// <summary>Names of the full blocks of the tokens so far; those behind the prompt are the request's own.</summary>
    public ReadOnlySpan<BlockKey> FullKeys()
    {
        int numFull = NumTokens / _blockSize;
        if (numFull == Request.Keys.Length)
        {
            return Request.Keys;
        }

        int known = Math.Max(_outputKeys?.Length ?? 0, Request.Keys.Length);
        if (known < numFull)
        {
            BlockKey[] keys = new BlockKey[Blocks.Length];
            Request.Keys.CopyTo(keys, 0);
            for (int i = Request.Keys.Length; i < keys.Length; i++)
            {
                keys[i] = PromptBlocks.OwnKey(Request.Index, i);
            }

            _outputKeys = keys;
        }

        return _outputKeys.AsSpan(0, numFull);
    }
}
