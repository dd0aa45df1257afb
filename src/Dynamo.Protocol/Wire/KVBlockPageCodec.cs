using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;

namespace Dynamo.Protocol.Wire;

/// <summary>Fields of a page in the order of their declaration; without a next page it stands 0 there, which no next page begins at.</summary>
internal static class KVBlockPageCodec
{
    // No parent, no blocks.
    private const int MinRunBytes = 2;

    public static void Write(ref WireWriter writer, KVBlockPage page)
    {
        writer.WriteFixed64(page.Worker.Value);
        writer.WriteInt64(page.Generation);
        writer.WriteInt64(page.LastEvent);
        writer.WriteInt32(page.Next ?? 0);
        writer.WriteVarint((uint)page.Runs.Count);
        for (int i = 0; i < page.Runs.Count; i++)
        {
            KVEventCodec.WriteParent(ref writer, page.Runs[i].Parent);
            KVEventCodec.WriteBlocks(ref writer, page.Runs[i].Blocks);
        }
    }

    public static KVBlockPage Read(ref WireReader reader)
    {
        WorkerId worker = new(reader.ReadFixed64());
        long generation = reader.ReadInt64();
        long last = reader.ReadInt64();
        int next = reader.ReadInt32();
        if (last < 0 || next < 0)
        {
            throw reader.Fault($"last event {last}, next page at {next}");
        }

        int count = reader.ReadCount(MinRunBytes);
        KVBlockRun[] runs = count == 0 ? [] : new KVBlockRun[count];
        for (int i = 0; i < runs.Length; i++)
        {
            runs[i] = new KVBlockRun(KVEventCodec.ReadParent(ref reader), KVEventCodec.ReadBlocks(ref reader));
        }

        return new KVBlockPage { Worker = worker, Generation = generation, LastEvent = last, Next = next == 0 ? null : next, Runs = runs };
    }
}
