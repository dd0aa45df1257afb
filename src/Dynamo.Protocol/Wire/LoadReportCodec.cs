using Dynamo.Protocol.Load;

namespace Dynamo.Protocol.Wire;

/// <summary>Fields of a load report in the order of their declaration.</summary>
internal static class LoadReportCodec
{
    public static void Write(ref WireWriter writer, LoadReport load)
    {
        writer.WriteFixed64(load.Worker.Value);
        writer.WriteInt64(load.Generation);
        writer.WriteInt64(load.Step);
        writer.WriteInt32(load.NumRunning);
        writer.WriteInt32(load.NumWaiting);
        writer.WriteInt64(load.NumQueuedPrefillTokens);
        writer.WriteInt32(load.NumUsedBlocks);
        writer.WriteInt32(load.NumCachedBlocks);
        writer.WriteInt32(load.NumTotalBlocks);
        writer.WriteInt64(load.NumPreemptions);
        writer.WriteInt64(load.NumPrefixQueryTokens);
        writer.WriteInt64(load.NumPrefixHitTokens);
        writer.WriteInt64(load.LastKVEvent);
        writer.WriteInt32(load.LastStepPrefillTokens);
        writer.WriteInt32(load.LastStepDecodeSequences);
        writer.WriteInt64(load.LastStepMicroseconds);
    }

    public static LoadReport Read(ref WireReader reader)
    {
        // Members of an initialiser are evaluated in the order they are written, which is the order of the bytes.
        LoadReport load = new()
        {
            Worker = new WorkerId(reader.ReadFixed64()),
            Generation = reader.ReadInt64(),
            Step = reader.ReadInt64(),
            NumRunning = reader.ReadInt32(),
            NumWaiting = reader.ReadInt32(),
            NumQueuedPrefillTokens = reader.ReadInt64(),
            NumUsedBlocks = reader.ReadInt32(),
            NumCachedBlocks = reader.ReadInt32(),
            NumTotalBlocks = reader.ReadInt32(),
            NumPreemptions = reader.ReadInt64(),
            NumPrefixQueryTokens = reader.ReadInt64(),
            NumPrefixHitTokens = reader.ReadInt64(),
            LastKVEvent = reader.ReadInt64(),
            LastStepPrefillTokens = reader.ReadInt32(),
            LastStepDecodeSequences = reader.ReadInt32(),
            LastStepMicroseconds = reader.ReadInt64(),
        };

        // The sign bit of one is the sign bit of all: what is learnt of a worker's speed is learnt for all workers, and must not be poisoned.
        long any = load.Step | load.NumQueuedPrefillTokens | load.NumPreemptions | load.NumPrefixQueryTokens | load.NumPrefixHitTokens
            | load.LastKVEvent | load.LastStepMicroseconds
            | (long)load.NumRunning | (long)load.NumWaiting | (long)load.NumUsedBlocks | (long)load.NumCachedBlocks | (long)load.NumTotalBlocks
            | (long)load.LastStepPrefillTokens | (long)load.LastStepDecodeSequences;
        return any >= 0 ? load : throw reader.Fault("a load with a count below 0");
    }
}
