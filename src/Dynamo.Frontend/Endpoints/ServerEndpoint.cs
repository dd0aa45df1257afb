using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Metrics;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Endpoints;

/// <summary>What a server tells of itself, under vLLM's paths.</summary>
internal static class ServerEndpoint
{
    private const string DocumentName = "Dynamo.Frontend.OpenApi.openapi.json";

    private static readonly byte[] Version = Encoding.UTF8.GetBytes($$"""{"version":{{JsonSerializer.Serialize(ProductVersion())}}}""");
    private static readonly Lazy<byte[]> Document = new(ReadDocument);

    /// <summary><c>GET /version</c>.</summary>
    public static Task VersionAsync(HttpContext context) => JsonOutput.RespondAsync(context.Response, Version);

    /// <summary><c>GET /load</c>: requests for tokens that are in this frontend now.</summary>
    public static Task LoadAsync(HttpContext context, FrontendMetrics metrics) => JsonOutput.RespondAsync(
        context.Response, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"server_load":{{metrics.NumInflight}}}""")));

    /// <summary><c>GET /openapi.json</c>: every path in OpenAPI 3.1.</summary>
    public static Task OpenApiAsync(HttpContext context) => JsonOutput.RespondAsync(context.Response, Document.Value);

    // Without the revision of the sources, which is nobody's business on an open path.
    private static string ProductVersion()
    {
        string version = typeof(ServerEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        int plus = version.IndexOf('+');
        return plus < 0 ? version : version[..plus];
    }

    private static byte[] ReadDocument()
    {
        using Stream resource = typeof(ServerEndpoint).Assembly.GetManifestResourceStream(DocumentName)!;
        byte[] document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}
