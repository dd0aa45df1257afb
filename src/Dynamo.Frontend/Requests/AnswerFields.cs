using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;

namespace Dynamo.Frontend.Requests;

/// <summary>Reads the fields that chat and completions share besides sampling.</summary>
internal static class AnswerFields
{
    /// <summary>OpenAI takes 4; clients of vLLM, which has no limit, send more.</summary>
    private const int MaxStopStrings = 32;

    private const int MaxStopLength = 1024;
    private const int MaxSaltLength = 1024;

    /// <summary>OpenAI's limit.</summary>
    private const int MaxChoices = 128;

    /// <summary>Stop strings and what is shown.</summary>
    public static TextRules Rules(JsonFields body) => new()
    {
        StopStrings = StopStrings(body),
        IncludeStop = new SamplingFields(body).Of("include_stop_str_in_output").Flag("include_stop_str_in_output") ?? false,
        SkipSpecialTokens = body.Flag("skip_special_tokens") ?? true,
    };

    /// <summary>Most tokens of output that a request wants: an upper bound, so that more than the model's length means all that fits.</summary>
    /// <exception cref="ApiException">It is below 1.</exception>
    public static int? MaxTokens(JsonFields body, string name) =>
        body.Any(name) is { } value ? (int)Math.Min(JsonValues.Integer(value, body.PathOf(name), 1, long.MaxValue), int.MaxValue) : null;

    /// <summary>Choices of each prompt.</summary>
    public static int NumChoices(JsonFields body, int maxSequences)
    {
        int choices = body.Integer("n", 1, Math.Min(MaxChoices, maxSequences)) ?? 1;
        return (body.Integer("best_of", 1, MaxChoices) ?? choices) <= choices
            ? choices
            : throw ApiException.Unsupported("best_of", $"'best_of' above 'n' ({choices}) is not supported.");
    }

    /// <summary>Prefix-cache tenant, where vLLM or where Dynamo has it.</summary>
    public static string CacheSalt(JsonFields body) => OwnSalt(body) ?? (body.Fields("nvext") is { } extensions ? OwnSalt(extensions) : null) ?? "";

    /// <summary>Whether the answer is streamed, and where with usage.</summary>
    public static (bool IsStream, StreamUsage Usage) Stream(JsonFields body)
    {
        bool isStream = body.Flag("stream") ?? false;
        if (body.Fields("stream_options") is not { } options)
        {
            return (isStream, StreamUsage.None);
        }

        if (!isStream)
        {
            throw ApiException.BadParameter("stream_options", "'stream_options' is only allowed when 'stream' is true.", "invalid_value");
        }

        // As in vLLM, usage in every chunk is a way of including it, not a wish of its own.
        bool inEveryChunk = options.Flag("continuous_usage_stats") ?? false;
        bool isIncluded = options.Flag("include_usage") ?? false;
        return (isStream, !isIncluded ? StreamUsage.None : inEveryChunk ? StreamUsage.InEveryChunk : StreamUsage.AtEnd);
    }

    /// <summary>Checks a tenant's name.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="salt">The name.</param>
    /// <exception cref="ApiException">It is empty or too long.</exception>
    public static string CheckSalt(string path, string salt) => salt.Length is > 0 and <= MaxSaltLength
        ? salt
        : throw ApiException.BadParameter(path, $"'{path}' must have 1 to {MaxSaltLength} characters, has {salt.Length}.", "invalid_value");

    private static string? OwnSalt(JsonFields fields) => fields.Text("cache_salt") is { } salt ? CheckSalt(fields.PathOf("cache_salt"), salt) : null;

    private static string[] StopStrings(JsonFields body)
    {
        if (body.Any("stop") is not { } stop)
        {
            return [];
        }

        if (stop.ValueKind == JsonValueKind.String)
        {
            return [StopString(stop, "stop")];
        }

        JsonValues.Expect(stop, JsonValueKind.Array, "stop", "a string or an array of strings");
        string[] stops = new string[stop.GetArrayLength()];
        if (stops.Length > MaxStopStrings)
        {
            throw ApiException.BadParameter("stop", $"'stop' may have at most {MaxStopStrings} strings, has {stops.Length}.", "invalid_value");
        }

        int i = 0;
        foreach (JsonElement item in stop.EnumerateArray())
        {
            stops[i] = StopString(item, $"stop[{i}]");
            i++;
        }

        return stops;
    }

    private static string StopString(JsonElement value, string path)
    {
        string text = JsonValues.Text(value, path);
        return text.Length is > 0 and <= MaxStopLength
            ? text
            : throw ApiException.BadParameter(path, $"'{path}' must have 1 to {MaxStopLength} characters, has {text.Length}.", "invalid_value");
    }
}

/// <summary>Where a stream tells how many tokens the request took.</summary>
internal enum StreamUsage
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>In a chunk of its own behind all others (OpenAI's <c>include_usage</c>).</summary>
    AtEnd,

    /// <summary>There, and in each chunk for its choice up to there (vLLM's <c>continuous_usage_stats</c>).</summary>
    InEveryChunk,
}
