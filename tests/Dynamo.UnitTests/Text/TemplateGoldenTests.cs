using System.Text.Json;
using Dynamo.Text.Templates.Jinja;
using Dynamo.UnitTests.Text.Support;
using Xunit;

namespace Dynamo.UnitTests.Text;

/// <summary>Renderings equal to Python Jinja2's; tests/goldens/templates/generate.py makes the answers.</summary>
public sealed class TemplateGoldenTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Goldens.Folder, "templates.json"))).RootElement;
    private static readonly TimeProvider Time = new FixedTime(Golden.GetProperty("now").GetDateTime());

    public static TheoryData<string> Templates => [.. Golden.GetProperty("templates").EnumerateArray().Select(static item => item.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Render_Template_EveryConversationAsInPython(string name)
    {
        JsonElement template = Golden.GetProperty("templates").EnumerateArray().Single(item => item.GetProperty("name").GetString() == name);
        JsonElement[] contexts = [.. Golden.GetProperty("contexts").EnumerateArray()];
        JsonElement[] renderings = [.. template.GetProperty("renderings").EnumerateArray()];
        Assert.Equal(contexts.Length, renderings.Length);

        List<string> differences = [];
        for (int i = 0; i < contexts.Length; i++)
        {
            Compare(template.GetProperty("source").GetString()!, contexts[i], renderings[i], $"context {i}", differences);
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void Render_Snippets_EachAsInPython()
    {
        List<string> differences = [];
        foreach (JsonElement snippet in Golden.GetProperty("snippets").EnumerateArray())
        {
            string source = snippet.GetProperty("source").GetString()!;
            Compare(source, Golden.GetProperty("snippet_context"), snippet, source, differences);
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    // An error has no common wording, except for what the template itself raises.
    private static void Compare(string source, JsonElement context, JsonElement expected, string what, List<string> differences)
    {
        string? text = expected.TryGetProperty("text", out JsonElement value) ? value.GetString() : null;
        string? raised = expected.TryGetProperty("raised", out _) ? expected.GetProperty("error").GetString() : null;
        try
        {
            string actual = Rendering.Render(source, context, Time);
            if (actual != text)
            {
                differences.Add($"{what}: '{actual}' instead of {(text is null ? expected.GetProperty("error").GetString() : $"'{text}'")}");
            }
        }
        catch (TemplateException e)
        {
            if (text is not null || (raised is not null && e.Reason != raised))
            {
                differences.Add($"{what}: raises '{e.Message}' instead of '{text ?? raised}'");
            }
        }
    }
}
