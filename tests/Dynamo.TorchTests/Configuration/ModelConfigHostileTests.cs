using Dynamo.Protocol.Models;
using Xunit;

namespace Dynamo.TorchTests.Configuration;

public sealed class ModelConfigHostileTests
{
    public static TheoryData<string, string, string> BadFields => new()
    {
        // architecture, fields, what the message must name
        { "GPT2LMHeadModel", "{}", "architectures: 'GPT2LMHeadModel' is not supported; supported are LlamaForCausalLM" },
        { "LlamaForCausalLM", """{"architectures":[]}""", "architectures: is missing" },
        { "LlamaForCausalLM", """{"architectures":"LlamaForCausalLM"}""", "architectures: is \"LlamaForCausalLM\", must be a list" },
        { "LlamaForCausalLM", """{"architectures":[7]}""", "architectures: is 7, must be a string" },
        { "LlamaForCausalLM", """{"model_type":"mistral"}""", "model_type: is 'mistral'" },
        { "LlamaForCausalLM", """{"hidden_act":"gelu_new"}""", "hidden_act: 'gelu_new'" },
        { "LlamaForCausalLM", """{"hidden_size":0}""", "hidden_size: is 0" },
        { "LlamaForCausalLM", """{"hidden_size":-64}""", "hidden_size: is -64" },
        { "LlamaForCausalLM", """{"hidden_size":64.5}""", "hidden_size: is 64.5" },
        { "LlamaForCausalLM", """{"hidden_size":"64"}""", "hidden_size: is \"64\"" },
        { "LlamaForCausalLM", """{"hidden_size":[64]}""", "hidden_size: is [64]" },
        { "LlamaForCausalLM", """{"hidden_size":true}""", "hidden_size: is true" },
        { "LlamaForCausalLM", """{"hidden_size":9223372036854775808}""", "hidden_size: is 9223372036854775808" },
        { "LlamaForCausalLM", """{"hidden_size":1e308}""", "hidden_size: is 1e308" },
        { "LlamaForCausalLM", """{"hidden_size":60}""", "hidden_size: is 60, must be a multiple of num_attention_heads, 8" },
        { "LlamaForCausalLM", """{"num_attention_heads":0}""", "num_attention_heads: is 0" },
        { "LlamaForCausalLM", """{"num_key_value_heads":3}""", "num_key_value_heads: is 3, must divide num_attention_heads, 8" },
        { "LlamaForCausalLM", """{"num_key_value_heads":16}""", "num_key_value_heads: is 16" },
        { "LlamaForCausalLM", """{"head_dim":7}""", "head_dim: is 7, must be even" },
        { "LlamaForCausalLM", """{"head_dim":1000000}""", "head_dim: is 1000000" },
        { "LlamaForCausalLM", """{"hidden_size":72}""", "head_dim: is 9, must be even" },
        { "LlamaForCausalLM", """{"num_hidden_layers":1000000000}""", "num_hidden_layers: is 1000000000" },
        { "LlamaForCausalLM", """{"vocab_size":1000000000000}""", "vocab_size: is 1000000000000" },
        { "LlamaForCausalLM", """{"max_position_embeddings":1000000000}""", "max_position_embeddings" },
        { "LlamaForCausalLM", """{"rms_norm_eps":0}""", "rms_norm_eps: is 0" },
        { "LlamaForCausalLM", """{"rms_norm_eps":1e308}""", "rms_norm_eps: is 1e308" },
        { "LlamaForCausalLM", """{"rms_norm_eps":-1e-6}""", "rms_norm_eps: is -1e-6" },
        { "LlamaForCausalLM", """{"rms_norm_eps":1e999}""", "rms_norm_eps: is 1e999" },
        { "LlamaForCausalLM", """{"rope_theta":0}""", "rope_theta: is 0" },
        { "LlamaForCausalLM", """{"rope_theta":1e308}""", "rope_theta: is 1e308" },
        { "LlamaForCausalLM", """{"rope_scaling":"linear"}""", "rope_scaling: is \"linear\", must be an object" },
        { "LlamaForCausalLM", """{"rope_scaling":{"type":"linear"}}""", "rope_scaling.factor: is missing" },
        { "LlamaForCausalLM", """{"rope_scaling":{"type":"linear","factor":0}}""", "rope_scaling.factor: is 0" },
        { "LlamaForCausalLM", """{"rope_scaling":{"type":"dynamic","factor":2.0}}""", "rope_scaling.type: 'dynamic'" },
        { "LlamaForCausalLM", """{"rope_scaling":{"rope_type":"yarn","factor":4.0}}""", "rope_scaling.rope_type: 'yarn'" },
        { "LlamaForCausalLM", """{"rope_parameters":{"rope_type":"longrope"}}""", "rope_parameters.rope_type: 'longrope'" },
        { "LlamaForCausalLM", """{"rope_parameters":{"rope_type":"llama3","factor":8}}""", "rope_parameters.low_freq_factor: is missing" },
        { "LlamaForCausalLM", """{"rope_parameters":{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4}}""", "rope_parameters.high_freq_factor: is 4, must be above" },
        { "LlamaForCausalLM", """{"rope_parameters":{"rope_theta":1e6},"rope_scaling":{"type":"linear","factor":2}}""", "rope_parameters: says something else than rope_scaling" },
        { "LlamaForCausalLM", """{"rope_parameters":{"rope_theta":1e6,"partial_rotary_factor":0.5}}""", "rope_parameters.partial_rotary_factor: is 0.5" },
        { "Qwen2ForCausalLM", """{"rope_scaling":{"type":"default","mrope_section":[16,24,24]}}""", "rope_scaling.mrope_section" },
        { "LlamaForCausalLM", """{"tie_word_embeddings":1}""", "tie_word_embeddings: is 1, must be true or false" },
        { "LlamaForCausalLM", """{"attention_bias":"yes"}""", "attention_bias: is \"yes\"" },
        { "LlamaForCausalLM", """{"sliding_window":4096}""", "sliding_window: is 4096, which changes the result" },
        { "LlamaForCausalLM", """{"layer_types":["full_attention"]}""", "layer_types: has 1 entries" },
        { "LlamaForCausalLM", """{"layer_types":["full_attention","full_attention","full_attention","linear_attention"]}""", "layer_types: 'linear_attention'" },
        { "Qwen3ForCausalLM", """{"layer_types":["sliding_attention","full_attention","full_attention","full_attention"]}""", "layer_types: entry 0" },
        { "MistralForCausalLM", """{"attention_bias":true}""", "attention_bias: is true, which changes the result" },
        { "MistralForCausalLM", """{"sliding_window":0}""", "sliding_window: is 0" },
        { "MixtralForCausalLM", """{"num_local_experts":2,"num_experts_per_tok":3}""", "num_experts_per_tok: is 3" },
        { "MixtralForCausalLM", """{"num_local_experts":1000000000}""", "num_local_experts: is 1000000000" },
        { "LlamaForCausalLM", """{"num_local_experts":8}""", "num_local_experts: is 8" },
        { "LlamaForCausalLM", """{"quantization_config":{"quant_method":"gptq"}}""", "quantization_config: is {\"quant_method\":\"gptq\"}" },
        { "LlamaForCausalLM", """{"logit_scale":0.0625}""", "logit_scale: is 0.0625" },
        { "LlamaForCausalLM", """{"attn_logit_softcapping":50.0}""", "attn_logit_softcapping: is 50.0" },
        { "LlamaForCausalLM", """{"embedding_multiplier":12}""", "embedding_multiplier: is 12" },
        { "LlamaForCausalLM", """{"residual_multiplier":0.22}""", "residual_multiplier" },
        { "LlamaForCausalLM", """{"attention_multiplier":0.0078125}""", "attention_multiplier" },
        { "LlamaForCausalLM", """{"clip_qkv":8}""", "clip_qkv: is 8" },
        { "LlamaForCausalLM", """{"partial_rotary_factor":0.5}""", "partial_rotary_factor: is 0.5" },
        { "LlamaForCausalLM", """{"torch_dtype":"int8"}""", "torch_dtype: 'int8'" },
        { "LlamaForCausalLM", """{"dtype":"float8_e4m3fn"}""", "dtype: 'float8_e4m3fn'" },
        {
            "MixtralForCausalLM",
            """{"hidden_size":131072,"head_dim":128,"intermediate_size":1048576,"num_hidden_layers":4096,"num_local_experts":4096,"layer_types":null}""",
            "parameters; at most"
        },
    };

