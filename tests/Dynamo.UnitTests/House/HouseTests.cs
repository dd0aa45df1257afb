using System.Text.RegularExpressions;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.House;

/// <summary>What stands where, and who leans on whom: docs/architecture.md, Rooms.</summary>
public sealed partial class HouseTests
{
    private const int MaxFiles = 90;

    private static readonly string Root = DemoModel.RepositoryRoot();
    private static readonly string Architecture = File.ReadAllText(Path.Combine(Root, "docs", "architecture.md"));

    [Fact]
    public void Folders_LeanOnEachOtherInNoCircle() => Assert.Empty(SourceTree.Read(Root).Circle());

    [Fact]
    public void Folders_AreThoseOfTheArchitecture_EachInOneLine() =>
        Assert.Equal(SourceTree.Read(Root).Folders.Order(StringComparer.Ordinal), FolderLines().Matches(Architecture).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void Projects_ReferenceWhatTheArchitectureSays() =>
        Assert.Equal(References().Order(StringComparer.Ordinal), ProjectLines().Matches(Architecture).Select(static match => $"{match.Groups[1].Value}: {match.Groups[2].Value}").Order(StringComparer.Ordinal));

    [Fact]
    public void Projects_ButTextAndRouting_HaveAtMost90Files() =>
        Assert.Empty(SourceTree.Read(Root).Projects.Where(static project => project.Count() > MaxFiles && project.Key is not ("Text" or "Routing")).Select(static project => $"{project.Key} {project.Count()}"));

    [Fact]
    public void Circle_OfTwoFoldersBesideAThird_IsFound()
    {
        SourceTree tree = new(
        [
            new SourceFile("A/One", "using Dynamo.A.Two;\n\nnamespace Dynamo.A.One;\n\npublic class First\n{\n    private Second? _second;\n}\n"),
            new SourceFile("A/Two", "using Dynamo.A.One;\n\nnamespace Dynamo.A.Two;\n\npublic class Second : First;\n"),
            new SourceFile("A/Three", "using Dynamo.A.One;\n\nnamespace Dynamo.A.Three;\n\npublic class Third : First;\n"),
        ]);

        Assert.Equal(["A/One", "A/Two"], tree.Circle());
    }

    [Fact]
    public void NameInACommentOrAText_IsNoTie()
    {
        SourceTree tree = new(
        [
            new SourceFile("A/One", "using Dynamo.A.Two;\n\nnamespace Dynamo.A.One;\n\n// Second\npublic class First\n{\n    private string _text = \"Second\";\n}\n"),
            new SourceFile("A/Two", "using Dynamo.A.One;\n\nnamespace Dynamo.A.Two;\n\npublic class Second : First;\n"),
        ]);

        Assert.Empty(tree.Circle());
        Assert.Equal(["A/One"], tree.Ties()["A/Two"]);
    }

    private static IEnumerable<string> References() =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
        let references = ProjectReferences().Matches(File.ReadAllText(file)).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal)
        select $"{Path.GetFileNameWithoutExtension(file)["Dynamo.".Length..]}: {(references.Any() ? string.Join(", ", references) : "nothing")}";

    [GeneratedRegex("<ProjectReference Include=\"[^\"]*?Dynamo\\.(\\w+)\\.csproj\"")]
    private static partial Regex ProjectReferences();

    [GeneratedRegex(@"^- `([\w/]+)`: .+$", RegexOptions.Multiline)]
    private static partial Regex FolderLines();

    [GeneratedRegex(@"^\| `Dynamo\.(\w+)` \| [^|]+ \| ([^|;]+?)(?:;[^|]*)? \|$", RegexOptions.Multiline)]
    private static partial Regex ProjectLines();
}
