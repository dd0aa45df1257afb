using Dynamo.Engine.Sampling;
using Dynamo.Protocol.Requests;

namespace Dynamo.UnitTests.Engine.Sampling;

/// <summary>Chooses one token with a fresh sampler.</summary>
internal static class OneSample
{
    public static SamplingParameters Greedy { get; } = new() { Temperature = 0, MaxTokens = 100 };

    /// <summary>The token, and the row as masks and penalties left it: <c>Sample</c> changes what it is given.</summary>
    public static (int? Token, float[] Logits) Sample(SamplingParameters parameters, float[] logits, int[]? prompt = null, int[]? output = null)
    {
        prompt ??= [0];
        SequenceSampler sampler = new(parameters, [.. prompt, .. output ?? []], prompt.Length);
        return (sampler.Sample(logits, new SamplingScratch(logits.Length), out _), logits);
    }
}
