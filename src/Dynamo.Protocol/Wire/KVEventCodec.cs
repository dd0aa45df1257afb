using Dynamo.Protocol.KV;

namespace Dynamo.Protocol.Wire;

/// <summary>What a KV event tells, without whose it is and its number; keys are 8 fixed bytes each, because hashes do not compress.</summary>
internal static class KVEventCodec
{
    private const int KeyBytes = 8;

    public static void Write(ref WireWriter writer, KVEvent kvEvent)
    {
        writer.WriteByte((byte)kvEvent.Kind);
        WriteParent(ref writer, kvEvent.Parent);
        WriteBlocks(ref writer, kvEvent.Blocks);
    }

    public static KVEvent Read(ref WireReader reader, long number)
    {
        byte kind = reader.ReadByte();
        if (kind is < (byte)KVEventKind.Stored or > (byte)KVEventKind.Cleared)
        {
            throw reader.Fault($"KV event kind {kind}");
        }

        return new KVEvent
        {
            Number = number,
            Kind = (KVEventKind)kind,
            Parent = ReadParent(ref reader),
            Blocks = ReadBlocks(ref reader),
        };
    }

    public static void WriteParent(ref WireWriter writer, BlockKey? parent)
    {
        writer.WriteByte(parent is null ? (byte)0 : (byte)1);
        if (parent is { } key)
        {
            writer.WriteFixed64(key.Value);
        }
    }

    public static BlockKey? ReadParent(ref WireReader reader) => reader.ReadBoolean() ? new BlockKey(reader.ReadFixed64()) : null;

    public static void WriteBlocks(ref WireWriter writer, BlockKey[] blocks)
    {
        writer.WriteVarint((uint)blocks.Length);
        for (int i = 0; i < blocks.Length; i++)
        {
            writer.WriteFixed64(blocks[i].Value);
        }
    }

    public static BlockKey[] ReadBlocks(ref WireReader reader)
    {
        int count = reader.ReadCount(KeyBytes);
        BlockKey[] blocks = count == 0 ? [] : new BlockKey[count];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = new BlockKey(reader.ReadFixed64());
        }

        return blocks;
    }
}
