using System.Text;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Says whether answers are right.</summary>
internal static class AnswerOracle
{
    private const int MaxShown = 60;

    /// <summary>Reads an answer and checks that it is whole: its status, as many tokens as were asked for, why it ended, and how.</summary>
    /// <exception cref="BenchmarkFault">It is not.</exception>
    public static Answer Check(LoadCell cell, RawAnswer raw)
    {
        HttpAnswer http = HttpAnswer.Parse(raw.Bytes);
        if (http.Status != 200)
        {
            throw new BenchmarkFault($"{cell.Name}: an answer has status {http.Status}: {Encoding.UTF8.GetString(http.Body, 0, Math.Min(500, http.Body.Length))}");
        }

        Answer answer = Answer.Parse(http, cell.IsStream);
        return answer.NumTokens == cell.NumTokens && answer.FinishReason == "length" && answer.IsDone == cell.IsStream && answer.Pieces.Count > 0
            ? answer
            : throw new BenchmarkFault(
                $"{cell.Name}: an answer has {answer.NumTokens} tokens of {cell.NumTokens} in {answer.Pieces.Count} pieces, finish_reason {answer.FinishReason}, " +
                $"{(answer.IsDone ? "" : "no ")}[DONE]; it ends: {Encoding.UTF8.GetString(http.Body.AsSpan(Math.Max(0, http.Body.Length - 200)))}");
    }

    /// <summary>Checks that one prompt gave one text.</summary>
    /// <exception cref="BenchmarkFault">It gave two.</exception>
    public static void CheckSame(LoadCell cell, string first, string again) =>
        CheckSame($"{cell.Name}: the same prompt gave two texts", Encoding.UTF8.GetBytes(first), Encoding.UTF8.GetBytes(again));

    /// <summary>Checks that what was relayed is what was sent.</summary>
    /// <exception cref="BenchmarkFault">It is not.</exception>
    public static void CheckRelayed(LoadCell cell, byte[] sent, RawAnswer raw)
    {
        HttpAnswer http = HttpAnswer.Parse(raw.Bytes);
        if (http.Status != 200)
        {
            throw new BenchmarkFault($"{cell.Name}: nginx answers with status {http.Status}: {Encoding.UTF8.GetString(http.Body)}");
        }

        CheckSame($"{cell.Name}: nginx relayed other bytes than it got", sent, http.Body);
    }

    private static void CheckSame(string fault, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        int same = one.CommonPrefixLength(other);
        if (same != one.Length || same != other.Length)
        {
            throw new BenchmarkFault($"{fault}, of {one.Length} and {other.Length} bytes, which differ from byte {same} on: '{Shown(one[same..])}' and '{Shown(other[same..])}'.");
        }

        static string Shown(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..Math.Min(MaxShown, bytes.Length)]);
    }
}
