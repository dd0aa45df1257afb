using Dynamo.Torch.Configuration;
using Xunit;

namespace Dynamo.TorchTests.Configuration;

public sealed class ModelConfigTests
{
    [Fact]
    public void Load_Llama_HasNoWindowNoBiasNoTyingUnlessSaid()
    {
        ModelConfig config = ConfigJson.Load(ConfigJson.Minimal("LlamaForCausalLM"));

        Assert.Equal((64, 176, 4, 8, 2, 8, 512, 2048), (config.HiddenSize, config.IntermediateSize, config.NumLayers, config.NumHeads, config.NumKVHeads, config.HeadDim, config.VocabularySize, config.MaxPositions));
        Assert.Equal(1e-6f, config.RmsNormEpsilon);
        Assert.Equal((RopeKind.Default, 10000d), (config.Rope.Kind, config.Rope.Theta));
        Assert.False(config.QkvBias || config.OutputBias || config.MlpBias || config.QKNorm || config.TieWordEmbeddings);
        Assert.Equal([null, null, null, null], config.SlidingWindows);
        Assert.Equal((0, 0), (config.NumExperts, config.NumExpertsPerToken));
        Assert.Null(config.DType);
        Assert.Empty(config.Warnings);
    }

    [Fact]
    public void Load_BiasFields_ApplyWhereTheFamilyReadsThem()
    {
        const string attention = """{"attention_bias":true}""";
        ModelConfig llama = ConfigJson.Load(ConfigJson.Minimal("LlamaForCausalLM").With("""{"attention_bias":true,"mlp_bias":true}"""));
        ModelConfig qwen2 = ConfigJson.Load(ConfigJson.Minimal("Qwen2ForCausalLM"));
        ModelConfig qwen2Stated = ConfigJson.Load(ConfigJson.Minimal("Qwen2ForCausalLM").With(attention));
        ModelConfig qwen3 = ConfigJson.Load(ConfigJson.Minimal("Qwen3ForCausalLM").With(attention));

        Assert.Equal((true, true, true), (llama.QkvBias, llama.OutputBias, llama.MlpBias));
        Assert.Equal((true, false, false), (qwen2.QkvBias, qwen2.OutputBias, qwen2.MlpBias));
        Assert.Equal((true, false, false), (qwen2Stated.QkvBias, qwen2Stated.OutputBias, qwen2Stated.MlpBias));
        Assert.Equal((true, true, true), (qwen3.QkvBias, qwen3.OutputBias, qwen3.QKNorm));
    }

    [Theory]
    [InlineData("LlamaForCausalLM", 8, 8, 10000)]
    [InlineData("MistralForCausalLM", 8, 8, 10000)]
    [InlineData("MixtralForCausalLM", 8, 8, 1000000)]
    [InlineData("Qwen2ForCausalLM", 32, 8, 10000)]
    [InlineData("Qwen3ForCausalLM", 32, 128, 10000)]
    public void Load_MissingFields_AreTheFamilysDefaults(string architecture, int numKVHeads, int headDim, double theta)
    {
        // 32 heads so that every default divides; Llama's is "as many as heads".
        ModelConfig config = ConfigJson.Load(ConfigJson.Minimal(architecture).With("""{"num_attention_heads":32,"hidden_size":256}""").Without("num_key_value_heads"));

        Assert.Equal(architecture == "LlamaForCausalLM" ? 32 : numKVHeads, config.NumKVHeads);
        Assert.Equal(headDim, config.HeadDim);
        Assert.Equal(theta, config.Rope.Theta);
    }

    [Fact]
    public void Load_NullFields_CountAsMissing()
    {
        ModelConfig config = ConfigJson.Load(ConfigJson.Minimal("MixtralForCausalLM").With(
            """{"head_dim":null,"num_key_value_heads":null,"rope_scaling":null,"rope_theta":null,"sliding_window":null,"tie_word_embeddings":null}"""));

        Assert.Equal((8, 8, 1e6), (config.HeadDim, config.NumKVHeads, config.Rope.Theta));
        Assert.Equal((8, 2), (config.NumExperts, config.NumExpertsPerToken));
    }

