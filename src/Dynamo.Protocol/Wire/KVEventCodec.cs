using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;

namespace Dynamo.Protocol.Wire;

/// <summary>Fields of a KV event; blocks are 24 fixed bytes each, because hashes do not compress.</summary>
internal static class KVEventCodec
{
    private const int BlockBytes = 24;

    public static void Write(ref WireWriter writer, KVEvent kvEvent)
    {
        writer.WriteFixed64(kvEvent.Worker.Value);
        writer.WriteInt64(kvEvent.Generation);
        writer.WriteInt64(kvEvent.Number);
        WriteChange(ref writer, kvEvent);
    }

    public static KVEvent Read(ref WireReader reader) =>
        ReadChange(ref reader, new WorkerId(reader.ReadFixed64()), reader.ReadInt64(), reader.ReadInt64());

    /// <summary>All but whose event it is and its number.</summary>
    public static void WriteChange(ref WireWriter writer, KVEvent kvEvent)
    {
        writer.WriteByte((byte)kvEvent.Kind);
        WriteParent(ref writer, kvEvent.Parent);
        WriteBlocks(ref writer, kvEvent.Blocks);
    }

    public static KVEvent ReadChange(ref WireReader reader, WorkerId worker, long generation, long number)
    {
        byte kind = reader.ReadByte();
        if (kind is < (byte)KVEventKind.Stored or > (byte)KVEventKind.Cleared)
        {
            throw reader.Fault($"KV event kind {kind}");
        }

        return new KVEvent
        {
            Worker = worker,
            Generation = generation,
            Number = number,
            Kind = (KVEventKind)kind,
            Parent = ReadParent(ref reader),
            Blocks = ReadBlocks(ref reader),
        };
    }

    public static void WriteParent(ref WireWriter writer, SequenceHash? parent)
    {
        writer.WriteByte(parent is null ? (byte)0 : (byte)1);
        if (parent is { } hash)
        {
            writer.WriteFixed128(hash.Value);
        }
    }

    public static SequenceHash? ReadParent(ref WireReader reader) => reader.ReadBoolean() ? new SequenceHash(reader.ReadFixed128()) : null;

    public static void WriteBlocks(ref WireWriter writer, IReadOnlyList<KVBlock> blocks)
    {
        writer.WriteVarint((uint)blocks.Count);
        for (int i = 0; i < blocks.Count; i++)
        {
            writer.WriteFixed128(blocks[i].Sequence.Value);
            writer.WriteFixed64(blocks[i].Block.Value);
        }
    }

    public static KVBlock[] ReadBlocks(ref WireReader reader)
    {
        int count = reader.ReadCount(BlockBytes);
        KVBlock[] blocks = count == 0 ? [] : new KVBlock[count];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = new KVBlock(new SequenceHash(reader.ReadFixed128()), new BlockHash(reader.ReadFixed64()));
        }

        return blocks;
    }
}
