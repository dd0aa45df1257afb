using Dynamo.Protocol.Requests;

namespace Dynamo.Frontend.Configuration;

/// <summary>Limits of the HTTP surface, and whom it lets in. Checked by <see cref="Validate"/> when the frontend is added, and not to be changed after.</summary>
public sealed record FrontendOptions
{
    private const long MostBodyBytes = 1L << 30;

    /// <summary>Largest request body in bytes, 1 to 1 GiB; larger ones are answered 413.</summary>
    /// <value>Default 192 MiB, as Dynamo's frontend.</value>
    public long MaxRequestBodyBytes { get; set; } = 192L << 20;

    /// <summary>Silence after which a stream gets an empty piece, so that proxies keep it open; it comes between one and two of these. Above 0, at most a day.</summary>
    /// <value>Default 20 seconds: nginx and the load balancers of clouds give up after 60, and a load generator may take the piece for the first token.</value>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Most sequences of one request: prompts times <c>n</c>. At least 1.</summary>
    /// <value>Default 256.</value>
    public int MaxSequencesPerRequest { get; set; } = 256;

    /// <summary>Where seeds of requests that name none begin, so that they are the same after each start; <see langword="null"/>: anywhere.</summary>
    public long? Seed { get; set; }

    /// <summary>Most alternatives that a request may ask log-probabilities of, 0 to 20.</summary>
    /// <value>Default 20, OpenAI's limit.</value>
    public int MaxLogprobs { get; set; } = SamplingParametersValidator.MaxLogprobs;

    /// <summary>Keys of which clients must send one as bearer token on every path under <c>/v1</c>; printable ASCII without spaces and commas.</summary>
    /// <value>Default none: nothing is asked for.</value>
    public IReadOnlyList<string> ApiKeys { get; set; } = [];

    /// <summary>
    /// Bearer token (or password of Basic authentication) for operators' paths; <see langword="null"/>: they are open to this machine itself only.
    /// Characters as in <see cref="ApiKeys"/>.
    /// </summary>
    public string? AdminKey { get; set; }

    /// <summary>Whether operators on this machine need the <see cref="AdminKey"/> too: for a proxy that does not say for whom it asks.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool RequireAdminKey { get; set; }

    /// <summary>What pages of other origins may ask of clients' paths.</summary>
    public CrossOriginOptions CrossOrigin { get; set; } = new();

    /// <summary>Whether a text can be a key: what a header carries as it is.</summary>
    public static bool IsKey(string text) => text.Length > 0 && text.All(static character => character is > ' ' and <= '~' and not ',');

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
        Check(ApiKeys.All(IsKey), $"Each of {nameof(ApiKeys)} must be printable ASCII characters without spaces and commas, at least one.");
        Check(AdminKey is null || IsKey(AdminKey), $"{nameof(AdminKey)} must be printable ASCII characters without spaces and commas, at least one.");
        Check(!RequireAdminKey || AdminKey is not null, $"{nameof(RequireAdminKey)} needs an {nameof(AdminKey)}.");
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
