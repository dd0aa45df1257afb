namespace Dynamo.EndToEndTests.Faults;

/// <summary>How a stream compares with the same request undisturbed.</summary>
internal enum Outcome
{
    /// <summary>The same tokens with the same log-probabilities, text, end and usage.</summary>
    Same,

    /// <summary>Refused, broken off, or ended with an error.</summary>
    Failed,

    /// <summary>Tokens are missing.</summary>
    Lost,

    /// <summary>Tokens came twice.</summary>
    Doubled,

    /// <summary>It said something else.</summary>
    Different,
}

/// <summary>The comparison of one stream.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Detail">Where it differs; empty when it does not.</param>
internal sealed record Verdict(Outcome Outcome, string Detail)
{
    // Long enough that stories do not repeat themselves so.
    private const int NumTokensThatTell = 8;

    /// <summary>Compares a stream with the undisturbed answer, of which it may be the beginning.</summary>
    public static Verdict On(StreamRecord record, StreamAnswer expected)
    {
        StreamAnswer actual = StreamAnswer.Of(record);
        if ((record.Error ?? actual.Error) is { } error)
        {
            return new Verdict(Outcome.Failed, $"request {record.Number} after {actual.Tokens.Count} tokens: {error}");
        }

        IReadOnlyList<string> tokens = [.. expected.Tokens.Take(record.NumTokens)];
        int same = 0;
        while (same < tokens.Count && same < actual.Tokens.Count && tokens[same] == actual.Tokens[same])
        {
            same++;
        }

        if (same < tokens.Count || actual.Tokens.Count != tokens.Count)
        {
            return new Verdict(
                Classify(tokens, actual.Tokens, same),
                $"request {record.Number}, {record.NumResumes} resumes: token {same} of {tokens.Count} should be '{At(tokens, same)}', is '{At(actual.Tokens, same)}' ({actual.Tokens.Count} came)");
        }

        return (actual.FinishReason, actual.NumPromptTokens, actual.NumCompletionTokens, actual.ResponseIds.Count) == ("length", expected.NumPromptTokens, tokens.Count, 1)
            && expected.Text.StartsWith(actual.Text, StringComparison.Ordinal)
            && (record.NumTokens < expected.Tokens.Count || actual.Text.Length == expected.Text.Length)
                ? new Verdict(Outcome.Same, "")
                : new Verdict(
                    Outcome.Different,
                    $"request {record.Number} has the right tokens, but ended with {actual.FinishReason}, usage {actual.NumPromptTokens} + {actual.NumCompletionTokens}, {actual.ResponseIds.Count} ids, text:\n{actual.Text}");
    }

    private static Outcome Classify(IReadOnlyList<string> expected, IReadOnlyList<string> actual, int same)
    {
        if (same == actual.Count)
        {
            return Outcome.Lost;
        }

        if (same == expected.Count)
        {
            return Outcome.Doubled;
        }

        for (int distance = 1; distance < expected.Count; distance++)
        {
            if (Matches(expected, same - distance, actual, same))
            {
                return Outcome.Doubled;
            }

            if (Matches(expected, same + distance, actual, same))
            {
                return Outcome.Lost;
            }
        }

        return Outcome.Different;
    }

    private static bool Matches(IReadOnlyList<string> expected, int from, IReadOnlyList<string> actual, int at)
    {
        int length = Math.Min(NumTokensThatTell, actual.Count - at);
        if (from < 0 || from + length > expected.Count)
        {
            return false;
        }

        for (int i = 0; i < length; i++)
        {
            if (expected[from + i] != actual[at + i])
            {
                return false;
            }
        }

        return true;
    }

    private static string At(IReadOnlyList<string> tokens, int index) => index < tokens.Count ? tokens[index] : "(the end)";
}
