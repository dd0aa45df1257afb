using Dynamo.Engine.Blocks;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Load;

namespace Dynamo.Engine.Loop;

/// <summary>Where the engine thread writes its load after each step and others read it: plain numbers under a lock, so a step allocates nothing.</summary>
internal sealed class LoadBoard(EngineConfig config)
{
    private readonly Lock _lock = new();
    private Numbers _numbers;

    /// <summary>Writes the numbers of a step.</summary>
    public void Write(in Numbers numbers)
    {
        lock (_lock)
        {
            _numbers = numbers;
        }
    }

    /// <summary>Builds a report.</summary>
    /// <param name="numLive">Sequences submitted and not over; those not yet running count as waiting, even while still in the inbox.</param>
    public LoadReport Report(int numLive)
    {
        Numbers numbers;
        lock (_lock)
        {
            numbers = _numbers;
        }

        return new LoadReport
        {
            Worker = config.Worker,
            Generation = config.Generation,
            Step = numbers.Step,
            NumRunning = numbers.NumRunning,
            NumWaiting = Math.Max(0, numLive - numbers.NumRunning),
            NumQueuedPrefillTokens = numbers.NumQueuedPrefillTokens,
            NumUsedBlocks = numbers.NumUsedBlocks,
            NumCachedBlocks = numbers.NumCachedBlocks,
            NumTotalBlocks = numbers.NumTotalBlocks,
            NumPreemptions = numbers.NumPreemptions,
            NumPrefixQueryTokens = numbers.NumPrefixQueryTokens,
            NumPrefixHitTokens = numbers.NumPrefixHitTokens,
            LastKVEvent = numbers.LastKVEvent,
            LastStepPrefillTokens = numbers.LastStepPrefillTokens,
            LastStepDecodeSequences = numbers.LastStepDecodeSequences,
            LastStepMicroseconds = numbers.LastStepMicroseconds,
        };
    }

    /// <summary>What a step leaves behind; fields as in <see cref="LoadReport"/>.</summary>
    internal struct Numbers
    {
        public long Step;
        public int NumRunning;
        public long NumQueuedPrefillTokens;
        public int NumUsedBlocks;
        public int NumCachedBlocks;
        public int NumTotalBlocks;
        public long NumPreemptions;
        public long NumPrefixQueryTokens;
        public long NumPrefixHitTokens;
        public long LastKVEvent;
        public int LastStepPrefillTokens;
        public int LastStepDecodeSequences;
        public long LastStepMicroseconds;

        public void Fill(Scheduler scheduler, BlockPool pool, KVEventEmitter events)
        {
            NumRunning = scheduler.Running.Count;
            NumQueuedPrefillTokens = scheduler.NumQueuedPrefillTokens;
            NumUsedBlocks = pool.NumUsed;
            NumCachedBlocks = pool.NumFreeCached;
            NumTotalBlocks = pool.NumBlocks;
            NumPreemptions = scheduler.NumPreemptions;
            NumPrefixQueryTokens = scheduler.NumPrefixQueryTokens;
            NumPrefixHitTokens = scheduler.NumPrefixHitTokens;
            LastKVEvent = events.Last;
        }

        /// <summary>Nothing runs and no block holds anything any more; what was counted so far stays.</summary>
        public void Stop(KVEventEmitter events)
        {
            NumRunning = 0;
            NumQueuedPrefillTokens = 0;
            NumUsedBlocks = 0;
            NumCachedBlocks = 0;
            LastStepPrefillTokens = 0;
            LastStepDecodeSequences = 0;
            LastKVEvent = events.Last;
        }
    }
}
