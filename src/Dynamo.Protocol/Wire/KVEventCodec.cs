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
        writer.WriteByte((byte)kvEvent.Kind);
        writer.WriteByte(kvEvent.Parent is null ? (byte)0 : (byte)1);
        if (kvEvent.Parent is { } parent)
        {
            writer.WriteFixed128(parent.Value);
        }

        writer.WriteVarint((uint)kvEvent.Blocks.Count);
        for (int i = 0; i < kvEvent.Blocks.Count; i++)
        {
            writer.WriteFixed128(kvEvent.Blocks[i].Sequence.Value);
            writer.WriteFixed64(kvEvent.Blocks[i].Block.Value);
        }
    }

    public static KVEvent Read(ref WireReader reader)
    {
        WorkerId worker = new(reader.ReadFixed64());
        long generation = reader.ReadInt64();
        long number = reader.ReadInt64();
        byte kind = reader.ReadByte();
        if (kind is < (byte)KVEventKind.Stored or > (byte)KVEventKind.Cleared)
        {
            throw reader.Fault($"KV event kind {kind}");
        }

        SequenceHash? parent = reader.ReadBoolean() ? new SequenceHash(reader.ReadFixed128()) : null;
        int count = reader.ReadCount(BlockBytes);
        KVBlock[] blocks = count == 0 ? [] : new KVBlock[count];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = new KVBlock(new SequenceHash(reader.ReadFixed128()), new BlockHash(reader.ReadFixed64()));
        }

        return new KVEvent { Worker = worker, Generation = generation, Number = number, Kind = (KVEventKind)kind, Parent = parent, Blocks = blocks };
    }
}
