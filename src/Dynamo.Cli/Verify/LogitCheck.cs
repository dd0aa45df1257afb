using Dynamo.Engine.Execution;

namespace Dynamo.Cli.Verify;

/// <summary>Compares the logits of every prompt position, straight from the runner, with the reference's.</summary>
/// <param name="runner">The model; prepared here.</param>
/// <param name="golden">The reference's answers.</param>
internal sealed class LogitCheck(IModelRunner runner, GoldenFile golden)
{
    private const int BlockSize = 32;

    // Rows computed at once, fewer when the vocabulary is large.
    private const int MaxRows = 512;
    private const int MaxLogits = 32 << 20;

    private readonly float[] _expected = new float[runner.Shape.VocabularySize];
    private double _largest;

    /// <summary>Where the largest difference is, or <see langword="null"/> before any.</summary>
    public string? LargestDifference { get; private set; }

    /// <summary>Relative L2 error of each prompt's logits; not a number when either side's are not.</summary>
    public double[] Run(CancellationToken cancellationToken)
    {
        int longest = golden.Prompts.Max(static prompt => prompt.Tokens.Length);
        int numRows = Math.Min(longest, Math.Clamp(MaxLogits / runner.Shape.VocabularySize, 1, MaxRows));
        StepLimits limits = new() { MaxBatchedTokens = numRows, MaxNumSequences = 1, MaxLogitRows = numRows, MaxModelLength = longest, BlockSize = BlockSize };
        runner.Prepare(limits, limits.MaxBlocksPerSequence);
        StepBatch batch = new(limits) { NumSequences = 1 };
        for (int i = 0; i < limits.MaxBlocksPerSequence; i++)
        {
            batch.BlockTables[i] = i;
        }

        double[] errors = new double[golden.Prompts.Count];
        for (int i = 0; i < errors.Length; i++)
        {
            errors[i] = RunPrompt(i, batch, cancellationToken);
        }

        return errors;
    }

    private double RunPrompt(int prompt, StepBatch batch, CancellationToken cancellationToken)
    {
        int[] tokens = golden.Prompts[prompt].Tokens;
        (double squares, double norm) = (0, 0);
        for (int start = 0; start < tokens.Length; start += batch.NumTokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(batch.Limits.MaxBatchedTokens, tokens.Length - start);
            (batch.NumTokens, batch.NumLogits, batch.RowStarts[1]) = (count, count, count);
            for (int row = 0; row < count; row++)
            {
                (batch.TokenIds[row], batch.Positions[row], batch.LogitRows[row]) = (tokens[start + row], start + row, row);
            }

            ReadOnlySpan<float> logits = runner.Execute(batch);
            for (int row = 0; row < count; row++)
            {
                Compare(prompt, start + row, logits.Slice(row * _expected.Length, _expected.Length), ref squares, ref norm);
            }
        }

        return Math.Sqrt(squares / norm);
    }

    private void Compare(int prompt, int position, ReadOnlySpan<float> actual, ref double squares, ref double norm)
    {
        golden.CopyLogits(prompt, position, _expected);
        for (int token = 0; token < _expected.Length; token++)
        {
            double difference = (double)actual[token] - _expected[token];
            squares += difference * difference;
            norm += (double)_expected[token] * _expected[token];
            if (!(Math.Abs(difference) <= _largest))
            {
                _largest = Math.Abs(difference);
                LargestDifference = $"prompt {prompt}, position {position}, token {token}: {actual[token]}, the reference has {_expected[token]}";
            }
        }
    }
}
