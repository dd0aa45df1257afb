using System.Net;
using System.Text.Json.Nodes;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Fields that other servers know: acted on, refused by name, or without effect on the answer; never passed over.</summary>
public sealed class PeerFieldTests : FrontendTest
{
    // Names of vLLM, Dynamo, SGLang, Text Generation Inference and llama.cpp, with a value that asks for something.
    public static TheoryData<string, string> Unsupported => new()
    {
        { "structured_outputs", "{\"choice\":[\"a\"]}" }, { "guided_json", "{\"type\":\"integer\"}" }, { "guided_regex", "\"[a-c]\"" }, { "guided_choice", "[\"a\"]" },
        { "guided_grammar", "\"root ::= x\"" }, { "guided_decoding_backend", "\"xgrammar\"" }, { "vllm_xargs", "{\"a\":1}" }, { "priority", "3" },
        { "logprob_token_ids", "[1]" }, { "prompt_logprobs", "0" }, { "return_prompt_text", "true" }, { "return_token_offsets", "true" },
        { "thinking_token_budget", "5" }, { "kv_transfer_params", "{\"a\":1}" }, { "repetition_detection", "{\"a\":1}" }, { "watermarking", "true" },
        { "regex", "\"[a-c]+\"" }, { "ebnf", "\"root ::= x\"" }, { "json_schema", "\"{}\"" }, { "lora_path", "\"adapter\"" }, { "stop_regex", "\"x\"" },
        { "return_hidden_states", "true" }, { "custom_logit_processor", "\"x\"" }, { "session_params", "{\"id\":1}" }, { "input_ids", "[1]" }, { "max_new_tokens", "5" },
        { "guideline", "\"x\"" }, { "typical_p", "0.5" }, { "watermark", "true" }, { "adapter_id", "\"x\"" },
        { "grammar", "\"root ::= x\"" }, { "mirostat", "2" }, { "dry_multiplier", "0.8" }, { "xtc_probability", "0.1" }, { "repeat_penalty", "1.1" }, { "n_predict", "5" },
        { "samplers", "[\"top_k\"]" }, { "lora", "[{\"id\":0,\"scale\":1}]" }, { "top_n_sigma", "1" }, { "n_probs", "3" },
        { "function_call", "{\"name\":\"f\"}" }, { "moderation", "{\"a\":1}" },
    };

