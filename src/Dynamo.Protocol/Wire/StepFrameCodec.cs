using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Wire;

/// <summary>Fields of a frame, then its deltas, then the load.</summary>
internal static class StepFrameCodec
{
    // Identity, attempt, position, two empty lists, finish reason, cached tokens, error flag.
    private const int MinDeltaBytes = 23;
    private const int MinLogprobsBytes = 5;

    public static void Write(ref WireWriter writer, StepFrame frame)
    {
        writer.WriteFixed64(frame.Worker.Value);
        writer.WriteInt64(frame.Generation);
        writer.WriteInt64(frame.Number);
        writer.WriteVarint((uint)frame.Deltas.Count);
        for (int i = 0; i < frame.Deltas.Count; i++)
        {
            WriteDelta(ref writer, frame.Deltas[i]);
        }

        LoadReportCodec.Write(ref writer, frame.Load);
    }

    public static StepFrame Read(ref WireReader reader)
    {
        WorkerId worker = new(reader.ReadFixed64());
        long generation = reader.ReadInt64();
        long number = reader.ReadInt64();
        SequenceDelta[] deltas = new SequenceDelta[reader.ReadCount(MinDeltaBytes)];
        for (int i = 0; i < deltas.Length; i++)
        {
            deltas[i] = ReadDelta(ref reader);
        }

        return new StepFrame { Worker = worker, Generation = generation, Number = number, Deltas = deltas, Load = LoadReportCodec.Read(ref reader) };
    }

    private static void WriteDelta(ref WireWriter writer, SequenceDelta delta)
    {
        writer.WriteGuid(delta.Id.Value);
        writer.WriteInt32(delta.Attempt);
        writer.WriteInt32(delta.Position);
        writer.WriteInt32List(delta.TokenIds);
        writer.WriteVarint((uint)delta.Logprobs.Count);
        for (int i = 0; i < delta.Logprobs.Count; i++)
        {
            TokenLogprobsCodec.Write(ref writer, delta.Logprobs[i]);
        }

        writer.WriteByte((byte)delta.FinishReason);
        writer.WriteInt32(delta.NumCachedTokens);
        writer.WriteByte(delta.Error is null ? (byte)0 : (byte)1);
        if (delta.Error is not null)
        {
            writer.WriteString(delta.Error);
        }
    }

    private static SequenceDelta ReadDelta(ref WireReader reader)
    {
        RequestId id = new(reader.ReadGuid());
        int attempt = reader.ReadInt32();
        int position = reader.ReadInt32();
        int[] tokenIds = reader.ReadInt32List();
        int numLogprobs = reader.ReadCount(MinLogprobsBytes);
        TokenLogprobs[] logprobs = numLogprobs == 0 ? [] : new TokenLogprobs[numLogprobs];
        for (int i = 0; i < logprobs.Length; i++)
        {
            logprobs[i] = TokenLogprobsCodec.Read(ref reader);
        }

        return new SequenceDelta
        {
            Id = id,
            Attempt = attempt,
            Position = position,
            TokenIds = tokenIds,
            Logprobs = logprobs,
            FinishReason = ReadFinishReason(ref reader),
            NumCachedTokens = reader.ReadInt32(),
            Error = reader.ReadBoolean() ? reader.ReadString() : null,
        };
    }

    private static FinishReason ReadFinishReason(ref WireReader reader)
    {
        byte value = reader.ReadByte();
        return value <= (byte)FinishReason.Interrupted ? (FinishReason)value : throw reader.Fault($"finish reason {value}");
    }
}
