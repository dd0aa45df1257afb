using Dynamo.Engine.Blocks;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>Pool, scheduler and mock model without a thread; each part of a step is called by the test.</summary>
internal sealed class SchedulerRig
{
    public const int VocabularySize = 32;
    private readonly LocalStepExecutor _executor;
    private int _nextId = 1;

    public SchedulerRig(
        int numBlocks,
        int blockSize = 4,
        int maxBatchedTokens = 64,
        int maxNumSequences = 8,
        bool prefixCaching = true,
        IBlockPoolListener? listener = null)
    {
        StepLimits limits = new()
        {
            MaxBatchedTokens = maxBatchedTokens,
            MaxNumSequences = maxNumSequences,
            MaxLogitRows = maxNumSequences,
            MaxModelLength = numBlocks * blockSize,
            BlockSize = blockSize,
        };
        StepPlan = new StepPlan(limits);
        Pool = new BlockPool(numBlocks, blockSize, listener);
        Scheduler = new Scheduler(Pool, StepPlan, prefixCaching);
        MockModelRunner runner = new(new MockModelConfig { VocabularySize = VocabularySize });
        runner.Prepare(limits, numBlocks);
        _executor = new LocalStepExecutor(runner, limits);
    }

    public StepPlan StepPlan { get; }

    public StepBatch Batch => StepPlan.Batch;

    public BlockPool Pool { get; }

    public Scheduler Scheduler { get; }

    /// <summary>What the last <see cref="Compute"/> chose.</summary>
    public SampledToken[] Sampled { get; private set; } = [];

    /// <summary>Queues a sequence.</summary>
    /// <param name="name">Its name in plans.</param>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="maxTokens">Most tokens of output.</param>
    /// <param name="salt">Tenant.</param>
    public Sequence Add(string name, int[] prompt, int maxTokens = 100, string salt = "") =>
        Add(name, TestRequests.Of(_nextId++, prompt, TestRequests.Greedy with { MaxTokens = maxTokens }, salt));

    public Sequence Add(string name, GenerationRequest request)
    {
        Sequence sequence = new(request, name, Batch.Limits.MaxModelLength);
        Scheduler.Add(sequence);
        return sequence;
    }

    /// <summary>Schedules a step.</summary>
    /// <returns>Per sequence its name, first position and number of tokens, and a star when its next token will be chosen: "A 0+5* B 3+1*".</returns>
    public string Plan()
    {
        Scheduler.Schedule();
        List<string> parts = [];
        int numLogits = 0;
        for (int i = 0; i < Batch.NumSequences; i++)
        {
            int start = Batch.RowStarts[i];
            int end = Batch.RowStarts[i + 1];
            bool hasLogits = numLogits < Batch.NumLogits && Batch.LogitRows[numLogits] == end - 1;
            numLogits += hasLogits ? 1 : 0;
            parts.Add($"{Scheduler.Scheduled[i].Tag} {Batch.Positions[start]}+{end - start}{(hasLogits ? "*" : "")}");
        }

        return string.Join(" ", parts);
    }

    /// <summary>Runs the model on what was scheduled and appends a token to whatever has one; sequences at their end are finished.</summary>
    public List<Sequence> Compute()
    {
        _executor.Launch(StepPlan);
        Sampled = _executor.Collect().ToArray();
        Scheduler.OnComputed();
        List<Sequence> ended = [];
        foreach (Sequence sequence in Scheduler.Scheduled)
        {
            if (sequence.LogitRow is { } row)
            {
                int token = Sampled[row].TokenId!.Value;
                sequence.Append(token);
                if (StopRule.After(sequence, token) != FinishReason.None)
                {
                    Scheduler.Finish(sequence);
                    ended.Add(sequence);
                }
            }
        }

        return ended;
    }

    /// <summary>Plans and computes one step.</summary>
    public string Step()
    {
        string plan = Plan();
        Compute();
        return plan;
    }

    /// <summary>Block ids of a running sequence.</summary>
    public int[] BlocksOf(Sequence sequence) =>
        Batch.BlockTables.AsSpan(sequence.Slot * Batch.Limits.MaxBlocksPerSequence, sequence.NumBlocks).ToArray();
}
