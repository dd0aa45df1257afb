using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed partial class DocsTests : FrontendTest
{
    [Fact]
    public async Task Page_ListsEveryOperationOfTheDocumentWithItsSummary()
    {
        JsonNode document = JsonNode.Parse(await Host.Client.GetStringAsync("/openapi.json"))!;
        string page = await Host.Client.GetStringAsync("/docs");

        string[] operations = [.. document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject().Select(operation =>
            $"<tr><td><code>{operation.Key.ToUpperInvariant()}</code></td><td><code>{path.Key}</code></td><td>{WebUtility.HtmlEncode((string)operation.Value!["summary"]!)}</td></tr>"))];
        Assert.All(operations, operation => Assert.Contains(operation, page, StringComparison.Ordinal));
        Assert.Equal(operations.Length, page.Split("<tr>").Length - 1);
    }

    [Fact]
    public async Task Page_LoadsNothing()
    {
        using HttpResponseMessage response = await Host.Client.GetAsync("/docs");
        string page = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.StartsWith("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotMatch(Loading(), page);
    }

    [GeneratedRegex("<script|<link|<img|<iframe|src=|://|@import|url\\(", RegexOptions.IgnoreCase)]
    private static partial Regex Loading();
}
