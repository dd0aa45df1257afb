using System.Collections.Concurrent;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>The right answers: what one worker of a cluster, alone and left in peace, says to each request of the load. Recorded once for each subject.</summary>
internal static class Undisturbed
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<StreamAnswer>>>> Recorded = new();

    /// <summary>The answers, by number of request.</summary>
    public static Task<IReadOnlyList<StreamAnswer>> AnswersAsync(Subject subject) =>
        Recorded.GetOrAdd(subject.Name, _ => new Lazy<Task<IReadOnlyList<StreamAnswer>>>(() => RecordAsync(subject))).Value;

    private static async Task<IReadOnlyList<StreamAnswer>> RecordAsync(Subject subject)
    {
        await using FaultCluster cluster = await FaultCluster.StartAsync(subject, numFrontends: 1, numWorkers: 1);
        IReadOnlyList<StreamRecord> records = await cluster.StartLoad(options => options with { NumTokens = subject.MaxTokens }).EndAsync();
        StreamAnswer[] answers = new StreamAnswer[StreamLoadOptions.NumRequests];
        foreach (StreamRecord record in records)
        {
            StreamAnswer answer = StreamAnswer.Of(record);
            if ((record.Error, answer.Error, answer.FinishReason, answer.Tokens.Count, answer.NumCompletionTokens)
                != (null, null, "length", subject.MaxTokens, subject.MaxTokens))
            {
                throw new InvalidOperationException(
                    $"Undisturbed, request {record.Number} gave {answer.Tokens.Count} tokens and ended with {answer.FinishReason} {record.Error}{answer.Error}.\n{cluster.Logs()}");
            }

            answers[record.Number] = answer;
        }

        return answers.Select(static answer => answer.Text).Distinct().Count() == answers.Length
            ? answers
            : throw new InvalidOperationException("Undisturbed, different requests gave the same answer; a stream that got another's tokens would not be seen.");
    }
}
