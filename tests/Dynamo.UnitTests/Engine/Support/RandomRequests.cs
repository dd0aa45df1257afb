using Dynamo.Protocol.Requests;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>Requests as different as chance makes them, for a <see cref="SchedulerRig"/>: some share prefixes, some bring output from elsewhere.</summary>
internal static class RandomRequests
{
    /// <summary>The next one.</summary>
    /// <param name="random">Chance.</param>
    /// <param name="id">Its number, and its seed.</param>
    /// <param name="maxModelLength">The longest sequence.</param>
    public static GenerationRequest Next(Random random, int id, int maxModelLength)
    {
        // Two families of prompts with common beginnings and a random end.
        int length = 1 + random.Next(maxModelLength * 2 / 3);
        int common = random.Next(length + 1);
        int family = random.Next(2);
        int[] prompt = [.. Enumerable.Range(0, length).Select(i => i < common ? ((i * 7) + family) % 32 : random.Next(32))];
        SamplingParameters sampling = new()
        {
            Temperature = random.Next(2),
            TopK = random.Next(2) * 8,
            RepetitionPenalty = random.Next(2) == 0 ? 1 : 1.3f,
            FrequencyPenalty = random.Next(2) * 0.5f,
            Seed = (ulong)id,
            MaxTokens = 1 + random.Next(20),
            StopTokenIds = [5],
        };
        GenerationRequest request = TestRequests.Of(id, prompt, sampling, salt: random.Next(4) == 0 ? "tenant" : "");
        List<int> text = MockText.Of(request, SchedulerRig.VocabularySize, maxModelLength);

        // One in four was begun elsewhere and brings what is there already.
        return random.Next(4) == 0 ? TestRequests.Moved(request, text.Take(random.Next(text.Count))) : request;
    }
}
