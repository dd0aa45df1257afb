using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Damaged requests of a fixed random sequence: each is answered or refused, never a failure of ours.</summary>
public sealed class FuzzTests : FrontendTest
{
    private const int NumCases = 1500;

    private const string Chat =
        """
        {"model":"demo","messages":[{"role":"system","content":"S"},{"role":"user","name":"n","content":[{"type":"text","text":"😀 a"}]},
        {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":[1]}"}}]},
        {"role":"tool","tool_call_id":"1","content":"x"}],"tools":[{"type":"function","function":{"name":"f","description":"d",
        "parameters":{"type":"object","properties":{"a":{"type":"array"}}}}}],"tool_choice":"auto","temperature":0.5,"top_p":0.9,"n":2,
        "stop":["a","b"],"max_tokens":5,"max_completion_tokens":6,"seed":7,"logit_bias":{"5":1},"frequency_penalty":0.1,"presence_penalty":0.1,
        "logprobs":true,"top_logprobs":1,"response_format":{"type":"text"},"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},"user":"u",
        "chat_template_kwargs":{"a":1},"documents":[{"title":"t"}],"metadata":{"a":"b"},"cache_salt":"s","stop_token_ids":[3],"min_tokens":1,
        "bad_words":["x y","z"],"truncate_prompt_tokens":40,"truncation_side":"right","return_token_ids":true,"return_tokens_as_token_ids":true,
        "add_generation_prompt":true,"continue_final_message":false,"echo":false,"include_stop_str_in_output":false,
        "nvext":{"ignore_eos":true,"min_tokens":1,"top_k":5,"min_p":0.1,"repetition_penalty":1.1,"greed_sampling":false,"cache_salt":"s","event_ids":true,
        "backend_instance_id":"00000000000000ab","decode_worker_id":171,"dp_rank":0,"extra_fields":["worker_id","timing","overlap"],
        "annotations":["token_ids","formatted_prompt"],"agent_hints":{"priority":1,"strict_priority":1,"osl":5,"latency_sensitivity":0.5,"speculative_prefill":true},
        "router_config_override":{"overlap_score_credit":0.1,"prefill_load_scale":2,"router_temperature":0,"assume_kv_reuse":false,"track_prefill_tokens":true}}}
        """;

    private const string Completion =
        """
        {"model":"demo","prompt":["a","b"],"temperature":0.5,"top_k":4,"min_p":0.1,"repetition_penalty":1.1,"n":2,"best_of":2,"stop":"x","max_tokens":5,
        "echo":false,"logprobs":1,"suffix":null,"seed":7,"logit_bias":{"5":1},"allowed_token_ids":[5,6],"ignore_eos":true,"min_tokens":1,
        "add_special_tokens":true,"skip_special_tokens":false,"include_stop_str_in_output":true,"stream":false,"user":"u",
        "bad_words":["x"],"truncate_prompt_tokens":-1,"truncation_side":"left","return_token_ids":true,"return_tokens_as_token_ids":true,"stop_token_ids":[3],
        "frequency_penalty":0.1,"presence_penalty":0.1,"detokenize":true,"cache_salt":"s","nvext":{"top_k":3,"extra_fields":["timing"]}}
        """;

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "1.5", "-0.0", "1e400", "-1e400", "1e-400", "1180591620717411303424", "9223372036854775808", "2147483648", "4096",
        "\"\"", "\"x\"", "\"NaN\"", "\"\\u0000\"", "\"\\ud83d\"", "\"{{ x }}\"", "\"{\"", "[]", "{}", "[[]]", "[1]", "[\"a\"]", "[null]", "{\"a\":1}",
        "{\"\":{}}", "{\"type\":\"text\"}", "[{\"role\":\"user\",\"content\":\"x\"}]", "[[[[[[[[[[1]]]]]]]]]]",
    ];

    [Theory]
    [InlineData("/v1/chat/completions", Chat)]
    [InlineData("/v1/completions", Completion)]
    public async Task DamagedRequests_AreAnsweredOrRefused(string path, string valid)
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();
        Random random = new(20_000);
        Assert.True(await StatusAsync(path, Encoding.UTF8.GetBytes(valid)) == 200, "the undamaged request must be answered");
        Dictionary<int, int> counts = [];
        for (int i = 0; i < NumCases; i++)
        {
            byte[] body = i % 3 == 0 ? DamageBytes(Encoding.UTF8.GetBytes(valid), random) : DamageValues(valid, random);
            int status = await StatusAsync(path, body);
            Assert.True(status is 200 or (>= 400 and < 500), $"{status} for {Encoding.UTF8.GetString(body)}");
            counts[status] = counts.GetValueOrDefault(status) + 1;
        }

        Assert.True(counts[200] > NumCases / 20 && counts[400] > NumCases / 4, string.Join(", ", counts));
    }

    private async Task<int> StatusAsync(string path, byte[] body)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await Host.Client.PostAsync(path, content);
        string text = await response.Content.ReadAsStringAsync();
        if ((int)response.StatusCode >= 400)
        {
            Assert.Equal(["message", "type", "param", "code"], JsonNode.Parse(text)!["error"]!.AsObject().Select(static property => property.Key));
        }

        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        return (int)response.StatusCode;
    }

    private static byte[] DamageBytes(byte[] body, Random random)
    {
        int at = random.Next(body.Length);
        switch (random.Next(4))
        {
            case 0:
                return body[..at];
            case 1:
                return [.. body[..at], .. body[Math.Min(body.Length, at + random.Next(1, 10))..]];
            case 2:
                body[at] = (byte)random.Next(256);
                return body;
            default:
                int end = Math.Min(body.Length, at + random.Next(1, 60));
                return [.. body[..end], .. body[at..]];
        }
    }

    // Replaces one value anywhere in the request. The placeholder makes room for text that is not what a JSON library would write.
    private static byte[] DamageValues(string valid, Random random)
    {
        const string placeholder = "\"<here>\"";
        JsonNode root = JsonNode.Parse(valid)!;
        List<(JsonNode Parent, object Key)> places = [];
        Collect(root, places);
        (JsonNode parent, object key) = places[random.Next(places.Count)];
        if (key is string name)
        {
            parent[name] = "<here>";
        }
        else
        {
            parent[(int)key] = "<here>";
        }

        return Encoding.UTF8.GetBytes(root.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
            .Replace(placeholder, Values[random.Next(Values.Length)], StringComparison.Ordinal));
    }

    private static void Collect(JsonNode? node, List<(JsonNode Parent, object Key)> places)
    {
        if (node is JsonObject map)
        {
            foreach ((string name, JsonNode? value) in map)
            {
                places.Add((map, name));
                Collect(value, places);
            }
        }
        else if (node is JsonArray list)
        {
            for (int i = 0; i < list.Count; i++)
            {
                places.Add((list, i));
                Collect(list[i], places);
            }
        }
    }
}