    [Theory]
    [InlineData("MistralForCausalLM", """{}""", 4096, 4096)] // transformers' default when the field is missing
    [InlineData("MistralForCausalLM", """{"sliding_window":null}""", null, null)]
    [InlineData("MistralForCausalLM", """{"sliding_window":32}""", 32, 32)]
    [InlineData("MixtralForCausalLM", """{}""", null, null)]
    [InlineData("MixtralForCausalLM", """{"sliding_window":32}""", 32, 32)]
    [InlineData("Qwen2ForCausalLM", """{"sliding_window":32}""", null, null)]
    [InlineData("Qwen2ForCausalLM", """{"sliding_window":32,"use_sliding_window":false,"max_window_layers":0}""", null, null)]
    [InlineData("Qwen2ForCausalLM", """{"sliding_window":32,"use_sliding_window":true,"max_window_layers":2}""", null, 32)]
    [InlineData("Qwen2ForCausalLM", """{"sliding_window":32,"use_sliding_window":true}""", null, null)] // from layer 28 on
    [InlineData("Qwen3ForCausalLM", """{"sliding_window":32,"use_sliding_window":true,"layer_types":["sliding_attention","full_attention","full_attention","full_attention"]}""", 32, null)]
    [InlineData("LlamaForCausalLM", """{"sliding_window":32,"use_sliding_window":false}""", null, null)]
    [InlineData("LlamaForCausalLM", """{"layer_types":["full_attention","full_attention","full_attention","full_attention"]}""", null, null)]
    public void Load_SlidingWindow_FollowsTheFamilysRule(string architecture, string fields, int? first, int? last)
    {
        ModelConfig config = ConfigJson.Load(ConfigJson.Minimal(architecture).With(fields));

        Assert.Equal((first, last), (config.SlidingWindows[0], config.SlidingWindows[3]));
    }

    [Theory]
    [InlineData("""{"torch_dtype":"bfloat16"}""", TensorDType.BFloat16)]
    [InlineData("""{"dtype":"float16"}""", TensorDType.Float16)]
    [InlineData("""{"dtype":"float32","torch_dtype":"bfloat16"}""", TensorDType.Float32)]
    [InlineData("""{"torch_dtype":"auto"}""", null)]
    public void Load_DType_HasBothSpellings(string fields, TensorDType? expected) =>
        Assert.Equal(expected, ConfigJson.Load(ConfigJson.Minimal("LlamaForCausalLM").With(fields)).DType);

    [Fact]
    public void Load_HarmlessFields_AreSilentAndUnknownOnesAWarning()
    {
        ModelConfig config = ConfigJson.Load(ConfigJson.Minimal("LlamaForCausalLM").With(
            """{"use_cache":true,"bos_token_id":1,"eos_token_id":[2,3],"pretraining_tp":1,"_name_or_path":"x","auto_map":{"a":"b"},"logit_scale":1.0,"partial_rotary_factor":1,"frobnicate":[1]}"""));

        Assert.Equal(["config.json: frobnicate ([1]) is not read"], config.Warnings);
    }

    [Fact]
    public void NumParameters_OfLlama27B_IsThePublishedCount()
    {
        ModelConfig config = ConfigJson.Load(ConfigJson.Minimal("LlamaForCausalLM").With(
            """{"hidden_size":4096,"intermediate_size":11008,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":32,"vocab_size":32000}"""));

        Assert.Equal(6_738_415_616, config.NumParameters);
    }

    [Fact]
    public void NumParameters_OfMixtral8x7B_IsThePublishedCount()
    {
        ModelConfig config = ConfigJson.Load(ConfigJson.Minimal("MixtralForCausalLM").With(
            """{"hidden_size":4096,"intermediate_size":14336,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"vocab_size":32000,"num_local_experts":8}"""));

        Assert.Equal(46_702_792_704, config.NumParameters);
    }
}
