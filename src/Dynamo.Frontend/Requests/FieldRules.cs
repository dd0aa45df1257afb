using System.Collections.Frozen;
using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Fields of the OpenAI, vLLM, SGLang, TGI, llama.cpp and Dynamo APIs that are not acted on. One that would change the answer is refused unless
/// its value asks for nothing; the others are taken and ignored, if they have the type they must have. A name that nobody knows is ignored.
/// </summary>
internal static class FieldRules
{
    private static readonly FrozenDictionary<string, FieldRule> Rules = Create();

    /// <summary>Checks a request.</summary>
    /// <exception cref="ApiException">Names the parameter.</exception>
    public static void Check(JsonFields body)
    {
        foreach (JsonProperty property in body.Element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && Rules.TryGetValue(property.Name, out FieldRule? rule))
            {
                rule.Check(property.Name, property.Value);
            }
        }

        if (body.Fields("response_format") is { } format && format.Text("type") is not "text")
        {
            throw ApiException.Unsupported("response_format", "'response_format' other than {\"type\": \"text\"} is not supported.");
        }
    }

    private static FrozenDictionary<string, FieldRule> Create()
    {
        Dictionary<string, FieldRule> rules = new(StringComparer.Ordinal);

        // OpenAI.
        Add(
            FieldRule.IgnoredText,
            "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier", "reasoning_effort", "verbosity", "request_id", "session_id");
        Add(FieldRule.IgnoredFlag, "store", "parallel_tool_calls");
        Add(FieldRule.IgnoredObject, "metadata", "prediction", "prompt_cache_options");
        Add(FieldRule.Unsupported, "suffix", "audio", "web_search_options", "functions", "moderation");
        Add(FieldRule.UnsupportedBut("none", "auto"), "function_call");

        // vLLM. A length penalty acts on beam search alone; how many tokens a chunk has changes no answer.
        Add(FieldRule.IgnoredFlag, "spaces_between_special_tokens", "include_reasoning", "return_mm_kwargs");
        Add(FieldRule.IgnoredNumber, "length_penalty", "stream_interval");
        Add(FieldRule.UnsupportedFlag, "use_beam_search", "return_prompt_text", "return_token_offsets", "return_assistant_tokens_mask", "watermarking");
        Add(FieldRule.UnsupportedBut(0), "priority", "routed_experts_prompt_start");
        Add(
            FieldRule.Unsupported,
            "structured_outputs", "prompt_logprobs", "logprob_token_ids", "logits_processors", "prompt_embeds", "chat_template", "kv_transfer_params", "ec_transfer_params",
            "thinking_token_budget", "repetition_detection", "mm_processor_kwargs", "media_io_kwargs", "vllm_xargs", "structural_tag");

        // vLLM's older names, which Dynamo has still.
        Add(
            FieldRule.Unsupported,
            "guided_json", "guided_regex", "guided_choice", "guided_grammar", "guided_json_object", "guided_decoding_backend", "guided_whitespace_pattern");

        // SGLang.
        Add(FieldRule.IgnoredText, "rid", "extra_key");
        Add(FieldRule.IgnoredFlag, "separate_reasoning", "stream_reasoning", "log_metrics");
        Add(
            FieldRule.UnsupportedFlag,
            "return_hidden_states", "return_routed_experts", "return_cached_tokens_details", "return_prompt_token_ids", "return_meta_info", "return_logprob", "no_stop_trim");
        Add(
            FieldRule.Unsupported,
            "regex", "ebnf", "json_schema", "lora_path", "session_params", "stop_regex", "custom_logit_processor", "custom_params", "input_ids", "input_embeds", "image_data", "video_data",
            "audio_data", "bootstrap_host", "bootstrap_room", "max_new_tokens", "sampling_params", "token_ids_logprob");
        Add(FieldRule.UnsupportedBut(0), "data_parallel_rank", "routed_dp_rank", "disagg_prefill_dp_rank", "top_logprobs_num");

        // Text Generation Inference.
        Add(FieldRule.UnsupportedFlag, "watermark", "decoder_input_details", "details");
        Add(FieldRule.UnsupportedBut(1), "typical_p");
        Add(FieldRule.Unsupported, "guideline", "tool_prompt", "adapter_id", "top_n_tokens", "inputs", "parameters", "truncate");

        // llama.cpp. Clients for it send each sampler's neutral value.
        Add(FieldRule.IgnoredFlag, "cache_prompt");
        Add(FieldRule.IgnoredNumber, "id_slot");
        Add(FieldRule.UnsupportedFlag, "timings_per_token", "return_progress", "return_tokens", "post_sampling_probs", "grammar_lazy", "penalize_nl");
        Add(FieldRule.UnsupportedBut(0), "mirostat", "xtc_probability", "dry_multiplier", "dynatemp_range", "n_probs", "min_keep", "n_keep", "n_indent");
        Add(FieldRule.UnsupportedBut(1), "typ_p", "tfs_z", "repeat_penalty");
        Add(FieldRule.UnsupportedBut(-1), "top_n_sigma", "n_predict", "t_max_predict_ms", "adaptive_target");
        Add(
            FieldRule.Unsupported,
            "grammar", "grammar_triggers", "samplers", "lora", "response_fields", "preserved_tokens", "reasoning_budget_tokens", "thinking_budget_tokens");
        return rules.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(FieldRule rule, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                rules.Add(name, rule);
            }
        }
    }
}
