using System.Text.Json;

namespace Dynamo.Torch.Configuration;

/// <summary>Judges the fields of config.json that no reader asked for.</summary>
internal static class ConfigFields
{
    /// <summary>
    /// Fields by which some model family changes its result and that are not read here. They are an error unless their value is neutral:
    /// null, or one of those in the list.
    /// </summary>
    private static readonly Dictionary<string, string[]> ResultChanging = new(StringComparer.Ordinal)
    {
        // Quantized or otherwise transformed weights.
        ["quantization_config"] = ["{}"],
        ["compression_config"] = ["{}"],
        ["pruned_heads"] = ["{}"],

        // Scales and caps.
        ["logit_scale"] = ["1", "1.0"],
        ["logits_scaling"] = ["1", "1.0"],
        ["embedding_multiplier"] = ["1", "1.0"],
        ["residual_multiplier"] = ["1", "1.0"],
        ["attention_multiplier"] = [],
        ["scale_emb"] = ["1", "1.0"],
        ["scale_depth"] = [],
        ["dim_model_base"] = [],
        ["scale_embedding"] = ["false"],
        ["query_pre_attn_scalar"] = [],
        ["attn_logit_softcapping"] = [],
        ["final_logit_softcapping"] = [],
        ["attn_temperature_tuning"] = ["false", "0"],
        ["clip_qkv"] = [],
        ["scale_attn_weights"] = ["true"],
        ["softmax_scale"] = [],
        ["mup_width_multiplier"] = ["1", "1.0"],
        ["mup_embedding_multiplier"] = ["1", "1.0"],
        ["mup_attn_multiplier"] = ["1", "1.0"],

        // Norms, biases, order of a layer.
        ["use_qk_norm"] = ["false"],
        ["qk_norm"] = ["false"],
        ["qk_layernorm"] = ["false"],
        ["use_parallel_residual"] = ["false"],
        ["parallel_attn"] = ["false"],
        ["norm_type"] = ["\"rms_norm\"", "\"rmsnorm\""],
        ["use_bias"] = ["false"],
        ["bias"] = ["false"],
        ["qkv_bias"] = ["false"],
        ["attention_out_bias"] = ["false"],
        ["lm_head_bias"] = ["false"],
        ["attention_bias"] = ["false"],
        ["mlp_bias"] = ["false"],
        ["hidden_activation"] = ["\"silu\"", "\"swish\""],
        ["activation_function"] = ["\"silu\"", "\"swish\""],
        ["is_encoder_decoder"] = ["false"],
        ["add_cross_attention"] = ["false"],
        ["cross_attention_layers"] = ["[]"],

        // Positions.
        ["partial_rotary_factor"] = ["1", "1.0"],
        ["rotary_pct"] = ["1", "1.0"],
        ["rotary_dim"] = [],
        ["rope_interleaved"] = ["false"],
        ["rope_interleave"] = ["false"],
        ["rope_traditional"] = ["false"],
        ["rope_local_base_freq"] = [],
        ["rope_ratio"] = ["1", "1.0"],
        ["mrope_section"] = [],
        ["short_factor"] = [],
        ["long_factor"] = [],
        ["alibi"] = ["false"],
        ["use_alibi"] = ["false"],
        ["no_rope_layers"] = ["[]"],
        ["no_rope_layer_interval"] = [],
        ["use_dynamic_ntk"] = ["false"],
        ["use_logn_attn"] = ["false"],
        ["full_attention"] = [],
        ["sliding_attention"] = [],

        // Who attends to what.
        ["sliding_window"] = [],
        ["use_sliding_window"] = ["false"],
        ["sliding_window_pattern"] = [],
        ["attention_chunk_size"] = [],
        ["layer_types"] = ["[]"],
        ["attention_sinks"] = ["false", "0"],
        ["use_attention_sinks"] = ["false"],
        ["sinks"] = ["false"],
        ["add_attention_sink_bias"] = ["false"],
        ["use_mla"] = ["false"],
        ["q_lora_rank"] = [],
        ["kv_lora_rank"] = [],
        ["num_kv_shared_layers"] = ["0"],
        ["cross_layer_attention"] = ["false"],

        // Experts of other kinds.
        ["num_local_experts"] = ["0"],
        ["num_experts"] = ["0"],
        ["n_routed_experts"] = ["0"],
        ["num_experts_per_tok"] = ["0"],
        ["moe_intermediate_size"] = [],
        ["n_shared_experts"] = ["0"],
        ["num_shared_experts"] = ["0"],
        ["shared_expert_intermediate_size"] = ["0"],
        ["first_k_dense_replace"] = [],
        ["mlp_only_layers"] = ["[]"],
        ["norm_topk_prob"] = ["true"],
        ["routed_scaling_factor"] = ["1", "1.0"],
        ["num_nextn_predict_layers"] = ["0"],
        ["num_zero_experts"] = ["0"],
    };

