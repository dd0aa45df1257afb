using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Wire;

/// <summary>How a sequence's tokens are chosen, as a part of a message: flags, then the fields in a fixed order. Its version is the message's.</summary>
public static class SamplingParametersCodec
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

    /// <summary>Writes all fields.</summary>
    public static void Write(ref WireWriter writer, SamplingParameters sampling)
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

    /// <summary>Reads them; whether they are in their ranges is for <see cref="SamplingParametersValidator"/> to say.</summary>
    /// <exception cref="WireFormatException">The bytes do not fit.</exception>
    public static SamplingParameters Read(ref WireReader reader)
    {
        Present present = (Present)reader.ReadByte();
        if ((present & ~Present.All) != 0)
        {
            throw reader.Fault($"sampling flags {(byte)present}");
        }

        // Members of an initialiser are evaluated in the order they are written, which is the order of the bytes.
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
