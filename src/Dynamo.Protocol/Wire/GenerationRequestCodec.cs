using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Wire;

/// <summary>Identity, tokens and sampling parameters of a request.</summary>
internal static class GenerationRequestCodec
{
    private const int BiasBytes = 5;
    private const int BadWordBytes = 1;

    [Flags]
    private enum Present : byte
    {
        None = 0,
        AllowedTokenIds = 1,
        IgnoreEos = 2,
        NumLogprobs = 4,
        BadWords = 8,
        All = AllowedTokenIds | IgnoreEos | NumLogprobs | BadWords,
    }

    public static void Write(ref WireWriter writer, GenerationRequest request)
    {
        writer.WriteGuid(request.Id.Value);
        writer.WriteInt32(request.Attempt);
        writer.WriteInt32List(request.TokenIds);
        writer.WriteInt32(request.NumPromptTokens);
        WriteSampling(ref writer, request.Sampling);
        writer.WriteString(request.CacheSalt);
        writer.WriteByte(request.Origin is null ? (byte)0 : (byte)1);
        if (request.Origin is { } origin)
        {
            writer.WriteString(origin.ResponseId);
            writer.WriteInt32(origin.Index);
            writer.WriteBytes(origin.Data);
        }

        writer.WriteString(request.TraceParent ?? "");
    }

    public static GenerationRequest Read(ref WireReader reader) => new()
    {
        Id = new RequestId(reader.ReadGuid()),
        Attempt = reader.ReadInt32(),
        TokenIds = reader.ReadInt32List(),
        NumPromptTokens = reader.ReadInt32(),
        Sampling = ReadSampling(ref reader),
        CacheSalt = reader.ReadString(),
        Origin = reader.ReadBoolean() ? new RequestOrigin(reader.ReadString(), reader.ReadInt32(), reader.ReadBytes()) : null,
        TraceParent = reader.ReadString() is { Length: > 0 } parent ? parent : null,
    };

    private static void WriteSampling(ref WireWriter writer, SamplingParameters sampling)
    {
        Present present = (sampling.AllowedTokenIds is null ? Present.None : Present.AllowedTokenIds)
            | (sampling.IgnoreEos ? Present.IgnoreEos : Present.None)
            | (sampling.NumLogprobs is null ? Present.None : Present.NumLogprobs)
            | (sampling.BadWords.Count == 0 ? Present.None : Present.BadWords);
        writer.WriteByte((byte)present);
        writer.WriteSingle(sampling.Temperature);
        writer.WriteSingle(sampling.TopP);
        writer.WriteInt32(sampling.TopK);
        writer.WriteSingle(sampling.MinP);
        writer.WriteSingle(sampling.RepetitionPenalty);
        writer.WriteSingle(sampling.FrequencyPenalty);
        writer.WriteSingle(sampling.PresencePenalty);
        writer.WriteFixed64(sampling.Seed);
        writer.WriteInt32(sampling.MaxTokens);
        writer.WriteInt32(sampling.MinTokens);
        writer.WriteInt32List(sampling.EosTokenIds);
        writer.WriteInt32List(sampling.StopTokenIds);
        writer.WriteVarint((uint)sampling.LogitBias.Count);
        for (int i = 0; i < sampling.LogitBias.Count; i++)
        {
            writer.WriteInt32(sampling.LogitBias[i].TokenId);
            writer.WriteSingle(sampling.LogitBias[i].Bias);
        }

        if (sampling.AllowedTokenIds is not null)
        {
            writer.WriteInt32List(sampling.AllowedTokenIds);
        }

        if (sampling.NumLogprobs is { } numLogprobs)
        {
            writer.WriteInt32(numLogprobs);
        }

        if (sampling.BadWords.Count > 0)
        {
            writer.WriteVarint((uint)sampling.BadWords.Count);
            for (int i = 0; i < sampling.BadWords.Count; i++)
            {
                writer.WriteInt32List(sampling.BadWords[i]);
            }
        }
    }

    // Members of an initialiser are evaluated in the order they are written, which is the order of the bytes.
    private static SamplingParameters ReadSampling(ref WireReader reader)
    {
        Present present = (Present)reader.ReadByte();
        if ((present & ~Present.All) != 0)
        {
            throw reader.Fault($"sampling flags {(byte)present}");
        }

        return new SamplingParameters
        {
            IgnoreEos = present.HasFlag(Present.IgnoreEos),
            Temperature = reader.ReadSingle(),
            TopP = reader.ReadSingle(),
            TopK = reader.ReadInt32(),
            MinP = reader.ReadSingle(),
            RepetitionPenalty = reader.ReadSingle(),
            FrequencyPenalty = reader.ReadSingle(),
            PresencePenalty = reader.ReadSingle(),
            Seed = reader.ReadFixed64(),
            MaxTokens = reader.ReadInt32(),
            MinTokens = reader.ReadInt32(),
            EosTokenIds = reader.ReadInt32List(),
            StopTokenIds = reader.ReadInt32List(),
            LogitBias = ReadBiases(ref reader),
            AllowedTokenIds = present.HasFlag(Present.AllowedTokenIds) ? reader.ReadInt32List() : null,
            NumLogprobs = present.HasFlag(Present.NumLogprobs) ? reader.ReadInt32() : null,
            BadWords = present.HasFlag(Present.BadWords) ? ReadBadWords(ref reader) : [],
        };
    }

    private static IReadOnlyList<int>[] ReadBadWords(ref WireReader reader)
    {
        IReadOnlyList<int>[] words = new IReadOnlyList<int>[reader.ReadCount(BadWordBytes)];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = reader.ReadInt32List();
        }

        return words;
    }

    private static LogitBias[] ReadBiases(ref WireReader reader)
    {
        int count = reader.ReadCount(BiasBytes);
        LogitBias[] biases = count == 0 ? [] : new LogitBias[count];
        for (int i = 0; i < biases.Length; i++)
        {
            biases[i] = new LogitBias(reader.ReadInt32(), reader.ReadSingle());
        }

        return biases;
    }
}
