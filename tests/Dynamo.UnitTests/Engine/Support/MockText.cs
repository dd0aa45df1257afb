using Dynamo.Engine.Sampling;
using Dynamo.Protocol.Requests;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>What an engine with the mock model must answer, computed without blocks, batches or a scheduler.</summary>
internal static class MockText
{
    /// <summary>The output tokens, those that the request brought along included.</summary>
    public static List<int> Of(GenerationRequest request, int vocabularySize, int maxModelLength = int.MaxValue)
    {
        SamplingParameters sampling = request.Sampling;
        List<int> tokens = [.. request.TokenIds];
        int most = (int)Math.Min(maxModelLength, (long)request.NumPromptTokens + sampling.MaxTokens);
        SequenceSampler sampler = new(sampling, tokens.ToArray(), request.NumPromptTokens);
        SamplingScratch scratch = new(vocabularySize);
        float[] logits = new float[vocabularySize];
        bool ended = false;
        while (!ended && tokens.Count < most)
        {
            MockReference.Logits(tokens.ToArray(), logits);
            int token = sampler.Sample(logits, scratch, out _)!.Value;
            tokens.Add(token);
            sampler.OnAppended(token);
            ended = sampling.StopTokenIds.Contains(token) || (!sampling.IgnoreEos && sampling.EosTokenIds.Contains(token));
        }

        return tokens[request.NumPromptTokens..];
    }
}
