using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Wire;

/// <summary>
/// The one binary form of what silos tell each other often: two bytes (kind, version), then the fields in a fixed order. The same bytes
/// travel in grain calls, on the event plane and in files.
/// </summary>
/// <remarks>
/// Each kind of message has its own version, which rises with every change of its fields; a reader takes its own version and refuses others, so a
/// rolling upgrade that changes a message must teach readers first.
/// </remarks>
public static class WireFormat
{
    /// <summary>Encodes a frame.</summary>
    public static byte[] Encode(StepFrame frame) => Encode(WireKind.StepFrame, frame, StepFrameCodec.Write);

    /// <summary>Encodes a request.</summary>
    public static byte[] Encode(GenerationRequest request) => Encode(WireKind.GenerationRequest, request, GenerationRequestCodec.Write);

    /// <summary>Encodes what a worker tells routers.</summary>
    /// <exception cref="ArgumentException">The numbers of its events do not follow each other.</exception>
    public static byte[] Encode(EventBatch batch) => Encode(WireKind.EventBatch, batch, EventBatchCodec.Write);

    /// <summary>Encodes a part of a worker's list of blocks.</summary>
    public static byte[] Encode(KVBlockPage page) => Encode(WireKind.KVBlockPage, page, KVBlockPageCodec.Write);

    /// <summary>Decodes a frame.</summary>
    /// <exception cref="WireFormatException">Not a whole frame of this version.</exception>
    public static StepFrame DecodeStepFrame(ReadOnlySpan<byte> bytes) => Decode(WireKind.StepFrame, bytes, StepFrameCodec.Read);

    /// <summary>Decodes a request.</summary>
    /// <exception cref="WireFormatException">Not a whole request of this version.</exception>
    public static GenerationRequest DecodeGenerationRequest(ReadOnlySpan<byte> bytes) =>
        Decode(WireKind.GenerationRequest, bytes, GenerationRequestCodec.Read);

    /// <summary>Decodes what a worker tells routers.</summary>
    /// <exception cref="WireFormatException">Not a whole batch of this version.</exception>
    public static EventBatch DecodeEventBatch(ReadOnlySpan<byte> bytes) => Decode(WireKind.EventBatch, bytes, EventBatchCodec.Read);

    /// <summary>Decodes a part of a worker's list of blocks.</summary>
    /// <exception cref="WireFormatException">Not a whole page of this version.</exception>
    public static KVBlockPage DecodeKVBlockPage(ReadOnlySpan<byte> bytes) => Decode(WireKind.KVBlockPage, bytes, KVBlockPageCodec.Read);

    private delegate void Write<T>(ref WireWriter writer, T value);

    private delegate T Read<T>(ref WireReader reader);

    // Written and read. In version 2 blocks are keys of 64 bits; before they were hashes of 128 and 64.
    private static byte VersionOf(WireKind kind) => kind is WireKind.EventBatch or WireKind.KVBlockPage or WireKind.GenerationRequest ? (byte)2 : (byte)1;

    private static byte[] Encode<T>(WireKind kind, T value, Write<T> write)
    {
        WireWriter writer = new();
        try
        {
            writer.WriteByte((byte)kind);
            writer.WriteByte(VersionOf(kind));
            write(ref writer, value);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static T Decode<T>(WireKind kind, ReadOnlySpan<byte> bytes, Read<T> read)
    {
        WireReader reader = new(bytes);
        byte found = reader.ReadByte();
        if (found != (byte)kind)
        {
            throw reader.Fault($"message kind {found} where {(byte)kind} ({kind}) belongs");
        }

        byte version = reader.ReadByte();
        if (version != VersionOf(kind))
        {
            throw reader.Fault($"{kind} in version {version}; this build reads version {VersionOf(kind)}");
        }

        T value = read(ref reader);
        reader.ExpectEnd();
        return value;
    }
}
