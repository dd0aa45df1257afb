using System.Diagnostics;

namespace Dynamo.Benchmarks.Serving;

/// <summary>What clients saw of a round.</summary>
internal sealed record LatencyFigures
{
    /// <summary>Requests a second.</summary>
    public required double RequestsPerSecond { get; init; }

    /// <summary>From the request to its first text, ms; of a whole answer: to its end.</summary>
    public required (double P50, double P99) Ttft { get; init; }

    /// <summary>Between reads that brought text, ms; pieces that one read brought are no gap.</summary>
    public required (double P50, double P99) Gap { get; init; }

    /// <summary>Pieces of text in an answer, the median.</summary>
    public required double NumPieces { get; init; }

    /// <summary>Tokens of a prompt, the median.</summary>
    public required double NumPromptTokens { get; init; }

    /// <summary>Takes them from all answers.</summary>
    public static LatencyFigures Of(TimeSpan duration, RawAnswer[] raws, Answer[] answers)
    {
        List<double> first = [];
        List<double> gaps = [];
        for (int i = 0; i < raws.Length; i++)
        {
            int last = raws[i].ArrivalOf(answers[i].Pieces[0]);
            first.Add(Milliseconds(raws[i].SentAt, raws[i].Arrivals[last].Timestamp));
            foreach (int piece in answers[i].Pieces)
            {
                int arrival = raws[i].ArrivalOf(piece);
                if (arrival != last)
                {
                    gaps.Add(Milliseconds(raws[i].Arrivals[last].Timestamp, raws[i].Arrivals[arrival].Timestamp));
                    last = arrival;
                }
            }
        }

        return new LatencyFigures
        {
            RequestsPerSecond = raws.Length / duration.TotalSeconds,
            Ttft = Percentiles(first),
            Gap = Percentiles(gaps),
            NumPieces = Percentiles([.. answers.Select(static answer => (double)answer.Pieces.Count)]).P50,
            NumPromptTokens = Percentiles([.. answers.Select(static answer => (double)answer.NumPromptTokens)]).P50,
        };
    }

    private static double Milliseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    private static (double P50, double P99) Percentiles(List<double> values)
    {
        values.Sort();
        return values.Count == 0 ? (0, 0) : (values[values.Count / 2], values[(int)(values.Count * 0.99)]);
    }
}