    [Theory]
    [MemberData(nameof(BadFields))]
    public void Load_BadField_NamesFileFieldAndValue(string architecture, string fields, string named)
    {
        ModelFolderException e = Assert.Throws<ModelFolderException>(() => ConfigJson.Load(ConfigJson.Minimal(architecture).With(fields)));

        Assert.Equal("config.json", e.File);
        Assert.Contains(named, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"hidden_size\":NaN}")]
    [InlineData("{\"architectures\":[\"\\ud800\"]}")]
    [InlineData("{\"architectures\":[\"LlamaForCausalLM\"],\"\\ud800\":1}")]
    public void Load_NotAConfig_NamesTheFile(string text) =>
        Assert.Equal("config.json", Assert.Throws<ModelFolderException>(() => ConfigJson.Load(text)).File);

    [Fact]
    public void Load_EndlessValue_IsCutShort()
    {
        string text = ConfigJson.Minimal("LlamaForCausalLM").ToJsonString().Replace("64", "\"" + new string('9', 900_000) + "\"");

        Assert.InRange(Assert.Throws<ModelFolderException>(() => ConfigJson.Load(text)).Message.Length, 1, 400);
    }

    [Fact]
    public void Load_TwoMegabytes_IsRefusedBeforeParsing() =>
        Assert.Contains("at most 1,048,576", Assert.Throws<ModelFolderException>(() => ConfigJson.Load(new string(' ', 2 << 20))).Message);
}
