using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Wire;

/// <summary>Identity, tokens and sampling parameters of a request.</summary>
internal static class GenerationRequestCodec
{
    public static void Write(ref WireWriter writer, GenerationRequest request)
    {
        writer.WriteGuid(request.Id.Value);
        writer.WriteInt32(request.Attempt);
        writer.WriteInt32List(request.TokenIds);
        writer.WriteInt32(request.NumPromptTokens);
        SamplingParametersCodec.Write(ref writer, request.Sampling);
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
        Sampling = SamplingParametersCodec.Read(ref reader),
        CacheSalt = reader.ReadString(),
        Origin = reader.ReadBoolean() ? new RequestOrigin(reader.ReadString(), reader.ReadInt32(), reader.ReadBytes()) : null,
        TraceParent = reader.ReadString() is { Length: > 0 } parent ? parent : null,
    };
}
