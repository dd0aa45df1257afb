using Dynamo.Engine;
using Dynamo.Engine.Execution;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Models;
using Dynamo.Protocol.Requests;
using Dynamo.Torch;

namespace Dynamo.Cli.Verify;

/// <summary>
/// Compares a model with <c>golden.safetensors</c> beside its weights: logits of every prompt position straight from the runner, and greedy
/// tokens through the whole engine, all prompts at once.
/// </summary>
/// <param name="folder">The model folder.</param>
/// <param name="dtype">As <c>--dtype</c>.</param>
/// <param name="maxError">Bound of the relative L2 error of a prompt's logits, or <see langword="null"/> for the dtype's.</param>
/// <param name="output">Where the table goes.</param>
internal sealed class ModelCheck(ModelFolder folder, string dtype, double? maxError, TextWriter output)
{
    private const double Float32Bound = 1e-5;
    private const double BFloat16Bound = 5e-2;

    /// <summary>Runs and prints the comparison.</summary>
    /// <returns>Whether everything was within bounds.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        ModelLoadOptions options = new() { ModelPath = folder.Path, DType = dtype };
        (IReadOnlyList<GoldenPrompt> prompts, double[] errors, string? firstWrong, ModelShape shape) =
            await OnOwnThread(() => CompareLogits(options, cancellationToken));
        bool isExactDType = shape.DType == "float32";
        double bound = maxError ?? (isExactDType ? Float32Bound : BFloat16Bound);
        int[][] greedy = await GreedyAsync(options, prompts, cancellationToken);

        output.WriteLine($"{shape.Architecture}, {shape.NumParameters:N0} parameters, {shape.DType}; bound {bound:0.0e+0}");
        output.WriteLine("prompt  tokens  logits rel. L2  greedy tokens equal");
        bool good = true;
        string? firstToken = null;
        for (int i = 0; i < prompts.Count; i++)
        {
            int equal = greedy[i].AsSpan().CommonPrefixLength(prompts[i].Greedy);
            bool allEqual = equal == prompts[i].Greedy.Length;
            good &= errors[i] <= bound && (allEqual || !isExactDType);
            output.WriteLine($"{prompts[i].Index,6}  {prompts[i].Prompt.Length,6}  {errors[i],14:0.00e+0}  {equal,6} of {prompts[i].Greedy.Length}");
            if (!allEqual)
            {
                firstToken ??= $"prompt {i}, output {equal}: {(equal < greedy[i].Length ? greedy[i][equal] : "(end)")}, the reference has {prompts[i].Greedy[equal]}";
            }
        }

        if (firstWrong is not null && errors.Any(error => !(error <= bound)))
        {
            output.WriteLine($"largest logit difference: {firstWrong}");
        }

        if (firstToken is not null)
        {
            output.WriteLine($"first greedy difference: {firstToken}");
        }

        return good;
    }

    private (IReadOnlyList<GoldenPrompt> Prompts, double[] Errors, string? Worst, ModelShape Shape) CompareLogits(ModelLoadOptions options, CancellationToken cancellationToken)
    {
        using IModelRunner runner = new TorchModelRunnerFactory().Load(options, null, cancellationToken);
        IReadOnlyList<GoldenPrompt> prompts = GoldenPrompt.ReadAll(folder, runner.Shape.VocabularySize);
        int longest = prompts.Max(static prompt => prompt.Prompt.Length);
        if (longest > runner.Shape.MaxPositions)
        {
            throw new ModelFolderException(GoldenPrompt.File, "prompt", $"has {longest} tokens; the model's max_position_embeddings is {runner.Shape.MaxPositions}");
        }

        const int blockSize = 32;
        StepLimits limits = new() { MaxBatchedTokens = longest, MaxNumSequences = 1, MaxLogitRows = longest, MaxModelLength = longest, BlockSize = blockSize };
        runner.Prepare(limits, limits.MaxBlocksPerSequence);
        StepBatch batch = new(limits) { NumSequences = 1 };
        for (int i = 0; i < limits.MaxBlocksPerSequence; i++)
        {
            batch.BlockTables[i] = i;
        }

        double[] errors = new double[prompts.Count];
        (double Difference, string? Place) worst = (0, null);
        for (int i = 0; i < prompts.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] prompt = prompts[i].Prompt;
            batch.NumTokens = prompt.Length;
            batch.NumLogits = prompt.Length;
            batch.RowStarts[1] = prompt.Length;
            for (int t = 0; t < prompt.Length; t++)
            {
                (batch.TokenIds[t], batch.Positions[t], batch.LogitRows[t]) = (prompt[t], t, t);
            }

            errors[i] = Compare(i, runner.Execute(batch), prompts[i].Logits, runner.Shape.VocabularySize, ref worst);
        }

        return (prompts, errors, worst.Place, runner.Shape);
    }

    private static double Compare(int prompt, ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, int vocabularySize, ref (double Difference, string? Place) worst)
    {
        double squares = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = (double)actual[i] - expected[i];
            squares += difference * difference;
            norm += (double)expected[i] * expected[i];
            if (!(Math.Abs(difference) <= worst.Difference))
            {
                worst = (Math.Abs(difference), $"prompt {prompt}, position {i / vocabularySize}, token {i % vocabularySize}: {actual[i]}, the reference has {expected[i]}");
            }
        }

        return Math.Sqrt(squares / norm);
    }

    private static async Task<int[][]> GreedyAsync(ModelLoadOptions options, IReadOnlyList<GoldenPrompt> prompts, CancellationToken cancellationToken)
    {
        GreedyCollector collector = new(prompts.Count);
        EngineConfig config = new()
        {
            Worker = new WorkerId(1),
            Generation = 1,
            MaxNumSequences = Math.Max(prompts.Count, 1),
            MaxModelLength = prompts.Max(static prompt => prompt.Prompt.Length + prompt.Greedy.Length),
        };
        await using LlmEngine engine = new(config, new TorchModelRunnerFactory(), options, collector, null, TimeProvider.System);
        engine.Start();
        await collector.Ready.WaitAsync(cancellationToken);
        for (int i = 0; i < prompts.Count; i++)
        {
            SubmitResult result = engine.Submit(
                new GenerationRequest
                {
                    Id = RequestId.New(),
                    Attempt = 1,
                    TokenIds = prompts[i].Prompt,
                    NumPromptTokens = prompts[i].Prompt.Length,
                    Sampling = new SamplingParameters { Temperature = 0, MaxTokens = prompts[i].Greedy.Length, IgnoreEos = true },
                },
                tag: i);
            if (result.Status != SubmitStatus.Accepted)
            {
                throw new CommandFault($"prompt {i} was refused: {result.Message}");
            }
        }

        return await collector.Outputs.WaitAsync(cancellationToken);
    }

    // A runner belongs to one thread.
    private static Task<TResult> OnOwnThread<TResult>(Func<TResult> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
