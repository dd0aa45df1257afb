using Dynamo.Protocol.Frames;

namespace Dynamo.Protocol.Wire;

/// <summary>Log-probabilities at one position, as a part of a message. Its version is the message's.</summary>
public static class TokenLogprobsCodec
{
    private const int MinLogprobBytes = 5;

    /// <summary>Writes the chosen token's, then the best ones'.</summary>
    public static void Write(ref WireWriter writer, TokenLogprobs logprobs)
    {
        writer.WriteSingle(logprobs.Chosen);
        writer.WriteVarint((uint)logprobs.Top.Count);
        for (int i = 0; i < logprobs.Top.Count; i++)
        {
            writer.WriteInt32(logprobs.Top[i].TokenId);
            writer.WriteSingle(logprobs.Top[i].Logprob);
        }
    }

    /// <summary>Reads them; every bit pattern of a number comes back as it was.</summary>
    /// <exception cref="WireFormatException">The bytes do not fit.</exception>
    public static TokenLogprobs Read(ref WireReader reader)
    {
        float chosen = reader.ReadSingle();
        int count = reader.ReadCount(MinLogprobBytes);
        TokenLogprob[] top = count == 0 ? [] : new TokenLogprob[count];
        for (int i = 0; i < top.Length; i++)
        {
            top[i] = new TokenLogprob(reader.ReadInt32(), reader.ReadSingle());
        }

        return new TokenLogprobs(chosen, top);
    }
}
