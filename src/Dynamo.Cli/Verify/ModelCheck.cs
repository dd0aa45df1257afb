using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
using Dynamo.Torch;
using Dynamo.Torch.Configuration;

namespace Dynamo.Cli.Verify;

/// <summary>Compares a model with its <c>golden.safetensors</c>, logits and greedy tokens, and prints a table.</summary>
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

        // A runner belongs to one thread, and not to one of the pool.
        Comparison logits = await Task.Factory.StartNew(
            () => CompareLogits(options, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        int[][] greedy = await GreedyCheck.RunAsync(options, logits.Prompts, cancellationToken);
        return Print(logits, greedy);
    }

    private Comparison CompareLogits(ModelLoadOptions options, CancellationToken cancellationToken)
    {
        using IModelRunner runner = new TorchModelRunnerFactory().Load(options, null, cancellationToken);
        using GoldenFile golden = GoldenFile.Open(folder, runner.Shape);
        LogitCheck check = new(runner, golden);
        double[] errors = check.Run(cancellationToken);
        return new Comparison(runner.Shape, golden.Prompts, errors, check.LargestDifference);
    }

    private bool Print(Comparison logits, int[][] greedy)
    {
        bool greedyCounts = logits.Shape.DType == "float32";
        double bound = maxError ?? (greedyCounts ? Float32Bound : BFloat16Bound);
        output.WriteLine($"{logits.Shape.Architecture}, {logits.Shape.NumParameters:N0} parameters, {logits.Shape.DType}; bound {bound:0.0e+0}");
        output.WriteLine("prompt  tokens  logits rel. L2  greedy tokens equal");
        bool withinBound = true;
        string? firstToken = null;
        for (int i = 0; i < greedy.Length; i++)
        {
            int[] expected = logits.Prompts[i].Greedy;
            int equal = greedy[i].AsSpan().CommonPrefixLength(expected);
            withinBound &= logits.Errors[i] <= bound;
            output.WriteLine($"{i,6}  {logits.Prompts[i].Tokens.Length,6}  {logits.Errors[i],14:0.00e+0}  {equal,6} of {expected.Length}");
            if (equal < expected.Length)
            {
                firstToken ??= $"prompt {i}, output {equal}: {(equal < greedy[i].Length ? greedy[i][equal] : "(end)")}, the reference has {expected[equal]}";
            }
        }

        foreach (string warning in ModelConfig.Load(folder).Warnings)
        {
            output.WriteLine($"note: {warning}");
        }

        if (!withinBound)
        {
            output.WriteLine($"largest logit difference: {logits.LargestDifference}");
        }

        if (firstToken is not null)
        {
            output.WriteLine($"first greedy difference: {firstToken}");
        }

        return withinBound && (firstToken is null || !greedyCounts);
    }

    private sealed record Comparison(ModelShape Shape, IReadOnlyList<GoldenPrompt> Prompts, double[] Errors, string? LargestDifference);
}
