using Dynamo.Protocol.Frames;
using Dynamo.Serving.Streams;
using Xunit;

namespace Dynamo.ClusterTests.Support;

/// <summary>Streams that run at once, each with an answer of its own that nothing may change.</summary>
internal static class StreamLoad
{
    private const int NumStreams = 16;
    private const int NumTokens = 60;

    /// <summary>Starts the streams; returns when workers have accepted all.</summary>
    /// <returns>The answers, when they are complete.</returns>
    public static async Task<Task<List<int>>[]> AskAsync(DynamoCluster cluster)
    {
        ISequenceStream[] streams = await Task.WhenAll(Enumerable.Range(0, NumStreams).Select(
            number => cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(number, NumTokens), CancellationToken.None)));
        return [.. streams.Select(static async stream =>
        {
            await using (stream)
            {
                (List<int> tokens, SequenceDelta last) = await Sequences.ReadAsync(stream);
                Assert.True(last.FinishReason == FinishReason.Length, last.Error);
                return tokens;
            }
        })];
    }

    /// <summary>Waits for the answers, each to be what an engine of its own says.</summary>
    public static async Task AssertUndisturbedAsync(Task<List<int>>[] answers)
    {
        for (int number = 0; number < answers.Length; number++)
        {
            Assert.Equal(await Sequences.AnswerAsync(Sequences.Spec(number, NumTokens)), await answers[number]);
        }
    }
}
