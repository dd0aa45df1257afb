using System.Text;
using Dynamo.Cluster.Serving;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>What the engine is asked for.</summary>
public sealed class SamplingTests : FrontendTest
{
    [Fact]
    public async Task EveryParameter_ReachesTheEngine()
    {
        ScriptedSequence sequence = await SeenAsync(() => ChatAsync(
            """
            "temperature":0.5,"top_p":0.25,"top_k":7,"min_p":0.125,"repetition_penalty":1.5,"frequency_penalty":-0.5,"presence_penalty":0.75,
            "logit_bias":{"9":-100,"3":1.5},"allowed_token_ids":[9,3,9],"stop_token_ids":[8,5],"seed":-1,"max_tokens":20,"min_tokens":4,
            "ignore_eos":true,"logprobs":true,"top_logprobs":2,"cache_salt":"tenant"
            """));

        SamplingParameters sampling = sequence.Spec.Sampling;
        Assert.Equal(0.5f, sampling.Temperature);
        Assert.Equal(0.25f, sampling.TopP);
        Assert.Equal(7, sampling.TopK);
        Assert.Equal(0.125f, sampling.MinP);
        Assert.Equal(1.5f, sampling.RepetitionPenalty);
        Assert.Equal(-0.5f, sampling.FrequencyPenalty);
        Assert.Equal(0.75f, sampling.PresencePenalty);
        Assert.Equal([new LogitBias(3, 1.5f), new LogitBias(9, -100)], sampling.LogitBias);
        Assert.Equal([3, 9], sampling.AllowedTokenIds);
        Assert.Equal([8, 5], sampling.StopTokenIds);
        Assert.Equal(ulong.MaxValue, sampling.Seed);
        Assert.Equal(20, sampling.MaxTokens);
        Assert.Equal(4, sampling.MinTokens);
        Assert.True(sampling.IgnoreEos);
        Assert.Equal(2, sampling.NumLogprobs);
        Assert.Equal([1019, 1022], sampling.EosTokenIds);
        Assert.Equal("tenant", sequence.Spec.CacheSalt);
        Assert.Equal("demo", sequence.Model);
    }

    [Fact]
    public async Task NothingGiven_TheModelsDefaultsHold()
    {
        ScriptedSequence sequence = await SeenAsync(() => ChatAsync());

        // The bundled model's generation_config.json says do_sample: false.
        Assert.Equal(0, sequence.Spec.Sampling.Temperature);
        Assert.Equal(1, sequence.Spec.Sampling.TopP);
        Assert.Equal([1019, 1022], sequence.Spec.Sampling.EosTokenIds);
        Assert.Equal(512 - sequence.Spec.PromptTokenIds.Count, sequence.Spec.Sampling.MaxTokens);
        Assert.Null(sequence.Spec.Sampling.NumLogprobs);
        Assert.Equal("", sequence.Spec.CacheSalt);
    }

    [Fact]
    public async Task NullGiven_IsAsNothing()
    {
        ScriptedSequence sequence = await SeenAsync(() => ChatAsync(
            """
            "temperature":null,"max_tokens":null,"n":null,"stop":null,"stream":null,"stream_options":null,"seed":null,"tools":null,"tool_choice":null,
            "response_format":null,"logprobs":null,"logit_bias":null,"user":null,"metadata":null,"modalities":null,"audio":null
            """));

        Assert.Equal(0, sequence.Spec.Sampling.Temperature);
    }

    [Fact]
    public async Task FieldsThatDoNotChangeTheAnswer_AreTaken() => await SeenAsync(() => ChatAsync(
        """
        "user":"u","metadata":{"a":"b"},"store":false,"service_tier":"auto","parallel_tool_calls":true,"reasoning_effort":"low","verbosity":"low",
        "prediction":{"type":"content","content":"x"},"safety_identifier":"s","prompt_cache_key":"k","nvext":{"annotations":[]},"never_heard_of":[1],
        "response_format":{"type":"text"},"tool_choice":"auto","modalities":["text"],"functions":[],"bad_words":[],"best_of":1,"use_beam_search":false,
        "stop":[],"tools":[]
        """));

    [Theory]
    [InlineData("\"max_tokens\":512", 511)]
    [InlineData("\"max_tokens\":5", 5)]
    [InlineData("\"max_tokens\":5.0", 5)]
    [InlineData("", 16)]
    public async Task Completion_MaxTokens_EndsWithTheModelsLength(string fields, int expected)
    {
        ScriptedSequence sequence = await SeenAsync(() => CompleteAsync(fields, "[5]"));

        Assert.Equal(expected, sequence.Spec.Sampling.MaxTokens);
    }

