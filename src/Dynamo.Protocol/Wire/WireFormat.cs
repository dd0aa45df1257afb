using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Wire;

/// <summary>
/// The one binary form of what silos tell each other often: two bytes (kind, version), then the fields in a fixed order. The same bytes
/// travel in grain calls, on the event plane and in files.
/// </summary>
/// <remarks>
/// A field is only ever added at the end, together with a higher version; a reader takes its own version and refuses others, so a
/// rolling upgrade that changes a message must teach readers first.
/// </remarks>
public static class WireFormat
{
    /// <summary>Version written and read.</summary>
    public const byte Version = 1;

    /// <summary>Encodes a frame.</summary>
    public static byte[] Encode(StepFrame frame) => Encode(WireKind.StepFrame, frame, StepFrameCodec.Write);

    /// <summary>Encodes a request.</summary>
    public static byte[] Encode(GenerationRequest request) => Encode(WireKind.GenerationRequest, request, GenerationRequestCodec.Write);

    /// <summary>Encodes a KV event.</summary>
    public static byte[] Encode(KVEvent kvEvent) => Encode(WireKind.KVEvent, kvEvent, KVEventCodec.Write);

    /// <summary>Encodes a load report.</summary>
    public static byte[] Encode(LoadReport load) => Encode(WireKind.LoadReport, load, LoadReportCodec.Write);

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

    /// <summary>Decodes a KV event.</summary>
    /// <exception cref="WireFormatException">Not a whole event of this version.</exception>
    public static KVEvent DecodeKVEvent(ReadOnlySpan<byte> bytes) => Decode(WireKind.KVEvent, bytes, KVEventCodec.Read);

    /// <summary>Decodes a load report.</summary>
    /// <exception cref="WireFormatException">Not a whole report of this version.</exception>
    public static LoadReport DecodeLoadReport(ReadOnlySpan<byte> bytes) => Decode(WireKind.LoadReport, bytes, LoadReportCodec.Read);

    /// <summary>Decodes what a worker tells routers.</summary>
    /// <exception cref="WireFormatException">Not a whole batch of this version.</exception>
    public static EventBatch DecodeEventBatch(ReadOnlySpan<byte> bytes) => Decode(WireKind.EventBatch, bytes, EventBatchCodec.Read);

    /// <summary>Decodes a part of a worker's list of blocks.</summary>
    /// <exception cref="WireFormatException">Not a whole page of this version.</exception>
    public static KVBlockPage DecodeKVBlockPage(ReadOnlySpan<byte> bytes) => Decode(WireKind.KVBlockPage, bytes, KVBlockPageCodec.Read);

    private delegate void Write<T>(ref WireWriter writer, T value);

    private delegate T Read<T>(ref WireReader reader);

    private static byte[] Encode<T>(WireKind kind, T value, Write<T> write)
    {
        WireWriter writer = new();
        try
        {
            writer.WriteByte((byte)kind);
            writer.WriteByte(Version);
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
        if (version != Version)
        {
            throw reader.Fault($"{kind} in version {version}; this build reads version {Version}");
        }

        T value = read(ref reader);
        reader.ExpectEnd();
        return value;
    }
}
