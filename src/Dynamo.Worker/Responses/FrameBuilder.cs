using System.Runtime.InteropServices;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;

namespace Dynamo.Worker.Responses;

/// <summary>Makes frames of outputs: the tokens of a sequence, of however many steps, become one delta. One link's, one thread at a time.</summary>
internal sealed class FrameBuilder(WorkerId worker, long generation)
{
    private readonly Dictionary<(RequestId Id, int Attempt), int> _indexes = [];
    private long _number;

    /// <summary>Encodes the next frame.</summary>
    /// <param name="outputs">Outputs in the order in which the engine gave them.</param>
    /// <param name="load">The worker's load now.</param>
    public byte[] Build(List<SequenceOutput> outputs, LoadReport load)
    {
        _indexes.Clear();
        List<DeltaBuilder> deltas = [];
        foreach (ref readonly SequenceOutput output in CollectionsMarshal.AsSpan(outputs))
        {
            ref int index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexes, (output.Id, output.Attempt), out bool isKnown);
            if (!isKnown)
            {
                index = deltas.Count;
                deltas.Add(new DeltaBuilder(output));
            }

            deltas[index].Add(in output);
        }

        return WireFormat.Encode(new StepFrame
        {
            Worker = worker,
            Generation = generation,
            Number = ++_number,
            Deltas = deltas.ConvertAll(static delta => delta.Build()),
            Load = load,
        });
    }

    private sealed class DeltaBuilder(SequenceOutput first)
    {
        private readonly List<int> _tokenIds = [];
        private readonly List<TokenLogprobs> _logprobs = [];
        private FinishReason _finishReason;
        private string? _error;

        public void Add(in SequenceOutput output)
        {
            if (output.TokenId is { } token)
            {
                _tokenIds.Add(token);
            }

            if (output.Logprobs is { } logprobs)
            {
                _logprobs.Add(logprobs);
            }

            (_finishReason, _error) = (output.FinishReason, output.Error);
        }

        public SequenceDelta Build() => new()
        {
            Id = first.Id,
            Attempt = first.Attempt,
            Position = first.Position,
            TokenIds = _tokenIds,
            Logprobs = _logprobs,
            FinishReason = _finishReason,
            NumCachedTokens = first.NumCachedTokens,
            Error = _error,
        };
    }
}
