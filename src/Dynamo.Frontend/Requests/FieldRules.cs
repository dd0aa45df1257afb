using System.Collections.Frozen;
using System.Text.Json;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Fields of the OpenAI, vLLM and Dynamo APIs that are not acted on. One that would change the answer is refused unless its value asks for
/// nothing; the others are taken and ignored, if they have the type they must have.
/// </summary>
internal static class FieldRules
{
    private enum Rule
    {
        IgnoredText,
        IgnoredFlag,
        IgnoredObject,
        UnsupportedFlag,
        UnsupportedValue,
    }

    private static readonly FrozenDictionary<string, Rule> Rules = Create();

    // Dynamo's extensions that change the answer; where it is made and what else is told about it does not.
    private static readonly string[] UnsupportedExtensions = ["greed_sampling", "use_raw_prompt", "token_data", "max_thinking_tokens"];

    /// <summary>Checks a request.</summary>
    /// <exception cref="ApiException">Names the parameter.</exception>
    public static void Check(JsonFields body)
    {
        foreach (JsonProperty property in body.Element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && Rules.TryGetValue(property.Name, out Rule rule))
            {
                Check(rule, property.Name, property.Value);
            }
        }

        if (body.Fields("nvext") is { } extensions)
        {
            foreach (string name in UnsupportedExtensions)
            {
                if (extensions.Any(name) is { } value && !IsNothing(value))
                {
                    throw ApiException.Unsupported(extensions.PathOf(name), $"'{extensions.PathOf(name)}' is not supported.");
                }
            }
        }

        if (body.Fields("response_format") is { } format && format.Text("type") is not "text")
        {
            throw ApiException.Unsupported("response_format", "'response_format' other than {\"type\": \"text\"} is not supported.");
        }
    }

    private static void Check(Rule rule, string name, JsonElement value)
    {
        switch (rule)
        {
            case Rule.IgnoredText:
                JsonValues.Text(value, name);
                break;
            case Rule.IgnoredObject:
                JsonValues.Expect(value, JsonValueKind.Object, name, "an object");
                break;
            case Rule.IgnoredFlag or Rule.UnsupportedFlag when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                throw JsonValues.WrongType(value, name, "a boolean");
            case Rule.UnsupportedFlag when value.ValueKind == JsonValueKind.True:
            case Rule.UnsupportedValue when !IsNothing(value):
                throw ApiException.Unsupported(name, $"'{name}' is not supported.");
        }
    }

    private static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().MoveNext(),
        JsonValueKind.String => value.ValueEquals(""),
        JsonValueKind.False => true,
        _ => false,
    };

    private static FrozenDictionary<string, Rule> Create()
    {
        Dictionary<string, Rule> rules = new(StringComparer.Ordinal);
        Add(
            Rule.IgnoredText,
            "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier", "reasoning_effort", "verbosity", "request_id", "session_id");
        Add(Rule.IgnoredFlag, "store", "parallel_tool_calls", "spaces_between_special_tokens", "include_reasoning");
        Add(Rule.IgnoredObject, "metadata", "prediction");
        Add(Rule.UnsupportedFlag, "use_beam_search");
        Add(
            Rule.UnsupportedValue,
            "suffix", "audio", "web_search_options", "functions", "structured_outputs", "guided_json", "guided_regex", "guided_choice", "guided_grammar",
            "truncate_prompt_tokens", "prompt_logprobs", "logprob_token_ids", "bad_words", "logits_processors", "prompt_embeds", "chat_template",
            "kv_transfer_params", "thinking_token_budget", "repetition_detection", "mm_processor_kwargs");
        return rules.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(Rule rule, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                rules.Add(name, rule);
            }
        }
    }
}
