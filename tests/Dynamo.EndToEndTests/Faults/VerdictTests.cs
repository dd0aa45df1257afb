using System.Text.Json.Nodes;
using Xunit;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>The judge itself: what the faults rest on.</summary>
public sealed class VerdictTests
{
    private const int NumTokens = 40;

    private static readonly string[] Tokens = [.. Enumerable.Range(0, NumTokens).Select(static i => $" w{i}")];

    [Fact]
    public void SameTokensInOtherPieces_AreTheSame() => Assert.Equal(Outcome.Same, Judge(Tokens, piece: 1).Outcome);

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(NumTokens - 1)]
    public void TokenThatIsMissing_IsLost(int index) => Assert.Equal(Outcome.Lost, Judge([.. Tokens[..index], .. Tokens[(index + 1)..]]).Outcome);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 3)]
    [InlineData(NumTokens, 5)]
    public void TokensThatComeAgain_AreDoubled(int index, int count) =>
        Assert.Equal(Outcome.Doubled, Judge([.. Tokens[..index], .. Tokens[(index - count)..index], .. Tokens[index..]]).Outcome);

    [Fact]
    public void OtherToken_IsDifferent() => Assert.Equal(Outcome.Different, Judge([.. Tokens[..9], " x", .. Tokens[10..]]).Outcome);

    [Fact]
    public void SameTokensWithAnotherLogprob_AreDifferent() => Assert.Equal(Outcome.Different, Judge(Tokens, logprob: -0.5000001).Outcome);

    [Fact]
    public void SameTokensWithAnotherEnd_AreDifferent() => Assert.Equal(Outcome.Different, Judge(Tokens, finishReason: "stop").Outcome);

    [Fact]
    public void SameTokensWithAnotherUsage_AreDifferent() => Assert.Equal(Outcome.Different, Judge(Tokens, numCompletionTokens: NumTokens - 1).Outcome);

    [Fact]
    public void BeginningOfTheAnswer_IsTheSameWhenNoMoreWasAskedFor() => Assert.Equal(Outcome.Same, Judge(Tokens[..10]).Outcome);

    [Fact]
    public void BrokenStream_HasFailed()
    {
        StreamRecord record = Record(Tokens[..10], NumTokens, 4, -0.5, "length", 10);
        record.End("the connection broke");

        Assert.Equal(Outcome.Failed, Verdict.On(record, Expected()).Outcome);
    }

    [Fact]
    public void LongestGap_IsFromTheMomentOrThePieceBefore()
    {
        StreamRecord record = Record(Tokens, NumTokens, 4, -0.5, "length", NumTokens);
        StreamEvent first = record.Events[0];
        StreamEvent last = record.Events[^1];

        Assert.Equal(TimeSpan.Zero, record.LongestGapSince(last.Time));
        Assert.InRange(record.LongestGapSince(first.Time - TimeSpan.FromSeconds(3).Ticks * System.Diagnostics.Stopwatch.Frequency / TimeSpan.TicksPerSecond).TotalSeconds, 3, 3.001);
    }

    // The request asks for as many tokens as an answer of this length has, but no fewer than one that lost some should have had.
    private static Verdict Judge(string[] tokens, int piece = 4, double logprob = -0.5, string finishReason = "length", int? numCompletionTokens = null)
    {
        int asked = tokens.Length < NumTokens / 2 ? tokens.Length : NumTokens;
        StreamRecord record = Record(tokens, asked, piece, logprob, finishReason, numCompletionTokens ?? tokens.Length);
        record.End();
        return Verdict.On(record, Expected());
    }

    private static StreamAnswer Expected()
    {
        StreamRecord record = Record(Tokens, NumTokens, 7, -0.5, "length", NumTokens);
        record.End();
        return StreamAnswer.Of(record);
    }

    private static StreamRecord Record(string[] tokens, int asked, int piece, double logprob, string finishReason, int numCompletionTokens)
    {
        StreamRecord record = new(number: 3, asked);
        foreach (string[] part in tokens.Chunk(piece))
        {
            JsonNode[] entries = [.. part.Select(token => new JsonObject { ["token"] = token, ["logprob"] = logprob })];
            record.Add(Chunk(new JsonObject { ["content"] = string.Concat(part) }, new JsonObject { ["content"] = new JsonArray(entries) }, null).ToJsonString(), id: null);
        }

        record.Add(Chunk([], null, finishReason).ToJsonString(), id: null);
        JsonObject usage = new() { ["prompt_tokens"] = 5, ["completion_tokens"] = numCompletionTokens };
        record.Add(new JsonObject { ["id"] = "chatcmpl-1", ["choices"] = new JsonArray(), ["usage"] = usage }.ToJsonString(), id: null);
        return record;
    }

    private static JsonObject Chunk(JsonObject delta, JsonObject? logprobs, string? finishReason) => new()
    {
        ["id"] = "chatcmpl-1",
        ["choices"] = new JsonArray(new JsonObject { ["delta"] = delta, ["logprobs"] = logprobs, ["finish_reason"] = finishReason }),
    };
}
