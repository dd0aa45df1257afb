namespace Dynamo.Benchmarks.Engine;

/// <summary>Counters of the engine thread when a step's outputs were told.</summary>
internal struct StepMark
{
    /// <summary>Time, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Timestamp;

    /// <summary>Managed bytes that the engine thread has allocated since it began.</summary>
    public long AllocatedBytes;

    /// <summary>Managed bytes that the runner allocated in this step.</summary>
    public long RunnerAllocatedBytes;

    /// <summary>Time that the runner took in this step.</summary>
    public long RunnerTicks;

    /// <summary>KV events told since the engine began; each is an object that goes to other threads.</summary>
    public long NumKVEvents;
}
