using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;

namespace Dynamo.TorchTests.Configuration;

/// <summary>Small config.json files, changed field by field.</summary>
internal static class ConfigJson
{
    /// <summary>The fields that every family needs, and nothing else.</summary>
    public static JsonObject Minimal(string architecture) => new()
    {
        ["architectures"] = new JsonArray(architecture),
        ["hidden_size"] = 64,
        ["intermediate_size"] = 176,
        ["num_hidden_layers"] = 4,
        ["num_attention_heads"] = 8,
        ["num_key_value_heads"] = 2,
        ["vocab_size"] = 512,
        ["max_position_embeddings"] = 2048,
    };

    /// <summary>Sets fields from the text of a JSON object.</summary>
    public static JsonObject With(this JsonObject config, string fields)
    {
        foreach ((string name, JsonNode? value) in JsonNode.Parse(fields)!.AsObject())
        {
            config[name] = value?.DeepClone();
        }

        return config;
    }

    public static JsonObject Without(this JsonObject config, string field)
    {
        _ = config.Remove(field);
        return config;
    }

    public static ModelConfig Load(JsonObject config) => Load(config.ToJsonString());

    public static ModelConfig Load(string config) =>
        ModelConfig.Load(new ModelFolder("model", new Dictionary<string, byte[]> { ["config.json"] = Encoding.UTF8.GetBytes(config) }));
}
