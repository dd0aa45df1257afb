namespace Dynamo.Frontend;

/// <summary>Limits of the HTTP surface. Immutable; checked by <see cref="Validate"/> when the frontend is added.</summary>
public sealed record FrontendOptions
{
    /// <summary>Largest request body in bytes, at least 1; larger ones are answered 413.</summary>
    /// <value>Default 192 MiB, as Dynamo's frontend.</value>
    public long MaxRequestBodyBytes { get; init; } = 192L << 20;

    /// <summary>Silence after which a stream gets a comment line, so that proxies keep it open; it comes between one and two of these. Positive.</summary>
    /// <value>Default 10 seconds.</value>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most sequences of one request: prompts times <c>n</c>. At least 1.</summary>
    /// <value>Default 256.</value>
    public int MaxSequencesPerRequest { get; init; } = 256;

    /// <summary>Checks ranges.</summary>
    /// <exception cref="ArgumentException">Names every value out of range.</exception>
    public void Validate()
    {
        List<string> faults = [];
        Check(MaxRequestBodyBytes >= 1, $"{nameof(MaxRequestBodyBytes)} must be at least 1 byte, is {MaxRequestBodyBytes}.");
        Check(KeepAliveInterval > TimeSpan.Zero, $"{nameof(KeepAliveInterval)} must be positive, is {KeepAliveInterval}.");
        Check(MaxSequencesPerRequest >= 1, $"{nameof(MaxSequencesPerRequest)} must be at least 1, is {MaxSequencesPerRequest}.");
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", faults));
        }

        void Check(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }
}
