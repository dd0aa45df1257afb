using Dynamo.Engine.Execution;
using Dynamo.Torch.Cuda;
using TorchSharp;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.TorchTests.Cuda;

public sealed class TorchOpsModelRunnerTests(ITestOutputHelper output)
{
    public static TheoryData<string> Folders => [.. GoldenAnswers.Folders()];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Execute_Float32_AgreesWithTransformers(string folder)
    {
        GoldenAnswers golden = GoldenAnswers.Load(folder);
        using TorchOpsModelRunner runner = Load(folder, "float32");
        RunnerDriver driver = CreateDriver(runner, golden);

        (double error, int[][] greedy) = Answer(driver, golden, runner.Shape.VocabularySize);

        output.WriteLine($"{Path.GetFileName(folder)}: largest relative L2 error of the logits {error:E2}");
        Assert.InRange(error, 0, 1e-5);
        Assert.Equal(golden.Greedy, greedy);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Execute_BFloat16_IsAsCloseAsTransformersOwn(string folder)
    {
        GoldenAnswers golden = GoldenAnswers.Load(folder);
        using TorchOpsModelRunner runner = Load(folder, "bfloat16");
        RunnerDriver driver = CreateDriver(runner, golden);

        double error = PrefillError(driver, golden, runner.Shape.VocabularySize, []);

        output.WriteLine($"{Path.GetFileName(folder)}: largest relative L2 error of the logits {error:E2}");
        Assert.InRange(error, 1e-5, 5e-2);
    }

    private static RunnerDriver CreateDriver(TorchOpsModelRunner runner, GoldenAnswers golden) => new(
        runner,
        golden.Prompts.Length,
        maxLength: golden.Prompts.Zip(golden.Greedy, static (p, g) => p.Length + g.Length).Max(),
        maxRows: golden.Prompts.Sum(static p => p.Length),
        blockSize: 16);

    /// <summary>Computes all prompts in one step, then decodes greedily as long as the golden answers are.</summary>
    private static (double Error, int[][] Greedy) Answer(RunnerDriver driver, GoldenAnswers golden, int vocabulary)
    {
        List<int> last = [];
        double error = PrefillError(driver, golden, vocabulary, last);
        List<int>[] greedy = [.. golden.Greedy.Select(static _ => new List<int>())];
        for (int step = 0; step < golden.Greedy.Max(static g => g.Length); step++)
        {
            List<ReadOnlyMemory<int>> next = [];
            for (int i = 0; i < greedy.Length; i++)
            {
                bool going = step < golden.Greedy[i].Length;
                if (going)
                {
                    greedy[i].Add(last[i]);
                }

                next.Add(going ? new[] { last[i] } : ReadOnlyMemory<int>.Empty);
            }

            float[] logits = driver.Step(next, allLogits: false);
            int row = 0;
            for (int i = 0; i < greedy.Length; i++)
            {
                last[i] = next[i].IsEmpty ? last[i] : ArgMax(logits.AsSpan(row++ * vocabulary, vocabulary));
            }
        }

        return (error, [.. greedy.Select(static g => g.ToArray())]);
    }

    /// <summary>Largest relative L2 error over the prompts; adds the greedy token after each to <paramref name="next"/>.</summary>
    private static double PrefillError(RunnerDriver driver, GoldenAnswers golden, int vocabulary, List<int> next)
    {
        float[] prefill = driver.Step([.. golden.Prompts.Select(static p => (ReadOnlyMemory<int>)p)], allLogits: true);
        double error = 0;
        int at = 0;
        foreach (float[] expected in golden.Logits)
        {
            ReadOnlySpan<float> logits = prefill.AsSpan(at, expected.Length);
            error = Math.Max(error, RelativeError(logits, expected));
            next.Add(ArgMax(logits[^vocabulary..]));
            at += expected.Length;
        }

        return error;
    }

    private static TorchOpsModelRunner Load(string folder, string dtype) =>
        TorchOpsModelRunner.Load(new ModelLoadOptions { ModelPath = folder, DType = dtype, NumThreads = 2 }, torch.CPU, null, CancellationToken.None);

    private static double RelativeError(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        (double difference, double norm) = (0, 0);
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(actual[i] - (double)expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm);
    }

    private static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }
}
