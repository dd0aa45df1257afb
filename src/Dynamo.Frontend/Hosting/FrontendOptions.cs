using Dynamo.Protocol.Requests;

namespace Dynamo.Frontend;

/// <summary>Limits of the HTTP surface. Immutable; checked by <see cref="Validate"/> when the frontend is added.</summary>
public sealed record FrontendOptions
{
    private const long MostBodyBytes = 1L << 30;

    /// <summary>Largest request body in bytes, 1 to 1 GiB; larger ones are answered 413.</summary>
    /// <value>Default 192 MiB, as Dynamo's frontend.</value>
    public long MaxRequestBodyBytes { get; init; } = 192L << 20;

    /// <summary>Silence after which a stream gets a comment line, so that proxies keep it open; it comes between one and two of these. Above 0, at most a day.</summary>
    /// <value>Default 10 seconds.</value>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most sequences of one request: prompts times <c>n</c>. At least 1.</summary>
    /// <value>Default 256.</value>
    public int MaxSequencesPerRequest { get; init; } = 256;

    /// <summary>Where seeds of requests that name none begin, so that they are the same after each start; <see langword="null"/>: anywhere.</summary>
    public long? Seed { get; init; }

    /// <summary>Most alternatives that a request may ask log-probabilities of, 0 to 20.</summary>
    /// <value>Default 20, OpenAI's limit.</value>
    public int MaxLogprobs { get; init; } = SamplingParametersValidator.MaxLogprobs;

    /// <summary>Bearer token for paths under <c>/admin</c> from other machines; <see langword="null"/>: they are open on this machine only.</summary>
    public string? AdminKey { get; init; }

    /// <summary>Checks ranges.</summary>
    /// <exception cref="ArgumentException">Names every value out of range.</exception>
    public void Validate()
    {
        List<string> faults = [];
        Check(MaxRequestBodyBytes is >= 1 and <= MostBodyBytes, $"{nameof(MaxRequestBodyBytes)} must be 1 to {MostBodyBytes}, is {MaxRequestBodyBytes}.");
        Check(
            KeepAliveInterval > TimeSpan.Zero && KeepAliveInterval <= TimeSpan.FromDays(1),
            $"{nameof(KeepAliveInterval)} must be above 0 and at most a day, is {KeepAliveInterval}.");
        Check(MaxSequencesPerRequest >= 1, $"{nameof(MaxSequencesPerRequest)} must be at least 1, is {MaxSequencesPerRequest}.");
        Check(
            MaxLogprobs is >= 0 and <= SamplingParametersValidator.MaxLogprobs,
            $"{nameof(MaxLogprobs)} must be 0 to {SamplingParametersValidator.MaxLogprobs}, is {MaxLogprobs}.");
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
