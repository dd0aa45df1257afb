using System.Globalization;
using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Models;
using Dynamo.Protocol.Routing;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Reads <c>nvext</c>, under Dynamo's names. It is for this server alone, so that a name which is not known is a mistake: without effect, and
/// nobody would see it.
/// </summary>
internal static class ExtensionsReader
{
    /// <summary>Sampling parameters that may stand here besides at the root, where Dynamo had them first.</summary>
    public static readonly string[] SamplingNames = ["ignore_eos", "min_tokens", "top_k", "min_p", "repetition_penalty", "include_stop_str_in_output", "greed_sampling"];

    private static readonly Dictionary<string, int> FieldNames = new(StringComparer.Ordinal)
    {
        ["worker_id"] = (int)ExtraFields.WorkerId,
        ["timing"] = (int)ExtraFields.Timing,
        ["overlap"] = (int)ExtraFields.Overlap,
    };

    private static readonly Dictionary<string, int> AnnotationNames = new(StringComparer.Ordinal)
    {
        ["formatted_prompt"] = (int)Annotations.FormattedPrompt,
        ["token_ids"] = (int)Annotations.TokenIds,
        ["worker_id"] = (int)Annotations.WorkerId,
    };

    // Dynamo's names for the worker; here it prefills and decodes.
    private static readonly string[] PinNames = ["backend_instance_id", "decode_worker_id", "prefill_worker_id"];

    private static readonly string[] RankNames = ["dp_rank", "prefill_dp_rank"];

    private static readonly string[] OverrideNames = ["overlap_score_credit", "prefill_load_scale", "assume_kv_reuse", "track_prefill_tokens", "router_temperature"];

    // Known to Dynamo, now or once, and not acted on: what they ask for would change the answer or what the client may count on.
    private static readonly string[] UnsupportedNames =
    [
        "use_raw_prompt", "token_data", "max_thinking_tokens", "guided_json", "guided_regex", "guided_grammar", "guided_choice", "guided_decoding_backend",
        "guided_whitespace_pattern", "session_control", "agent_context", "cache_control", "request_timestamp_ms",
    ];

    // Advice to the scheduler that it need not follow.
    private static readonly string[] HintNames = ["priority", "strict_priority", "osl", "latency_sensitivity", "speculative_prefill"];

    private static readonly string[] KnownNames =
    [
        .. SamplingNames, .. PinNames, .. RankNames, "router_config_override", "extra_fields", "annotations", "event_ids", "cache_salt", "agent_hints", .. UnsupportedNames,
    ];

    /// <summary>Reads it; sampling parameters and the salt, which may stand at the root too, are read with those there.</summary>
    /// <exception cref="ApiException">Names the field.</exception>
    public static Extensions Read(JsonFields body)
    {
        if (body.Fields("nvext") is not { } fields)
        {
            return Extensions.Nothing;
        }

        fields.RefuseOthers(KnownNames);
        foreach (string name in UnsupportedNames)
        {
            if (fields.Any(name) is { } value)
            {
                FieldRule.Unsupported.Check(fields.PathOf(name), value);
            }
        }

        CheckHints(fields);
        return new Extensions
        {
            Pinned = Pinned(fields),
            Overrides = fields.Fields("router_config_override") is { } overrides ? Overrides(overrides) : null,
            Fields = ExtraFieldsOf(fields),
            Annotations = AnnotationsOf(fields),
            EventIds = fields.Flag("event_ids") ?? false,
        };
    }

    /// <summary>Reads a worker's id as <c>/admin/workers</c> and answers write it.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static WorkerId? ParseWorker(string text) =>
        text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong id) && id != 0 ? new WorkerId(id) : null;

    private static void CheckHints(JsonFields fields)
    {
        if (fields.Fields("agent_hints") is { } hints)
        {
            hints.RefuseOthers(HintNames);
            hints.Long("priority");
            hints.Long("strict_priority");
            hints.Integer("osl", 0);
            hints.Real("latency_sensitivity", double.MaxValue);
            hints.Flag("speculative_prefill");
        }
    }

    private static WorkerId? Pinned(JsonFields fields)
    {
        foreach (string name in RankNames)
        {
            fields.Integer(name, ParallelLayout.HeadRank, ParallelLayout.HeadRank);
        }

        WorkerId? pinned = null;
        string first = "";
        foreach (string name in PinNames)
        {
            if (fields.Any(name) is { } value)
            {
                WorkerId worker = Worker(value, fields.PathOf(name));
                if (pinned is { } other && other != worker)
                {
                    throw ApiException.BadParameter(
                        fields.PathOf(name), $"'{fields.PathOf(name)}' names another worker than '{fields.PathOf(first)}'; a worker both prefills and decodes.", "invalid_value");
                }

                (pinned, first) = (worker, name);
            }
        }

        return pinned;
    }

    // As /admin/workers and our answers write it, or as a number.
    private static WorkerId Worker(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out ulong number) && number != 0)
        {
            return new WorkerId(number);
        }

        return (value.ValueKind == JsonValueKind.String ? ParseWorker(value.GetString()!) : null)
            ?? throw ApiException.BadParameter(
                path, $"'{path}' must be a worker's id: 16 hexadecimal digits as in /admin/workers, or the number; is {JsonValues.Shown(value)}.", "invalid_value");
    }

    private static RouteOverrides Overrides(JsonFields fields)
    {
        fields.RefuseOthers(OverrideNames);
        return new RouteOverrides
        {
            OverlapScoreCredit = fields.Real("overlap_score_credit", 100),
            PrefillLoadScale = fields.Real("prefill_load_scale", 1000),
            Temperature = fields.Real("router_temperature", 100),
            AssumeKVReuse = fields.Flag("assume_kv_reuse"),
            TrackPrefillTokens = fields.Flag("track_prefill_tokens"),
        };
    }

    private static ExtraFields ExtraFieldsOf(JsonFields fields) => (ExtraFields)Flags(fields, "extra_fields", FieldNames);

    private static Annotations AnnotationsOf(JsonFields fields) => (Annotations)Flags(fields, "annotations", AnnotationNames);

    private static int Flags(JsonFields fields, string name, Dictionary<string, int> known)
    {
        int flags = 0;
        if (fields.Array(name) is { } list)
        {
            int i = 0;
            foreach (JsonElement item in list.EnumerateArray())
            {
                string path = $"{fields.PathOf(name)}[{i++}]";
                string text = JsonValues.Text(item, path);
                flags |= known.TryGetValue(text, out int flag)
                    ? flag
                    : throw ApiException.Unsupported(path, $"'{path}' asks for '{Shortened.To(60, text)}', which is not told; known are {string.Join(", ", known.Keys)}.");
            }
        }

        return flags;
    }
}
