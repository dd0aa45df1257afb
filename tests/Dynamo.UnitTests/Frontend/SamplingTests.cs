using System.Text;
using Dynamo.Frontend.Models;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Catalog;
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
    [InlineData("""{"temperature":-1,"top_p":2,"min_p":-0.5,"repetition_penalty":2.5}""", 0f, 1f, 0, 0f, 2f)]
    [InlineData("""{"temperature":9,"top_p":0,"min_p":3,"repetition_penalty":0}""", 2f, 1f, 0, 1f, 1f)]
    [InlineData("""{"temperature":"warm","top_p":1e99,"top_k":1.5,"min_p":[],"repetition_penalty":-1,"do_sample":"yes"}""", 1f, 1f, 0, 0f, 1f)]
    [InlineData("""{"top_k":-1}""", 1f, 1f, 0, 0f, 1f)]
    public async Task GenerationConfig_OutOfRange_IsTheNearestThatIsInItOrLeftOut(string json, float temperature, float topP, int topK, float minP, float penalty)
    {
        Host.Catalog.Models = [WithGenerationConfig(json)];

        SamplingParameters sampling = (await SeenAsync(() => ChatAsync())).Spec.Sampling;

        Assert.Equal((temperature, topP, topK, minP, penalty), (sampling.Temperature, sampling.TopP, sampling.TopK, sampling.MinP, sampling.RepetitionPenalty));
    }

    [Theory]
    [InlineData("""{"max_new_tokens":0,"eos_token_id":[5000,7,-1]}""", new[] { 7, 1022 })]
    [InlineData("""{"max_new_tokens":"many","eos_token_id":"x"}""", new[] { 1019, 1022 })]
    public async Task GenerationConfig_TokensThatAreNone_AreLeftOut(string json, int[] eos)
    {
        Host.Catalog.Models = [WithGenerationConfig(json)];

        SamplingParameters sampling = (await SeenAsync(() => ChatAsync())).Spec.Sampling;

        Assert.Equal(eos, sampling.EosTokenIds);
        Assert.True(sampling.MaxTokens > 400, "as many as fit");
    }

    [Fact]
    public void GenerationConfig_OutOfRange_IsWarnedOf()
    {
        ServedModel model = WithGenerationConfig("""{"temperature":9,"top_p":0,"top_k":1.5,"eos_token_id":[5000]}""");

        IReadOnlyList<string> warnings = GenerationDefaultsReader.Read(model.Files, DemoModel.Tokenizer, DemoModel.VocabularySize).Warnings;

        Assert.Equal(
            [
                "generation_config.json: eos_token_id: 5000 is no token of a vocabulary of 1024; it is left out.",
                "generation_config.json: temperature: 9 is beyond what requests may ask for; 2 is the default.",
                "generation_config.json: top_p: 0 is not above 0; it is left out.",
                "generation_config.json: top_k: 1.5 is no integer of 32 bits; it is left out.",
            ],
            warnings);
    }

    [Fact]
    public async Task GenerationConfig_Broken_TheModelSaysWhatIsWrong()
    {
        Host.Catalog.Models = [WithGenerationConfig("[]")];

        using HttpResponseMessage response = await ChatAsync();

        Assert.Equal(500, (int)response.StatusCode);
        Assert.Equal(
            "The model 'demo' cannot be used: generation_config.json: must be a JSON object, is Array", (string)(await JsonAsync(response))["error"]!["message"]!);
    }

    [Theory]
    [InlineData("\"max_tokens\":513")]
    [InlineData("\"max_tokens\":65536")]
    [InlineData("\"max_tokens\":9223372036854775807")]
    public async Task MaxTokensAboveTheModelsLength_IsAnUpperBound(string field)
    {
        ScriptedSequence chat = await SeenAsync(() => ChatAsync(field));
        ScriptedSequence completion = await SeenAsync(() => CompleteAsync(field));

        Assert.Equal(512, chat.Spec.PromptTokenIds.Count + chat.Spec.Sampling.MaxTokens);
        Assert.Equal(512, completion.Spec.PromptTokenIds.Count + completion.Spec.Sampling.MaxTokens);
    }

    [Fact]
    public async Task BadWords_AreTheirTokensAtTheBeginningAndInside()
    {
        ScriptedSequence sequence = await SeenAsync(() => ChatAsync("\"bad_words\":[\"42\",\" The\"]"));

        List<int[]> expected = [];
        foreach (string word in (string[])["42", "The"])
        {
            expected.Add(DemoModel.Encode(word));
            if (DemoModel.Encode(" " + word) is { } inside && inside.Length == expected[^1].Length && inside[0] != expected[^1][0])
            {
                expected.Add(inside);
            }
        }

        Assert.Contains(expected, static word => word.Length == 1);
        Assert.Equal(expected, sequence.Spec.Sampling.BadWords);
    }

    [Theory]
    [InlineData("\"truncate_prompt_tokens\":3", new[] { 7, 8, 9 })]
    [InlineData("\"truncate_prompt_tokens\":3,\"truncation_side\":\"left\"", new[] { 7, 8, 9 })]
    [InlineData("\"truncate_prompt_tokens\":3,\"truncation_side\":\"right\"", new[] { 5, 6, 7 })]
    [InlineData("\"truncate_prompt_tokens\":5", new[] { 5, 6, 7, 8, 9 })]
    [InlineData("\"truncate_prompt_tokens\":511", new[] { 5, 6, 7, 8, 9 })]
    public async Task TruncatePromptTokens_KeepsSoMany(string fields, int[] expected) =>
        Assert.Equal(expected, (await SeenAsync(() => CompleteAsync(fields, "[5,6,7,8,9]"))).Spec.PromptTokenIds);

    [Theory]
    [InlineData("\"max_tokens\":12", 500)]
    [InlineData("\"max_tokens\":65536", 511)]
    [InlineData("\"max_tokens\":null", 496)]
    public async Task TruncatePromptTokens_MinusOne_LeavesRoomForTheAnswer(string maxTokens, int expected)
    {
        string ids = string.Join(",", Enumerable.Repeat(5, 600));

        ScriptedSequence sequence = await SeenAsync(() => CompleteAsync("\"truncate_prompt_tokens\":-1," + maxTokens, $"[{ids}]"));

        Assert.Equal(expected, sequence.Spec.PromptTokenIds.Count);
    }

    [Fact]
    public async Task TruncatePromptTokens_OfAChat_KeepsItsEnd()
    {
        ScriptedSequence whole = await SeenAsync(() => ChatAsync());
        ScriptedSequence end = await SeenAsync(() => ChatAsync("\"truncate_prompt_tokens\":4"));

        Assert.Equal(whole.Spec.PromptTokenIds.TakeLast(4), end.Spec.PromptTokenIds);
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
