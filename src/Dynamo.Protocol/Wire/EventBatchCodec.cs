using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Wire;

/// <summary>A batch: whose it is and the number of the first event once, then each change, then the load and the sequences if there are.</summary>
internal static class EventBatchCodec
{
    // Kind, no parent, no blocks.
    private const int MinEventBytes = 3;
    private const int GuidBytes = 16;

    public static void Write(ref WireWriter writer, EventBatch batch)
    {
        writer.WriteFixed64(batch.Worker.Value);
        writer.WriteInt64(batch.Generation);
        long first = batch.Events.Count == 0 ? 0 : batch.Events[0].Number;
        writer.WriteInt64(first);
        writer.WriteVarint((uint)batch.Events.Count);
        for (int i = 0; i < batch.Events.Count; i++)
        {
            if (batch.Events[i].Number != first + i)
            {
                throw new ArgumentException($"Event {batch.Events[i].Number} stands where {first + i} belongs.", nameof(batch));
            }

            KVEventCodec.Write(ref writer, batch.Events[i]);
        }

        writer.WriteByte(batch.Load is null ? (byte)0 : (byte)1);
        if (batch.Load is { } load)
        {
            LoadReportCodec.Write(ref writer, load);
        }

        writer.WriteByte(batch.Live is null ? (byte)0 : (byte)1);
        if (batch.Live is { } live)
        {
            writer.WriteVarint((uint)live.Count);
            for (int i = 0; i < live.Count; i++)
            {
                writer.WriteGuid(live[i].Value);
            }
        }
    }

    public static EventBatch Read(ref WireReader reader)
    {
        WorkerId worker = new(reader.ReadFixed64());
        long generation = reader.ReadInt64();
        long first = reader.ReadInt64();
        int count = reader.ReadCount(MinEventBytes);
        if (count > 0 && first is < 1 or > long.MaxValue - int.MaxValue)
        {
            throw reader.Fault($"event number {first}");
        }

        KVEvent[] events = count == 0 ? [] : new KVEvent[count];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = KVEventCodec.Read(ref reader, first + i);
        }

        LoadReport? load = reader.ReadBoolean() ? LoadReportCodec.Read(ref reader) : null;
        if (load is not null && (load.Worker != worker || load.Generation != generation))
        {
            throw reader.Fault($"load of worker {load.Worker} in generation {load.Generation} among events of {worker} in {generation}");
        }

        return new EventBatch { Worker = worker, Generation = generation, Events = events, Load = load, Live = reader.ReadBoolean() ? ReadLive(ref reader) : null };
    }

    private static RequestId[] ReadLive(ref WireReader reader)
    {
        RequestId[] live = new RequestId[reader.ReadCount(GuidBytes)];
        for (int i = 0; i < live.Length; i++)
        {
            live[i] = new RequestId(reader.ReadGuid());
        }

        return live;
    }
}
