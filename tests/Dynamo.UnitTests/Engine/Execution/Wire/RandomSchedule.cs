using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;

namespace Dynamo.UnitTests.Engine.Execution.Wire;

/// <summary>A real scheduler in random traffic: chunks, prefix hits, preemptions, aborts, parked and moved sequences.</summary>
internal sealed class RandomSchedule
{
    public const int NumBlocks = 24;
    private readonly Random _random;
    private readonly List<Sequence> _submitted = [];

    public RandomSchedule(int seed, bool prefixCaching = true)
    {
        _random = new Random(seed);
        Rig = new SchedulerRig(NumBlocks, blockSize: 4, maxBatchedTokens: 20, maxNumSequences: 6, prefixCaching);
    }

    public SchedulerRig Rig { get; }

    public int NumAborts { get; private set; }

    public int NumParkings { get; private set; }

    /// <summary>Lets things happen until a step is planned, which the caller computes.</summary>
    public void PlanNext()
    {
        do
        {
            Disturb();
        }
        while (!Rig.Scheduler.Schedule());
    }

    private void Disturb()
    {
        List<Sequence> alive = _submitted.FindAll(static s => s.State is not SequenceState.Finished);
        int dice = _random.Next(100);
        if ((dice < 30 || alive.Count == 0) && alive.Count < 12)
        {
            GenerationRequest request = RandomRequests.Next(_random, _submitted.Count, Rig.Batch.Limits.MaxModelLength);
            SamplingParameters sampling = request.Sampling with
            {
                NumLogprobs = _random.Next(4) == 0 ? _random.Next(3) : null,
                LogitBias = _random.Next(4) == 0 ? [new LogitBias(3, 1.5f)] : [],
                BadWords = _random.Next(4) == 0 ? [[7, 8], [9]] : [],
            };
            _submitted.Add(Rig.Add($"{_submitted.Count}", request with { Sampling = sampling }));
        }
        else if (dice < 35 && alive.Count > 0)
        {
            Rig.Scheduler.Finish(alive[_random.Next(alive.Count)]);
            NumAborts++;
        }
        else if (dice < 38 && alive.Find(static s => s is { State: SequenceState.Running, NumOutputTokens: > 1 }) is { } running)
        {
            Rig.Scheduler.Park(running);
            NumParkings++;
        }
        else if (alive.Find(static s => s.State == SequenceState.Parked) is { } parked && (dice < 45 || !Rig.Scheduler.HasWork))
        {
            Rig.Scheduler.Finish(parked);
        }
    }
}