    // What asks for nothing: neutral values, advice, names that nobody knows.
    public static TheoryData<string> Harmless => new()
    {
        "\"structured_outputs\":null", "\"guided_json\":null,\"guided_choice\":[]", "\"regex\":\"\"", "\"lora_path\":null", "\"priority\":0", "\"repeat_penalty\":1.0",
        "\"mirostat\":0", "\"typical_p\":1", "\"top_n_sigma\":-1", "\"n_predict\":-1", "\"samplers\":[]", "\"watermark\":false", "\"function_call\":\"none\"",
        "\"cache_prompt\":true", "\"id_slot\":3", "\"length_penalty\":2", "\"stream_interval\":4", "\"separate_reasoning\":true", "\"prompt_cache_options\":{\"a\":1}",
        "\"a_field_of_no_server\":{\"x\":[1]}", "\"nvext\":{}", "\"nvext\":{\"ignore_eos\":null,\"guided_json\":null,\"nobody\":null}",
        "\"nvext\":{\"agent_hints\":{\"priority\":-2,\"strict_priority\":1,\"osl\":100,\"latency_sensitivity\":0.5,\"speculative_prefill\":true}}",
        "\"nvext\":{\"use_raw_prompt\":false,\"greed_sampling\":false,\"token_data\":[]}",
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public async Task KnownElsewhereAndNotHere_Is400NamingIt(string name, string value)
    {
        using HttpResponseMessage chat = await ChatAsync($"\"{name}\":{value}");
        using HttpResponseMessage completion = await CompleteAsync($"\"{name}\":{value}");

        await AssertUnsupportedAsync(chat, name);
        await AssertUnsupportedAsync(completion, name);
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task AsksForNothing_IsAnswered(string fields)
    {
        await SeenAsync(() => ChatAsync(fields));
        await SeenAsync(() => CompleteAsync(fields));
    }

    [Theory]
    [InlineData("use_raw_prompt", "true")]
    [InlineData("token_data", "[1]")]
    [InlineData("max_thinking_tokens", "5")]
    [InlineData("guided_json", "{\"type\":\"object\"}")]
    [InlineData("guided_regex", "\"[a-c]+\"")]
    [InlineData("guided_choice", "[\"a\",\"b\"]")]
    [InlineData("session_control", "{\"session_id\":\"s\"}")]
    [InlineData("cache_control", "{\"type\":\"ephemeral\"}")]
    [InlineData("temperature", "0")]
    [InlineData("nobody", "1")]
    [InlineData("", "1")]
    public async Task Extension_NotActedOn_Is400NamingIt(string name, string value)
    {
        using HttpResponseMessage response = await ChatAsync($"\"nvext\":{{\"{name}\":{value}}}");

        await AssertUnsupportedAsync(response, $"nvext.{name}");
    }

    [Theory]
    [InlineData("ignore_eo", "nvext.ignore_eos")]
    [InlineData("ignoreEos", "nvext.ignore_eos")]
    [InlineData("greedy_sampling", "nvext.greed_sampling")]
    [InlineData("annotation", "nvext.annotations")]
    [InlineData("agent_hint", "nvext.agent_hints")]
    public async Task Extension_Misspelt_TheNearestNameIsTold(string name, string near)
    {
        using HttpResponseMessage response = await ChatAsync($"\"nvext\":{{\"{name}\":true}}");

        Assert.Contains($"did you mean '{near}'?", await AssertUnsupportedAsync(response, $"nvext.{name}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"agent_hints\":{\"prio\":1}", "nvext.agent_hints.prio")]
    [InlineData("\"agent_hints\":{\"osl\":-1}", "nvext.agent_hints.osl")]
    [InlineData("\"ignore_eos\":1", "nvext.ignore_eos")]
    [InlineData("\"top_k\":-2", "nvext.top_k")]
    [InlineData("\"repetition_penalty\":3", "nvext.repetition_penalty")]
    public async Task Extension_OutOfRange_Is400NamingIt(string fields, string param)
    {
        using HttpResponseMessage response = await ChatAsync($"\"nvext\":{{{fields}}}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (string)(await JsonAsync(response))["error"]!["param"]!);
    }

    [Fact]
    public async Task Extension_SamplingParameters_Hold()
    {
        SamplingParameters sampling = (await SeenAsync(() => ChatAsync(
            "\"temperature\":0.7,\"nvext\":{\"ignore_eos\":true,\"min_tokens\":3,\"top_k\":7,\"min_p\":0.25,\"repetition_penalty\":1.5}"))).Spec.Sampling;

        Assert.Equal((true, 3, 7, 0.25f, 1.5f, 0.7f), (sampling.IgnoreEos, sampling.MinTokens, sampling.TopK, sampling.MinP, sampling.RepetitionPenalty, sampling.Temperature));
    }

    [Fact]
    public async Task Extension_SamplingParametersOfTheRoot_Win()
    {
        SamplingParameters sampling = (await SeenAsync(() => ChatAsync("\"ignore_eos\":false,\"top_k\":9,\"nvext\":{\"ignore_eos\":true,\"top_k\":7}"))).Spec.Sampling;

        Assert.Equal((false, 9), (sampling.IgnoreEos, sampling.TopK));
    }

    [Fact]
    public async Task Extension_GreedySampling_WinsOverTheTemperature() =>
        Assert.Equal(0, (await SeenAsync(() => ChatAsync("\"temperature\":0.7,\"nvext\":{\"greed_sampling\":true}"))).Spec.Sampling.Temperature);

    private static async Task<string> AssertUnsupportedAsync(HttpResponseMessage response, string param)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        JsonNode error = (await JsonAsync(response))["error"]!;
        Assert.Equal((param, "unsupported_parameter"), ((string)error["param"]!, (string)error["code"]!));
        return (string)error["message"]!;
    }
}
