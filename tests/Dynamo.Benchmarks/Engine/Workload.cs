using Dynamo.Benchmarks.Models;

namespace Dynamo.Benchmarks.Engine;

/// <summary>What both engines are given to do.</summary>
internal static class Workload
{
    /// <summary>Prompt tokens of each sequence before decoding.</summary>
    public const int PromptLength = 128;

    /// <summary>Decode steps that are timed; the token before them comes from the prompt's step.</summary>
    public const int NumDecodeSteps = 64;

    /// <summary>Prompt tokens of the prefill cell.</summary>
    public const int PrefillLength = 512;

    /// <summary>Positions whose logits are compared: the prompt's last and decode steps after it.</summary>
    public const int NumComparedPositions = 17;

    /// <summary>Batch sizes of the decode cells.</summary>
    public static IReadOnlyList<int> BatchSizes { get; } = [1, 4, 16];

    /// <summary>The prompt of a sequence.</summary>
    public static int[] Prompt(int sequence, int length)
    {
        int[] tokens = new int[length];
        for (int i = 0; i < length; i++)
        {
            tokens[i] = (int)(((uint)((sequence * 8191) + i + 1) * 2654435761u) % RandomModel.VocabularySize);
        }

        return tokens;
    }

    /// <summary>Index of the largest logit, the first of equals.</summary>
    public static int ArgMax(ReadOnlySpan<float> logits)
    {
        float max = float.NegativeInfinity;
        for (int i = 0; i < logits.Length; i++)
        {
            max = MathF.Max(max, logits[i]);
        }

        return logits.IndexOf(max);
    }
}