    /// <summary>Fields that cannot change the logits: training, bookkeeping, outputs to keep, defaults for sampling.</summary>
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "_attn_implementation", "_attn_implementation_autoset", "_commit_hash", "_name_or_path", "attention_dropout", "attn_implementation",
        "auto_map", "bad_words_ids", "begin_suppress_tokens", "bos_token", "bos_token_id", "chunk_size_feed_forward", "cls_token_id", "custom_pipelines",
        "decoder_start_token_id", "diversity_penalty", "do_sample", "early_stopping", "embd_pdrop", "encoder_no_repeat_ngram_size", "eos_token", "eos_token_id",
        "exponential_decay_length_penalty", "finetuning_task", "forced_bos_token_id", "forced_eos_token_id", "gradient_checkpointing",
        "hidden_dropout", "id2label", "initializer_range", "is_decoder", "keys_to_ignore_at_inference", "label2id", "length_penalty", "max_length",
        "max_sequence_length", "max_window_layers", "mask_token_id", "min_length", "model_max_length", "no_repeat_ngram_size",
        "num_beam_groups", "num_beams", "num_labels", "num_return_sequences", "output_attentions", "output_hidden_states", "output_router_logits",
        "output_scores", "pad_token", "pad_token_id", "prefix", "pretraining_tp", "problem_type", "remove_invalid_values", "repetition_penalty",
        "resid_pdrop", "return_dict", "return_dict_in_generate", "router_aux_loss_coef", "router_jitter_noise", "sep_token_id", "suppress_tokens",
        "task_specific_params", "temperature", "tf_legacy_loss", "tie_encoder_decoder", "tokenizer_class", "top_k", "top_p", "torchscript",
        "transformers_version", "transformers.js_config", "typical_p", "unk_token_id", "unsloth_fixed", "unsloth_version", "use_bfloat16",
        "use_cache", "use_flash_attn", "_flash_attn_2_enabled", "_flash_attn_version",
    };

    /// <summary>Refuses unread fields that would change the result.</summary>
    /// <exception cref="Dynamo.Protocol.Models.ModelFolderException">Names the first such field and its value.</exception>
    public static void ThrowIfResultChanges(ConfigObject config)
    {
        foreach ((string name, JsonElement value) in config.Unread())
        {
            if (ResultChanging.TryGetValue(name, out string[]? neutral) && !neutral.Contains(value.GetRawText(), StringComparer.Ordinal))
            {
                string allowed = neutral.Length > 0 ? $" (only {string.Join(" or ", neutral)} would be)" : string.Empty;
                throw config.Wrong(name, $"is {ConfigObject.Show(value)}, which changes the result and is not supported{allowed}");
            }
        }
    }

    /// <summary>One line for each unread field of unknown meaning.</summary>
    public static string[] Warnings(ConfigObject config) =>
    [
        .. config.Unread()
            .Where(static field => !Harmless.Contains(field.Name) && !ResultChanging.ContainsKey(field.Name))
            .Take(MaxWarnings)
            .Select(field => $"{config.File}: {field.Name} ({ConfigObject.Show(field.Value)}) is not read"),
    ];

    private const int MaxWarnings = 32;
}
