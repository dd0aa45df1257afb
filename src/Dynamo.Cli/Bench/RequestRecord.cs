namespace Dynamo.Cli.Bench;

/// <summary>What became of one request. Times are the run's clock's. Written by the one who sends it, read when it has ended.</summary>
internal sealed class RequestRecord(int index, TimeSpan intended, TimeSpan sent, int numExpectedTokens)
{
    private readonly List<float> _gaps = new(Math.Min(numExpectedTokens, 4096));

    /// <summary>Its number.</summary>
    public int Index => index;

    /// <summary>When it was meant to be sent. Latencies count from here, so that a client or a connection that is late hides nothing.</summary>
    public TimeSpan Intended => intended;

    /// <summary>When it was sent.</summary>
    public TimeSpan Sent => sent;

    /// <summary>When the first piece of the answer came; <see langword="null"/> before.</summary>
    public TimeSpan? First { get; private set; }

    /// <summary>When its latest piece came.</summary>
    public TimeSpan Last { get; private set; }

    /// <summary>Milliseconds between pieces. A piece is a chunk with text, which may hold more than one token.</summary>
    public IReadOnlyList<float> Gaps => _gaps;

    /// <summary>Tokens by the server's count; <see langword="null"/> when it told none.</summary>
    public TokenUsage? Usage { get; set; }

    /// <summary>Tokens of the answer: the server's count, else the number of pieces.</summary>
    public int NumOutputTokens => Usage?.NumCompletionTokens ?? NumPieces;

    /// <summary>Pieces that came.</summary>
    public int NumPieces { get; private set; }

    /// <summary>Who computed it, where that is told.</summary>
    public string? Worker { get; set; }

    /// <summary>Blocks that it found at the worker by the router's count, where that is told.</summary>
    public int? NumOverlapTokens { get; set; }

    /// <summary>What kind of failure it was: the HTTP status, or a word; <see langword="null"/> when there was none.</summary>
    public string? Failure { get; private set; }

    /// <summary>The failure in words.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether the run was ended before it.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether it has come whole.</summary>
    public bool IsCompleted => Failure is null && !IsCut;

    /// <summary>Takes a piece of the answer, or its end when that came by itself.</summary>
    public void Add(TimeSpan now, bool hasText)
    {
        if (hasText)
        {
            if (NumPieces > 0)
            {
                _gaps.Add((float)(now - Last).TotalMilliseconds);
            }

            NumPieces++;
        }

        First ??= now;
        Last = now;
    }

    /// <summary>It has failed.</summary>
    public void Fail(string failure, string error) => (Failure, Error) = (failure, error);

    /// <summary>The run was ended before it.</summary>
    public void Cut() => IsCut = true;
}
