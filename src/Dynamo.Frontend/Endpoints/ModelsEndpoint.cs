using System.IO.Hashing;
using System.Text;
using System.Text.Json.Serialization;
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
    public Task ListAsync(HttpContext context) => JsonOutput.RespondAsync(
        context.Response,
        new ModelListAnswer("list", [.. models.Models.SelectMany(static model => (ModelAnswer[])[Of(model, model.Name), .. model.Aliases.Names.Select(alias => Of(model, alias))])]),
        AnswerJson.Default.ModelListAnswer);

    /// <summary>Describes one model; names may contain slashes.</summary>
    public Task GetAsync(HttpContext context)
    {
        // A slash that the client has escaped stays so in the path.
        string name = ((string?)context.Request.RouteValues["id"] ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return models.Find(name) is { } model
            ? JsonOutput.RespondAsync(context.Response, Of(model, name), AnswerJson.Default.ModelAnswer)
            : ErrorWriter.RespondAsync(context.Response, NotFound(name));
    }

    private static ModelAnswer Of(ServedModel model, string name)
    {
        long created = model.Created.ToUnixTimeSeconds();
        return new ModelAnswer(name, "model", created, Owner, model.Name, Parent: null, model.MaxModelLength, [PermissionOf(model, created)]);
    }

    // OpenAI's of 2020, which typed clients still ask for; the same for everybody and, unlike vLLM's, the same each time.
    private static ModelPermission PermissionOf(ServedModel model, long created) => new(
        $"modelperm-{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(model.Name)):x16}",
        "model_permission",
        created,
        AllowCreateEngine: false,
        AllowSampling: true,
        AllowLogprobs: true,
        AllowSearchIndices: false,
        AllowView: true,
        AllowFineTuning: false,
        Organization: "*",
        Group: null,
        IsBlocking: false);
}

/// <summary>What <c>/v1/models</c> answers.</summary>
internal sealed record ModelListAnswer(string Object, ModelAnswer[] Data);

/// <summary>One model under one of its names.</summary>
internal sealed record ModelAnswer(
    string Id,
    string Object,
    long Created,
    string OwnedBy,
    string Root,
    string? Parent,
    [property: JsonPropertyName("max_model_len")] int MaxModelLength,
    ModelPermission[] Permission);

/// <summary>What clients may do with it.</summary>
internal sealed record ModelPermission(
    string Id,
    string Object,
    long Created,
    bool AllowCreateEngine,
    bool AllowSampling,
    bool AllowLogprobs,
    bool AllowSearchIndices,
    bool AllowView,
    bool AllowFineTuning,
    string Organization,
    string? Group,
    bool IsBlocking);
