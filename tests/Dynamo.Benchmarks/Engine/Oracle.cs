using Dynamo.Benchmarks.Llama;

namespace Dynamo.Benchmarks.Engine;

/// <summary>Checks that the figures are of the same computation: both engines' logits agree, and a batch changes nothing.</summary>
internal sealed class Oracle(OurEngine ours, LlamaProcess? llama, TextWriter output)
{
    /// <summary>As <c>dynamo verify</c> bounds bfloat16.</summary>
    private const double MaxError = 5e-2;

    private const int NumSoloTokens = 16;

    /// <summary>Runs and prints the checks.</summary>
    /// <returns>Whether all hold.</returns>
    public bool Run() => BatchEqualsAlone() & (llama is null || LogitsAgree(llama));

    private bool BatchEqualsAlone()
    {
        int batchSize = Workload.BatchSizes.Max();
        int[][] together = ours.Greedy(Enumerable.Range(0, batchSize), NumSoloTokens);
        int numEqual = 0;
        for (int i = 0; i < batchSize; i++)
        {
            numEqual += ours.Greedy([i], NumSoloTokens)[0].AsSpan().SequenceEqual(together[i]) ? 1 : 0;
        }

        int numDistinct = together.Select(static tokens => string.Join(' ', tokens)).Distinct().Count();
        output.WriteLine($"ours, alone and in a batch of {batchSize}: {numEqual} of {batchSize} sequences equal over {NumSoloTokens} tokens, {numDistinct} distinct");
        return numEqual == batchSize && numDistinct == batchSize;
    }

    private bool LogitsAgree(LlamaProcess llama)
    {
        (int[] tokens, float[][] logits) = ours.GreedyWithLogits(Workload.NumComparedPositions);
        float[][] theirs = llama.Logits(tokens[..^1]);
        double worst = 0;
        int numSameBest = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double error = RelativeError(logits[i], theirs[i]);
            worst = error <= worst ? worst : error;
            numSameBest += Workload.ArgMax(logits[i]) == Workload.ArgMax(theirs[i]) ? 1 : 0;
        }

        output.WriteLine(
            $"logits, ours against {llama.Name}: relative L2 at most {worst:0.0e+0} over {logits.Length} positions (bound {MaxError:0.0e+0}); best token the same at {numSameBest} of {logits.Length}");
        return worst <= MaxError && numSameBest > logits.Length / 2;
    }

    private static double RelativeError(float[] actual, float[] expected)
    {
        double squares = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = (double)actual[i] - expected[i];
            squares += difference * difference;
            norm += (double)expected[i] * expected[i];
        }

        return Math.Sqrt(squares / norm);
    }
}
