using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;

namespace Dynamo.Engine.Execution.Wire;

/// <summary>A start: slot, prompt tokens, computed tokens, all tokens behind their count, sampling parameters.</summary>
internal static class SlotStartCodec
{
    /// <summary>Writes one.</summary>
    public static void Write(ref WireWriter writer, in SlotStart start)
    {
        writer.WriteInt32(start.Slot);
        writer.WriteInt32(start.NumPromptTokens);
        writer.WriteInt32(start.NumComputedTokens);
        ReadOnlySpan<int> tokens = start.Tokens.Span;
        writer.WriteInt32(tokens.Length);
        foreach (int token in tokens)
        {
            writer.WriteInt32(token);
        }

        SamplingParametersCodec.Write(ref writer, start.Sampling);
    }

    /// <summary>Reads one and checks its numbers; whether the slot is free is the caller's to check.</summary>
    /// <exception cref="WireFormatException">Not a start within the limits.</exception>
    public static SlotStart Read(ref WireReader reader, StepLimits limits, int vocabularySize)
    {
        int slot = reader.ReadBelow(limits.MaxNumSequences, "slot");
        int numPromptTokens = reader.ReadBelow(limits.MaxModelLength + 1, "number of prompt tokens");
        int numComputedTokens = reader.ReadBelow(limits.MaxModelLength, "number of computed tokens");
        int numTokens = reader.ReadCount(1);
        if (numPromptTokens < 1 || numPromptTokens > numTokens || numComputedTokens >= numTokens || numTokens > limits.MaxModelLength)
        {
            throw reader.Fault(
                $"slot {slot} starts with {numTokens} tokens, {numPromptTokens} of them prompt and {numComputedTokens} computed; "
                + $"there must be 1 to {limits.MaxModelLength}, at least 1 of prompt and 1 to compute");
        }

        int[] tokens = new int[numTokens];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = reader.ReadBelow(vocabularySize, "token");
        }

        SamplingParameters sampling = SamplingParametersCodec.Read(ref reader);
        return SamplingParametersValidator.FirstFault(sampling, vocabularySize) is { } fault
            ? throw reader.Fault($"slot {slot} starts with sampling parameters out of range ({fault.Message})")
            : new SlotStart(slot, sampling, tokens, numPromptTokens, numComputedTokens);
    }
}
