namespace Dynamo.Benchmarks.Engine;

/// <summary>
/// Managed bytes that decode steps allocate on the engine thread. A step that fills a block tells the routers so, and that message is an
/// object; every other step must allocate nothing, and the runner never.
/// </summary>
internal sealed class AllocationCheck
{
    /// <summary>Steps looked at.</summary>
    public int NumSteps { get; private set; }

    /// <summary>Bytes allocated inside the runner, all steps.</summary>
    public long RunnerBytes { get; private set; }

    /// <summary>Bytes allocated in steps without a KV event.</summary>
    public long QuietBytes { get; private set; }

    /// <summary>Steps with a KV event.</summary>
    public int NumEventSteps { get; private set; }

    /// <summary>Bytes allocated in those.</summary>
    public long EventBytes { get; private set; }

    /// <summary>Whether nothing was allocated that must not be.</summary>
    public bool Holds => NumSteps > 0 && RunnerBytes == 0 && QuietBytes == 0;

    /// <summary>Adds a run's decode steps. Its first step is the prompts', its last ends the sequences; both do more than a step of decoding.</summary>
    public void Add(ReadOnlySpan<StepMark> steps)
    {
        for (int i = 1; i < steps.Length - 1; i++)
        {
            NumSteps++;
            RunnerBytes += steps[i].RunnerAllocatedBytes;
            long bytes = steps[i].AllocatedBytes - steps[i - 1].AllocatedBytes;
            if (steps[i].NumKVEvents == steps[i - 1].NumKVEvents)
            {
                QuietBytes += bytes;
            }
            else
            {
                NumEventSteps++;
                EventBytes += bytes;
            }
        }
    }
}
