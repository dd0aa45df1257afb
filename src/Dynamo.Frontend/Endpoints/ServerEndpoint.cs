using System.Text.Json;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Metrics;
using Dynamo.Frontend.Responses;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Endpoints;

/// <summary>What a server tells of itself, under vLLM's paths.</summary>
internal static class ServerEndpoint
{
    private const string DocumentName = "Dynamo.Frontend.OpenApi.openapi.json";

    private static readonly Lazy<byte[]> Document = new(ReadDocument);
    private static readonly Lazy<byte[]> Page = new(static () =>
    {
        using JsonDocument document = JsonDocument.Parse(Document.Value);
        return DocsPage.Of(document.RootElement);
    });

    /// <summary><c>GET /version</c>.</summary>
    public static Task VersionAsync(HttpContext context) => JsonOutput.RespondAsync(context.Response, new VersionAnswer(Fingerprint.Version), AnswerJson.Default.VersionAnswer);

    /// <summary><c>GET /load</c>: requests for tokens that are in this frontend now.</summary>
    public static Task LoadAsync(HttpContext context, FrontendInstruments instruments) =>
        JsonOutput.RespondAsync(context.Response, new LoadAnswer(instruments.NumInflight), AnswerJson.Default.LoadAnswer);

    /// <summary><c>GET /openapi.json</c>: every path in OpenAPI 3.1.</summary>
    public static Task OpenApiAsync(HttpContext context) => JsonOutput.RespondAsync(context.Response, Document.Value);

    /// <summary><c>GET /docs</c>: the same as a page for people.</summary>
    public static async Task DocsAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = Page.Value.Length;
        response.Headers.ContentSecurityPolicy = DocsPage.ContentPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(Page.Value, context.RequestAborted);
        }
    }

    private static byte[] ReadDocument()
    {
        using Stream resource = typeof(ServerEndpoint).Assembly.GetManifestResourceStream(DocumentName)!;
        byte[] document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}

/// <summary>What <c>/version</c> answers.</summary>
internal sealed record VersionAnswer(string Version);

/// <summary>What <c>/load</c> answers.</summary>
internal sealed record LoadAnswer(long ServerLoad);
