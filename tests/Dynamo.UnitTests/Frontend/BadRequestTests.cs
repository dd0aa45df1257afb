using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Frontend.Configuration;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Requests that are refused before anything is submitted, with the parameter named.</summary>
public sealed class BadRequestTests : FrontendTest
{
    protected override FrontendOptions Options => new() { MaxSequencesPerRequest = 8 };

    [Theory]
    [InlineData("\"temperature\":-0.1", "temperature")]
    [InlineData("\"temperature\":2.1", "temperature")]
    [InlineData("\"temperature\":1e400", "temperature")]
    [InlineData("\"temperature\":1e39", "temperature")]
    [InlineData("\"temperature\":\"1\"", "temperature")]
    [InlineData("\"temperature\":\"NaN\"", "temperature")]
    [InlineData("\"temperature\":[1]", "temperature")]
    [InlineData("\"top_p\":0", "top_p")]
    [InlineData("\"top_p\":1.1", "top_p")]
    [InlineData("\"top_k\":-2", "top_k")]
    [InlineData("\"top_k\":1.5", "top_k")]
    [InlineData("\"top_k\":1e30", "top_k")]
    [InlineData("\"min_p\":-1", "min_p")]
    [InlineData("\"repetition_penalty\":0", "repetition_penalty")]
    [InlineData("\"frequency_penalty\":3", "frequency_penalty")]
    [InlineData("\"presence_penalty\":-3", "presence_penalty")]
    [InlineData("\"seed\":1180591620717411303424", "seed")]
    [InlineData("\"seed\":1.5", "seed")]
    [InlineData("\"seed\":\"7\"", "seed")]
    [InlineData("\"n\":0", "n")]
    [InlineData("\"n\":9", "n")]
    [InlineData("\"n\":1180591620717411303424", "n")]
    [InlineData("\"best_of\":2", "best_of")]
    [InlineData("\"max_tokens\":0", "max_tokens")]
    [InlineData("\"max_tokens\":-1", "max_tokens")]
    [InlineData("\"max_tokens\":1e400", "max_tokens")]
    [InlineData("\"max_tokens\":true", "max_tokens")]
    [InlineData("\"min_tokens\":-1", "min_tokens")]
    [InlineData("\"min_tokens\":5,\"max_tokens\":4", "min_tokens")]
    [InlineData("\"min_tokens\":511,\"max_tokens\":512", "min_tokens")]
    [InlineData("\"logit_bias\":{\"x\":1}", "logit_bias")]
    [InlineData("\"logit_bias\":{\"1024\":1}", "logit_bias")]
    [InlineData("\"logit_bias\":{\"-1\":1}", "logit_bias")]
    [InlineData("\"logit_bias\":{\"5\":101}", "logit_bias")]
    [InlineData("\"logit_bias\":{\"5\":\"1\"}", "logit_bias.5")]
    [InlineData("\"logit_bias\":{\"5\":1,\"05\":2}", "logit_bias")]
    [InlineData("\"logit_bias\":[]", "logit_bias")]
    [InlineData("\"stop\":\"\"", "stop")]
    [InlineData("\"stop\":[\"a\",\"\"]", "stop[1]")]
    [InlineData("\"stop\":[1]", "stop[0]")]
    [InlineData("\"stop\":{}", "stop")]
    [InlineData("\"stop_token_ids\":[1024]", "stop_token_ids")]
    [InlineData("\"stop_token_ids\":[-1]", "stop_token_ids[0]")]
    [InlineData("\"stop_token_ids\":7", "stop_token_ids")]
    [InlineData("\"allowed_token_ids\":[]", "allowed_token_ids")]
    [InlineData("\"allowed_token_ids\":[1024]", "allowed_token_ids")]
    [InlineData("\"ignore_eos\":1", "ignore_eos")]
    [InlineData("\"skip_special_tokens\":\"yes\"", "skip_special_tokens")]
    [InlineData("\"include_stop_str_in_output\":0", "include_stop_str_in_output")]
    [InlineData("\"stream\":\"true\"", "stream")]
    [InlineData("\"stream_options\":{\"include_usage\":true}", "stream_options")]
    [InlineData("\"stream\":true,\"stream_options\":{\"include_usage\":1}", "stream_options.include_usage")]
    [InlineData("\"stream\":true,\"stream_options\":{\"continuous_usage_stats\":1}", "stream_options.continuous_usage_stats")]
    [InlineData("\"cache_salt\":\"\"", "cache_salt")]
    [InlineData("\"cache_salt\":5", "cache_salt")]
    [InlineData("\"nvext\":5", "nvext")]
    [InlineData("\"nvext\":{\"cache_salt\":5}", "nvext.cache_salt")]
    [InlineData("\"user\":5", "user")]
    [InlineData("\"metadata\":[]", "metadata")]
    [InlineData("\"store\":\"no\"", "store")]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "response_format")]
    [InlineData("\"response_format\":\"text\"", "response_format")]
    [InlineData("\"use_beam_search\":true", "use_beam_search")]
    [InlineData("\"prompt_logprobs\":1", "prompt_logprobs")]
    [InlineData("\"guided_json\":{\"type\":\"object\"}", "guided_json")]
    [InlineData("\"bad_words\":\"x\"", "bad_words")]
    [InlineData("\"bad_words\":[\"x\",5]", "bad_words[1]")]
    [InlineData("\"bad_words\":[\" \"]", "bad_words[0]")]
    [InlineData("\"truncate_prompt_tokens\":0", "truncate_prompt_tokens")]
    [InlineData("\"truncate_prompt_tokens\":-2", "truncate_prompt_tokens")]
    [InlineData("\"truncate_prompt_tokens\":512", "truncate_prompt_tokens")]
    [InlineData("\"truncation_side\":\"both\"", "truncation_side")]
    [InlineData("\"allowed_token_ids\":[1022],\"min_tokens\":1", "allowed_token_ids")]
    [InlineData("\"allowed_token_ids\":[5,1022],\"stop_token_ids\":[5],\"min_tokens\":1", "allowed_token_ids")]
    [InlineData("\"allowed_token_ids\":[64],\"bad_words\":[\"a\"]", "allowed_token_ids")]
    [InlineData("\"user\":\"\\ud83d\"", "user")]
    public async Task BothApis_BadParameter_Is400NamingIt(string fields, string param)
    {
        using HttpResponseMessage chat = await ChatAsync(fields);
        using HttpResponseMessage completion = await CompleteAsync(fields);

        await AssertRefusedAsync(chat, param);
        await AssertRefusedAsync(completion, param);
    }

    [Theory]
    [InlineData("\"max_completion_tokens\":0", "max_completion_tokens")]
    [InlineData("\"logprobs\":1", "logprobs")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs")]
    [InlineData("\"top_logprobs\":3", "top_logprobs")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities[1]")]
    [InlineData("\"audio\":{\"voice\":\"x\"}", "audio")]
    [InlineData("\"echo\":true", "echo")]
    [InlineData("\"tools\":{}", "tools")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "tools[0].function.name")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{}}]", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":1}}]", "tools[0].function.parameters")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tool_choice\":\"sometimes\"", "tool_choice")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "tool_choice")]
    [InlineData("\"functions\":[{\"name\":\"f\"}]", "functions")]
    [InlineData("\"web_search_options\":{\"a\":1}", "web_search_options")]
    [InlineData("\"documents\":[1]", "documents[0]")]
    [InlineData("\"chat_template_kwargs\":[]", "chat_template_kwargs")]
    [InlineData("\"chat_template\":\"x\"", "chat_template")]
    [InlineData("\"continue_final_message\":true,\"add_generation_prompt\":true", "continue_final_message")]
    public async Task Chat_BadParameter_Is400NamingIt(string fields, string param)
    {
        using HttpResponseMessage response = await ChatAsync(fields);

        await AssertRefusedAsync(response, param);
    }

    [Theory]
    [InlineData("[]", "messages")]
    [InlineData("null", "messages")]
    [InlineData("\"Hi\"", "messages")]
    [InlineData("[\"Hi\"]", "messages[0]")]
    [InlineData("[{}]", "messages[0].role")]
    [InlineData("[{\"role\":1,\"content\":\"x\"}]", "messages[0].role")]
    [InlineData("[{\"role\":\"\",\"content\":\"x\"}]", "messages[0].role")]
    [InlineData("[{\"role\":\"alien\",\"content\":\"x\"}]", "messages[0].role")]
    [InlineData("[{\"role\":\"User\",\"content\":\"x\"}]", "messages[0].role")]
    [InlineData("[{\"role\":\"user\"}]", "messages[0].content")]
    [InlineData("[{\"role\":\"user\",\"content\":null}]", "messages[0].content")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\"}]}]", "messages[0].content[0].text")]
    [InlineData("[{\"role\":\"user\",\"content\":\"x\",\"name\":5}]", "messages[0].name")]
    [InlineData("[{\"role\":\"assistant\",\"audio\":{\"id\":\"a\"}}]", "messages[0].audio")]
    [InlineData("[{\"role\":\"assistant\",\"refusal\":5}]", "messages[0].refusal")]
    [InlineData("[{\"role\":\"assistant\",\"function_call\":{}}]", "messages[0].function_call.name")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":5}}]}]", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("[{\"role\":\"user\",\"content\":5}]", "messages[0].content")]
    [InlineData("[{\"role\":\"user\",\"content\":[5]}]", "messages[0].content[0]")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]", "messages[0].content[0].text")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}]", "messages[0].content[0].type")]
    [InlineData("[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"tool_calls\":[{}]}]", "messages[1].tool_calls[0].function")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}]", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("[{\"role\":\"user\",\"content\":\"\\ud83d\"}]", "messages")]
    public async Task Chat_BadMessages_Is400NamingTheirPlace(string messages, string param)
    {
        using HttpResponseMessage response = await ChatAsync(messages: messages);

        await AssertRefusedAsync(response, param);
    }

    [Theory]
    [InlineData("null", "prompt")]
    [InlineData("\"\"", null)]
    [InlineData("[]", "prompt")]
    [InlineData("5", "prompt")]
    [InlineData("[true]", "prompt")]
    [InlineData("[[]]", "prompt")]
    [InlineData("[1024]", "prompt[0]")]
    [InlineData("[1,-1]", "prompt[1]")]
    [InlineData("[1,\"a\"]", "prompt[1]")]
    [InlineData("[\"a\",1]", "prompt[1]")]
    [InlineData("[[1],2]", "prompt[1]")]
    [InlineData("[[1],[1.5]]", "prompt[1][0]")]
    [InlineData("[[1],[2],[3],[4],[5],[6],[7],[8],[9]]", "prompt")]
    public async Task Completion_BadPrompt_Is400NamingIt(string prompt, string? param)
    {
        using HttpResponseMessage response = await CompleteAsync("\"add_special_tokens\":false", prompt);

        await AssertRefusedAsync(response, param ?? "prompt");
    }

    [Theory]
    [InlineData("\"suffix\":\"x\"", "suffix")]
    [InlineData("\"logprobs\":21", "logprobs")]
    [InlineData("\"logprobs\":true", "logprobs")]
    [InlineData("\"echo\":true,\"logprobs\":1", "echo")]
    [InlineData("\"n\":8,\"prompt\":[\"a\",\"b\"]", null)]
    public async Task Completion_BadParameter_Is400NamingIt(string fields, string? param)
    {
        using HttpResponseMessage response = param is null
            ? await Host.SendAsync("/v1/completions", $$"""{"model":"demo",{{fields}}}""")
            : await CompleteAsync(fields);

        await AssertRefusedAsync(response, param ?? "prompt");
    }

    [Fact]
    public async Task PromptTooLong_SaysHowLongAndWhatToDo()
    {
        using HttpResponseMessage response = await CompleteAsync(prompt: $"[{string.Join(",", Enumerable.Repeat(5, 512))}]");

        string message = await AssertRefusedAsync(response, "prompt", "context_length_exceeded");
        Assert.StartsWith("This model's maximum context length is 512 tokens. The prompt has 512 tokens", message, StringComparison.Ordinal);
        Assert.Contains("shorten", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MessagesTooLong_IsRefusedWithoutEncodingAll()
    {
        using HttpResponseMessage response = await ChatAsync(messages: $$"""[{"role":"user","content":"{{new string('x', 2_000_000)}}"}]""");

        Assert.Contains("at least", await AssertRefusedAsync(response, "messages", "context_length_exceeded"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, "is not valid JSON")]
    [InlineData("{", null, "(line 1, byte 2)")]
    [InlineData("{\"model\":\"demo\",}", "model", "(line 1, byte 17)")]
    [InlineData("[1]", null, "must be a JSON object, is an array")]
    [InlineData("null", null, "must be a JSON object, is null")]
    [InlineData("{\"model\":\"demo\",\"model\":\"demo\"}", "model", "'model' is given twice")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"role\":\"user\",\"content\":\"x\"}]}", "messages[0].role", "'messages[0].role' is given twice")]
    [InlineData("{\"model\":\"demo\",\n\"temperature\":NaN}", "temperature", "(line 2, byte 15)")]
    [InlineData("{\"\\ud83d\":1}", null, "half of a surrogate pair")]
    [InlineData("{\"a\":{\"\\ud83d\":1}}", null, "half of a surrogate pair")]
    public async Task Body_NotTheJsonItMustBe_Is400SayingWhy(string body, string? param, string expected)
    {
        using HttpResponseMessage response = await Host.SendAsync("/v1/chat/completions", body);

        Assert.Contains(expected, await AssertRefusedAsync(response, param), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_DeepNesting_Is400()
    {
        string deep = new string('[', 10_000) + new string(']', 10_000);

        using HttpResponseMessage response = await ChatAsync($"\"metadata\":{{\"a\":{deep}}}");

        Assert.Contains("depth", await AssertRefusedAsync(response, "metadata"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, "tools[0].function.parameters")]
    public async Task ToolSchema_Has64LevelsOfItsOwn(int depth, string? param)
    {
        string schema = string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);
        Generator.OnStarted = static sequence => sequence.EndTurn();

        using HttpResponseMessage response = await ChatAsync($$$"""
            "tools":[{"type":"function","function":{"name":"f","parameters":{{{schema}}}}}]
            """);

        if (param is null)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        else
        {
            Assert.Contains("more than 64 levels", await AssertRefusedAsync(response, param), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Body_MillionsOfValues_IsRefusedBeforeTheyAreParsed()
    {
        using HttpResponseMessage response = await CompleteAsync(prompt: $"[{string.Join(",", Enumerable.Repeat('5', 4_000_000))}]");

        Assert.Contains("more than 4,000,000 JSON values", await AssertRefusedAsync(response, null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyTokenIds_AreRefusedByTheirNumber()
    {
        string ids = string.Join(",", Enumerable.Repeat(5, 1025));
        string biases = string.Join(",", Enumerable.Range(0, 1025).Select(static id => $"\"{id}\":1"));
        using HttpResponseMessage allowed = await CompleteAsync($"\"allowed_token_ids\":[{ids}]");
        using HttpResponseMessage stops = await CompleteAsync($"\"stop_token_ids\":[{ids}]");
        using HttpResponseMessage bias = await CompleteAsync($"\"logit_bias\":{{{biases}}}");

        Assert.Contains("at most 1024", await AssertRefusedAsync(allowed, "allowed_token_ids"), StringComparison.Ordinal);
        Assert.Contains("at most 256", await AssertRefusedAsync(stops, "stop_token_ids"), StringComparison.Ordinal);
        Assert.Contains("at most 1024", await AssertRefusedAsync(bias, "logit_bias"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_HugeNames_TheMessageIsShort()
    {
        string name = new('x', 100_000);

        using HttpResponseMessage response = await CompleteAsync($"\"{name}\":1,\"{name}\":2");

        Assert.True((await response.Content.ReadAsStringAsync()).Length < 3000);
    }

    [Fact]
    public async Task Body_NotUtf8_Is400()
    {
        using ByteArrayContent content = new([.. "{\"model\":\""u8, 0xff, .. "\"}"u8]);
        content.Headers.Add("Content-Type", "application/json");

        using HttpResponseMessage response = await Host.Client.PostAsync("/v1/completions", content);

        Assert.Contains("UTF-8", await AssertRefusedAsync(response, null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", 2)]
    [InlineData("{\"model\":null}", 2)]
    [InlineData("{\"model\":\"\"}", 2)]
    [InlineData("{\"model\":5}", 1)]
    public async Task ModelMissing_WhereThereAreSeveral_Is400(string body, int numModels)
    {
        Host.Catalog.Models = [.. Enumerable.Range(0, numModels).Select(static i => DemoModel.Served($"demo{i}"))];

        using HttpResponseMessage response = await Host.SendAsync("/v1/chat/completions", body);

        await AssertRefusedAsync(response, "model");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"model\":null,")]
    [InlineData("\"model\":\"\",")]
    public async Task ModelMissing_WhereThereIsOne_IsThatOne(string model)
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();

        using HttpResponseMessage response = await Host.SendAsync("/v1/completions", $$"""{{{model}}"prompt":"Hi"}""");

        Assert.Equal("demo", (string)(await JsonAsync(response))["model"]!);
    }

    [Theory]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("nonsense", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=utf-8", HttpStatusCode.OK)]
    [InlineData("application/vnd.api+json", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task ContentType_MustBeJson(string? contentType, HttpStatusCode expected)
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes("""{"model":"demo","prompt":"Hi"}"""));
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        using HttpResponseMessage response = await Host.Client.PostAsync("/v1/completions", content);

        Assert.Equal(expected, response.StatusCode);
        if (expected != HttpStatusCode.OK)
        {
            Assert.Contains("application/json", (string)(await JsonAsync(response))["error"]!["message"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Body_Compressed_Is415()
    {
        using ByteArrayContent content = new([31, 139]);
        content.Headers.Add("Content-Type", "application/json");
        content.Headers.Add("Content-Encoding", "gzip");

        using HttpResponseMessage response = await Host.Client.PostAsync("/v1/completions", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Body_WithByteOrderMark_IsRead() => await SeenAsync(() => Host.SendAsync("/v1/completions", "\uFEFF{\"model\":\"demo\",\"prompt\":\"Hi\"}"));

    private async Task<string> AssertRefusedAsync(HttpResponseMessage response, string? param, string? code = null)
    {
        JsonNode body = await JsonAsync(response);
        JsonObject error = body["error"]!.AsObject();
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["message", "type", "param", "code"], error.Select(static property => property.Key));
        Assert.Equal("invalid_request_error", (string)error["type"]!);
        Assert.Equal(param, (string?)error["param"]);
        Assert.Equal(0, Generator.NumStarted);
        if (code is not null)
        {
            Assert.Equal(code, (string?)error["code"]);
        }

        return (string)error["message"]!;
    }
}
