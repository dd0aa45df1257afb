using Dynamo.Protocol.Load;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary>A worker in the eyes of a decision. What its cost was a function of is put together when somebody asks.</summary>
public readonly struct Candidate
{
    private readonly WorkerFacts _worker;
    private readonly Inquiry _inquiry;
    private readonly int _overlapBlocks;
    private readonly int _requestBlocks;

    /// <summary>Keeps what is needed for it.</summary>
    /// <param name="worker">The worker at the time.</param>
    /// <param name="inquiry">What was asked.</param>
    /// <param name="ineligibility">See <see cref="Ineligibility"/>.</param>
    /// <param name="overlapBlocks">Full blocks of the prompt that the worker has or is computing.</param>
    /// <param name="requestBlocks">Those that its requests hold.</param>
    internal Candidate(WorkerFacts worker, Inquiry inquiry, Ineligibility ineligibility, int overlapBlocks, int requestBlocks) =>
        (_worker, _inquiry, Ineligibility, _overlapBlocks, _requestBlocks) = (worker, inquiry, ineligibility, overlapBlocks, requestBlocks);

    /// <summary>The worker.</summary>
    public WorkerId Worker => _worker.Id;

    /// <summary>Names everything that its rounding depends on.</summary>
    public string? NumericsClass => _worker.Limits.NumericsClass;

    /// <summary>Why it could not get the request, or <see cref="Ineligibility.None"/>.</summary>
    public Ineligibility Ineligibility { get; }

    /// <summary>What the cost was a function of.</summary>
    public CostInput Input => new()
    {
        BlockSize = _inquiry.BlockSize,
        NumTokens = _inquiry.NumTokens,
        PromptBlocks = _inquiry.PromptBlocks,
        OverlapBlocks = _overlapBlocks,
        NewBlocks = _inquiry.PromptBlocks - _requestBlocks,
        QueuedTokens = _worker.QueuedTokens,
        QueuedMilliseconds = _worker.QueuedMilliseconds(_inquiry.Now),
        BookedBlocks = _worker.BookedBlocks,
        BookedPartialBlocks = _worker.BookedPartialBlocks,
        NumLive = _worker.NumLive,
        NumQueued = _worker.NumQueued,
        RecentShare = _worker.Recent * _inquiry.PerMeanRecent,
        Capacity = _worker.Limits.NumBlocks,
        MaxBatchedTokens = _worker.Limits.MaxBatchedTokens,
        Speed = _worker.Speed,
    };

    /// <summary>The cost's terms in milliseconds, where that cost was asked for.</summary>
    public TimeCost? Time => _inquiry.Comparison?.Cost == RouterCost.Time ? TimeCost.Of(Input) : null;

    /// <summary>The cost's terms in blocks, where that cost was asked for.</summary>
    public DynamoCost? Dynamo => _inquiry.Comparison is { Cost: RouterCost.Dynamo } asked ? DynamoCost.Of(asked.Dynamo, Input, asked.LeastPrefillTokens) : null;
}
