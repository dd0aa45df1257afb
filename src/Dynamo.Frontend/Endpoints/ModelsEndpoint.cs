using System.Buffers;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Models;
using Dynamo.Serving.Catalog;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Endpoints;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c>.</summary>
internal sealed class ModelsEndpoint(ModelTexts models)
{
    private const string Owner = "dynamo";

    /// <summary>A model that is not in the catalog.</summary>
    public static ApiException NotFound(string name) => new(
        StatusCodes.Status404NotFound,
        ApiException.InvalidRequest,
        $"The model '{Shortened.To(200, name)}' does not exist; GET /v1/models lists those that do.",
        "model",
        "model_not_found");

    /// <summary>Lists all models under each of their names.</summary>
    public Task ListAsync(HttpContext context)
    {
        IReadOnlyList<ServedModel> all = models.Models;
        return RespondAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (ServedModel model in all)
            {
                Write(json, model, model.Name);
                foreach (string alias in model.Aliases.Names)
                {
                    Write(json, model, alias);
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Describes one model; names may contain slashes.</summary>
    public Task GetAsync(HttpContext context)
    {
        // A slash that the client has escaped stays so in the path.
        string name = ((string?)context.Request.RouteValues["id"] ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return models.Find(name) is { } model
            ? RespondAsync(context, json => Write(json, model, name))
            : ErrorWriter.RespondAsync(context.Response, NotFound(name));
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, string name)
    {
        json.WriteStartObject();
        json.WriteString("id", name);
        json.WriteString("object", "model");
        json.WriteNumber("created", model.Created.ToUnixTimeSeconds());
        json.WriteString("owned_by", Owner);
        json.WriteString("root", model.Name);
        json.WriteNull("parent");
        json.WriteNumber("max_model_len", model.MaxModelLength);
        json.WriteStartArray("permission");
        WritePermission(json, model);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // OpenAI's of 2020, which typed clients still ask for; the same for everybody and, unlike vLLM's, the same each time.
    private static void WritePermission(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("id", $"modelperm-{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(model.Name)):x16}");
        json.WriteString("object", "model_permission");
        json.WriteNumber("created", model.Created.ToUnixTimeSeconds());
        json.WriteBoolean("allow_create_engine", false);
        json.WriteBoolean("allow_sampling", true);
        json.WriteBoolean("allow_logprobs", true);
        json.WriteBoolean("allow_search_indices", false);
        json.WriteBoolean("allow_view", true);
        json.WriteBoolean("allow_fine_tuning", false);
        json.WriteString("organization", "*");
        json.WriteNull("group");
        json.WriteBoolean("is_blocking", false);
        json.WriteEndObject();
    }

    private static Task RespondAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> body = new(512);
        using (Utf8JsonWriter json = JsonOutput.CreateWriter(body))
        {
            write(json);
        }

        return JsonOutput.RespondAsync(context.Response, body.WrittenMemory);
    }
}
