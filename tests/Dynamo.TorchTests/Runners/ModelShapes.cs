using Xunit;

namespace Dynamo.TorchTests.Runners;

/// <summary>Shapes and features that no golden checkpoint has: what, architecture, dtype of the file, fields of config.json.</summary>
internal sealed class ModelShapes : TheoryData<string, string, string, string>
{
    public ModelShapes()
    {
        Llama("biases everywhere, tied, linear rope, head 24", "F16",
            """{"hidden_size":72,"num_attention_heads":6,"num_key_value_heads":3,"head_dim":24,"attention_bias":true,"mlp_bias":true,"tie_word_embeddings":true,"rope_scaling":{"type":"linear","factor":2.5}}""");
        Llama("llama3 rope in transformers 5's spelling, head 10", "BF16",
            """{"hidden_size":40,"num_attention_heads":6,"num_key_value_heads":2,"head_dim":10,"rope_parameters":{"rope_theta":1000.0,"rope_type":"llama3","factor":4,"low_freq_factor":1,"high_freq_factor":3,"original_max_position_embeddings":32}}""");
        Llama("llama3 rope in transformers 4's spelling", "BF16",
            """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,"rope_theta":1000.0,"rope_scaling":{"rope_type":"llama3","factor":4,"low_freq_factor":1,"high_freq_factor":3,"original_max_position_embeddings":32}}""");
        Llama("linear rope in transformers 5's spelling", "F32",
            """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":4,"rope_parameters":{"rope_type":"linear","factor":4.0}}""");
        Llama("vocabulary 1003, odd MLP, hidden no multiple of anything", "F32",
            """{"vocab_size":1003,"hidden_size":58,"intermediate_size":53,"num_attention_heads":2,"num_key_value_heads":1,"head_dim":16}""");
        Llama("head 80, groups of three", "BF16", """{"hidden_size":64,"num_attention_heads":6,"num_key_value_heads":2,"head_dim":80}""");
        Llama("head 96, one KV head for five", "F16", """{"hidden_size":70,"num_attention_heads":5,"num_key_value_heads":1,"head_dim":96}""");
        Llama("head 128, 12 over 4", "BF16", """{"hidden_size":36,"num_attention_heads":12,"num_key_value_heads":4,"head_dim":128}""");
        Llama("head 256", "F32", """{"hidden_size":48,"num_attention_heads":2,"num_key_value_heads":1,"head_dim":256}""");
        Llama("head 2, one layer, one head", "F32", """{"num_hidden_layers":1,"hidden_size":2,"num_attention_heads":1,"num_key_value_heads":1,"rms_norm_eps":0.001}""");
        Llama("no KV heads and no rope_theta said, as many and 10000", "F32", """{"hidden_size":48,"num_attention_heads":3,"num_key_value_heads":null}""");
        Llama("bias of attention alone", "BF16", """{"hidden_size":64,"num_attention_heads":8,"num_key_value_heads":8,"attention_bias":true}""");
        Add("Qwen2-0.5B's 14 over 2, tied", "Qwen2ForCausalLM", "BF16",
            """{"hidden_size":112,"num_attention_heads":14,"num_key_value_heads":2,"tie_word_embeddings":true,"use_sliding_window":false,"sliding_window":3,"max_window_layers":0}""");
        Add("Qwen2 with windows from layer 1 on", "Qwen2ForCausalLM", "BF16",
            """{"hidden_size":56,"num_attention_heads":4,"num_key_value_heads":4,"use_sliding_window":true,"sliding_window":3,"max_window_layers":1}""");
        Add("Qwen3 with biases, window by layer_types, head 128 by default", "Qwen3ForCausalLM", "F32",
            """{"hidden_size":40,"num_attention_heads":2,"num_key_value_heads":1,"attention_bias":true,"use_sliding_window":true,"sliding_window":5,"layer_types":["full_attention","sliding_attention"]}""");
        Add("Qwen3 with head 24", "Qwen3ForCausalLM", "F16", """{"hidden_size":40,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":24,"rope_theta":1000000}""");
        Add("Mistral with window 1", "MistralForCausalLM", "F32", """{"hidden_size":64,"num_attention_heads":8,"num_key_value_heads":8,"sliding_window":1,"rms_norm_eps":0.01}""");
        Add("Mistral without window", "MistralForCausalLM", "BF16", """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,"sliding_window":null,"head_dim":32}""");
        Add("Mixtral 3 of 5, window 7", "MixtralForCausalLM", "F16",
            """{"hidden_size":48,"num_attention_heads":3,"num_key_value_heads":1,"num_local_experts":5,"num_experts_per_tok":3,"sliding_window":7}""");
        Add("Mixtral 1 of 16, odd experts", "MixtralForCausalLM", "BF16",
            """{"hidden_size":40,"intermediate_size":33,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":24,"num_local_experts":16,"num_experts_per_tok":1}""");
        Add("Mixtral with all of 3", "MixtralForCausalLM", "F32", """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":4,"num_local_experts":3,"num_experts_per_tok":3,"tie_word_embeddings":true}""");
        Add("Mixtral with one expert", "MixtralForCausalLM", "F32", """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":4,"num_local_experts":1,"num_experts_per_tok":1}""");
    }

    private void Llama(string what, string dtype, string fields) => Add(what, "LlamaForCausalLM", dtype, fields);
}