    [Fact]
    public async Task Chat_MaxCompletionTokens_WinsOverMaxTokens()
    {
        ScriptedSequence sequence = await SeenAsync(() => ChatAsync("\"max_tokens\":5,\"max_completion_tokens\":6"));

        Assert.Equal(6, sequence.Spec.Sampling.MaxTokens);
    }

    [Theory]
    [InlineData("\"nvext\":{\"cache_salt\":\"a\"}", "a")]
    [InlineData("\"nvext\":{\"cache_salt\":\"a\"},\"cache_salt\":\"b\"", "b")]
    public async Task CacheSalt_MayStandInDynamosExtensions(string fields, string expected)
    {
        ScriptedSequence sequence = await SeenAsync(() => ChatAsync(fields));

        Assert.Equal(expected, sequence.Spec.CacheSalt);
    }

    [Fact]
    public async Task NoSeed_TwoRequestsDiffer()
    {
        ScriptedSequence first = await SeenAsync(() => ChatAsync());
        ScriptedSequence second = await SeenAsync(() => ChatAsync());

        Assert.NotEqual(first.Spec.Sampling.Seed, second.Spec.Sampling.Seed);
    }

    [Theory]
    [InlineData("""{"temperature":0.6,"top_p":0.9,"top_k":20,"min_p":0.05,"repetition_penalty":1.05,"max_new_tokens":33,"eos_token_id":7,"do_sample":true}""", 0.6f, 33)]
    [InlineData("""{"temperature":0.6,"top_p":0.9,"top_k":20,"min_p":0.05,"repetition_penalty":1.05,"max_new_tokens":33,"eos_token_id":[7],"do_sample":false}""", 0f, 33)]
    public async Task GenerationConfig_GivesTheDefaults(string json, float temperature, int maxTokens)
    {
        Host.Catalog.Models = [WithGenerationConfig(json)];

        SamplingParameters sampling = (await SeenAsync(() => ChatAsync())).Spec.Sampling;

        Assert.Equal((temperature, 0.9f, 20, 0.05f, 1.05f), (sampling.Temperature, sampling.TopP, sampling.TopK, sampling.MinP, sampling.RepetitionPenalty));
        Assert.Equal(maxTokens, sampling.MaxTokens);

        // The tokenizer's own end-of-turn token always ends an answer.
        Assert.Equal([7, DemoModel.EndOfTurn], sampling.EosTokenIds);
    }

    [Fact]
    public async Task NoGenerationConfig_EosComesFromConfig()
    {
        Host.Catalog.Models = [WithGenerationConfig(null)];

        SamplingParameters sampling = (await SeenAsync(() => ChatAsync())).Spec.Sampling;

        Assert.Equal(1, sampling.Temperature);
        Assert.Equal([1019, 1022], sampling.EosTokenIds);
    }

    [Theory]
    [InlineData("""{"temperature":-1}""", "generation_config.json: temperature: temperature must be at least 0 and at most 2, is -1.")]
    [InlineData("""{"temperature":"warm"}""", "generation_config.json: temperature: must be a number, is \"warm\"")]
    [InlineData("""{"eos_token_id":[5000]}""", "generation_config.json: eos_token_id: eos_token_id names token 5000; the vocabulary has 1024.")]
    [InlineData("""{"eos_token_id":"x"}""", "generation_config.json: eos_token_id: must be a token id or a list of them, is \"x\"")]
    [InlineData("""{"max_new_tokens":0}""", "generation_config.json: max_new_tokens: must be at least 1, is 0")]
    [InlineData("""{"top_k":1.5}""", "generation_config.json: top_k: must be an integer, is 1.5")]
    [InlineData("""[]""", "generation_config.json: must be a JSON object, is Array")]
    public async Task GenerationConfig_Broken_TheModelSaysWhatIsWrong(string json, string fault)
    {
        Host.Catalog.Models = [WithGenerationConfig(json)];

        using HttpResponseMessage response = await ChatAsync();

        Assert.Equal(500, (int)response.StatusCode);
        Assert.Equal($"The model 'demo' cannot be used: {fault}", (string)(await JsonAsync(response))["error"]!["message"]!);
    }

    private static ServedModel WithGenerationConfig(string? json)
    {
        Dictionary<string, byte[]> files = DemoModel.Files();
        files.Remove("generation_config.json");
        if (json is not null)
        {
            files["generation_config.json"] = Encoding.UTF8.GetBytes(json);
        }

        return DemoModel.Served(files: files);
    }
}
