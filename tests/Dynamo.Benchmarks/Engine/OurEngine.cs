using System.Diagnostics;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Benchmarks.Engine;

/// <summary>
/// Our engine as serving uses it: scheduler, prefix cache and sampler around the torch runner. Each run has a cache salt of its own, so none
/// finds another's blocks.
/// </summary>
internal sealed class OurEngine : IPeer, IAsyncDisposable
{
    private const int BlockSize = 32;

    private readonly RunRecord _record = new();
    private readonly LlmEngine _engine;
    private int _numRuns;

    public OurEngine(string modelFolder, int numThreads)
    {
        EngineConfig config = new()
        {
            Worker = new WorkerId(1),
            Generation = 1,
            BlockSize = BlockSize,
            MaxNumSequences = Workload.BatchSizes.Max(),
            MaxBatchedTokens = Workload.BatchSizes.Max() * Workload.PromptLength,
            MaxModelLength = 1024,
            NumBlocks = 512,
        };
        ModelLoadOptions options = new() { ModelPath = modelFolder, DType = "bfloat16", NumThreads = numThreads };
        _engine = new LlmEngine(config, new MeasuringRunner.Factory(_record), options, _record, null, TimeProvider.System);
    }

    /// <inheritdoc/>
    public string Name => "ours";

    /// <summary>Names what rounding depends on.</summary>
    public string NumericsClass => _record.NumericsClass;

    /// <summary>Whether the processor's own bfloat16 products are used, rather than float32 ones.</summary>
    public bool MultipliesBFloat16 => NumericsClass.Contains("-onednn-bfloat16-", StringComparison.Ordinal);

    /// <summary>What the steps of all timed decode runs allocated.</summary>
    public AllocationCheck Allocations { get; } = new();

    /// <summary>What the last decode run spent outside the runner, of its time.</summary>
    public double ShareOutsideRunner { get; private set; }

    /// <summary>Loads the model.</summary>
    public async Task StartAsync()
    {
        _engine.Start();
        await _record.Ready;
    }

    /// <inheritdoc/>
    public RunResult Decode(int batchSize)
    {
        int[][] tokens = Generate(Enumerable.Range(0, batchSize), Workload.PromptLength, Workload.NumDecodeSteps + 1);
        ReadOnlySpan<StepMark> steps = _record.Steps;
        if (steps.Length != Workload.NumDecodeSteps + 1)
        {
            throw new BenchmarkFault($"our engine took {steps.Length} steps for a batch of {batchSize}, not {Workload.NumDecodeSteps + 1}: the batch did not stay together.");
        }

        Allocations.Add(steps);
        long ticks = steps[^1].Timestamp - steps[0].Timestamp;
        long runnerTicks = 0;
        foreach (ref readonly StepMark step in steps[1..])
        {
            runnerTicks += step.RunnerTicks;
        }

        ShareOutsideRunner = 1 - ((double)runnerTicks / ticks);
        return new RunResult(Stopwatch.GetElapsedTime(0, ticks).TotalSeconds, tokens[0]);
    }

    /// <inheritdoc/>
    public RunResult Prefill()
    {
        int[][] tokens = Generate([0], Workload.PrefillLength, 1);
        return new RunResult(Stopwatch.GetElapsedTime(_record.StartTimestamp, _record.Steps[0].Timestamp).TotalSeconds, tokens[0]);
    }

    /// <summary>Greedy tokens after the prompts of the given sequences, all at once.</summary>
    public int[][] Greedy(IEnumerable<int> sequences, int numTokens) => Generate(sequences, Workload.PromptLength, numTokens);

    /// <summary>Greedy tokens of the first sequence, and the logits that each came from.</summary>
    public (int[] Tokens, float[][] Logits) GreedyWithLogits(int numTokens)
    {
        int[][] tokens = Generate([0], Workload.PromptLength, numTokens, keepLogits: true);
        return (tokens[0], [.. _record.Logits!]);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private int[][] Generate(IEnumerable<int> sequences, int promptLength, int numTokens, bool keepLogits = false)
    {
        int[][] prompts = [.. sequences.Select(sequence => Workload.Prompt(sequence, promptLength))];
        _record.Begin(prompts.Length, numTokens, keepLogits);
        string salt = $"run {_numRuns++}";
        Submit([0], 1, RunRecord.Gate, salt);
        _record.WaitForGate();
        for (int i = 0; i < prompts.Length; i++)
        {
            Submit(prompts[i], numTokens, tag: i, salt);
        }

        _record.OpenGateAndWait();
        return _record.Tokens;
    }

    private void Submit(int[] prompt, int numTokens, object tag, string salt)
    {
        SubmitResult result = _engine.Submit(
            new GenerationRequest
            {
                Id = RequestId.New(),
                Attempt = 1,
                TokenIds = prompt,
                NumPromptTokens = prompt.Length,
                Sampling = new SamplingParameters { Temperature = 0, MaxTokens = numTokens, IgnoreEos = true },
                CacheSalt = salt,
            },
            tag);
        if (result.Status != SubmitStatus.Accepted)
        {
            throw new BenchmarkFault($"our engine refused a sequence: {result.Message}");
        }
    }
}
