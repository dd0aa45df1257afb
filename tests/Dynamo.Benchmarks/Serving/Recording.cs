namespace Dynamo.Benchmarks.Serving;

/// <summary>One of the frontend's answers, to be sent again byte by byte in the pieces in which it came.</summary>
/// <param name="Bytes">All of it, head and framing too.</param>
/// <param name="Body">Its body, without framing.</param>
/// <param name="Pieces">Where each piece ends, and how long behind the request it came, in the stopwatch's ticks.</param>
internal sealed record Recording(byte[] Bytes, byte[] Body, IReadOnlyList<(int End, long Delay)> Pieces)
{
    /// <summary>
    /// Takes an answer. Each chunk is a piece, with several if one read brought several; the head and the end go with their neighbours if they
    /// came with them.
    /// </summary>
    public static Recording Of(RawAnswer answer)
    {
        HttpAnswer http = HttpAnswer.Parse(answer.Bytes);
        int head = answer.Bytes.AsSpan().IndexOf(MessageEnd.HeadEnd) + MessageEnd.HeadEnd.Length;
        List<(int End, long Delay)> pieces = [];
        if (http.Parts.Count == 0 || answer.ArrivalOf(head - 1) != answer.ArrivalOf(http.Parts[0].End - 1))
        {
            Add(head);
        }

        for (int i = 0; i < http.Parts.Count; i++)
        {
            bool endsWithRest = i == http.Parts.Count - 1 && answer.ArrivalOf(http.Parts[i].End - 1) == answer.ArrivalOf(answer.Bytes.Length - 1);
            Add(endsWithRest ? answer.Bytes.Length : http.Parts[i].End);
        }

        if (pieces[^1].End < answer.Bytes.Length)
        {
            Add(answer.Bytes.Length);
        }

        return new Recording(answer.Bytes, http.Body, pieces);

        void Add(int end) => pieces.Add((end, answer.Arrivals[answer.ArrivalOf(end - 1)].Timestamp - answer.SentAt));
    }
}
