using System.Net;
using System.Text;
using System.Text.Json;

namespace Dynamo.Frontend.Endpoints;

/// <summary>
/// Writes what an OpenAPI document describes as one HTML page. It holds all that it shows and loads nothing, so it can be read where there is no internet,
/// with a browser that runs no scripts, and with <c>curl</c>.
/// </summary>
internal static class DocsPage
{
    /// <summary>Forbids the page everything but its own style.</summary>
    public const string ContentPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
        table { border-collapse: collapse; width: 100% }
        td { border-top: 1px solid #8884; padding: .35rem .75rem .35rem 0; vertical-align: top }
        code { font: 14px ui-monospace, monospace }
        """;

    /// <summary>Writes the page.</summary>
    /// <param name="document">The document, with a summary and one tag for each operation.</param>
    public static byte[] Of(JsonElement document)
    {
        JsonElement info = document.GetProperty("info");
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>").Append(Text(info, "title"))
            .Append("</title>\n<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n<h1>")
            .Append(Text(info, "title")).Append("</h1>\n<p>").Append(Text(info, "description"))
            .Append("</p>\n<p>Fields of requests and answers are in <a href=\"openapi.json\">openapi.json</a>.</p>\n");
        foreach (JsonElement tag in document.GetProperty("tags").EnumerateArray())
        {
            WriteTag(page, document.GetProperty("paths"), tag);
        }

        return Encoding.UTF8.GetBytes(page.Append("</body>\n</html>\n").ToString());
    }

    private static void WriteTag(StringBuilder page, JsonElement paths, JsonElement tag)
    {
        page.Append("<h2>For ").Append(Text(tag, "name")).Append("</h2>\n<p>").Append(Text(tag, "description")).Append("</p>\n<table>\n");
        foreach (JsonProperty path in paths.EnumerateObject())
        {
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                if (operation.Value.GetProperty("tags")[0].ValueEquals(tag.GetProperty("name").GetString()))
                {
                    page.Append("<tr><td><code>").Append(WebUtility.HtmlEncode(operation.Name.ToUpperInvariant())).Append("</code></td><td><code>")
                        .Append(WebUtility.HtmlEncode(path.Name)).Append("</code></td><td>").Append(Text(operation.Value, "summary")).Append("</td></tr>\n");
                }
            }
        }

        page.Append("</table>\n");
    }

    private static string Text(JsonElement owner, string name) => WebUtility.HtmlEncode(owner.GetProperty(name).GetString()!);
}
