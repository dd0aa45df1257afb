using System.Buffers;
using Dynamo.Protocol.Wire;

namespace Dynamo.Engine.Execution.Wire;

/// <summary>Writes what each step chose, for the one that plans. Allocates nothing. Not thread-safe.</summary>
public sealed class SampledTokensWriter
{
    private long _number;

    /// <summary>Writes the next step's answer.</summary>
    /// <param name="sampled">As <see cref="IStepExecutor.Collect"/> gives it; not kept.</param>
    /// <param name="output">Gets the bytes in one piece.</param>
    public void Write(ReadOnlySpan<SampledToken> sampled, IBufferWriter<byte> output)
    {
        bool hasLogprobs = false;
        foreach (ref readonly SampledToken token in sampled)
        {
            hasLogprobs |= token.Logprobs is not null;
        }

        WireWriter writer = new();
        try
        {
            writer.WriteByte(SampledTokensFormat.Head(hasLogprobs));
            writer.WriteByte((byte)(++_number));
            foreach (ref readonly SampledToken token in sampled)
            {
                writer.WriteVarint(token.TokenId is { } id ? (uint)id + 1 : 0);
            }

            if (hasLogprobs)
            {
                WriteLogprobs(ref writer, sampled);
            }

            output.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static void WriteLogprobs(ref WireWriter writer, ReadOnlySpan<SampledToken> sampled)
    {
        foreach (ref readonly SampledToken token in sampled)
        {
            writer.WriteByte(token.Logprobs is null ? (byte)0 : (byte)1);
            if (token.Logprobs is { } logprobs)
            {
                TokenLogprobsCodec.Write(ref writer, logprobs);
            }
        }
    }
}
