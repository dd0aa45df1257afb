using System.Text.RegularExpressions;

namespace Dynamo.UnitTests.House;

/// <summary>What a C# file declares and names; comments and texts do not count. Immutable.</summary>
internal sealed partial class SourceFile
{
    /// <summary>Reads one.</summary>
    /// <param name="folder">Its folder, for example <c>Cluster/Routing</c>; the first part is its project.</param>
    /// <param name="text">Its text.</param>
    public SourceFile(string folder, string text)
    {
        string code = CommentsAndTexts().Replace(text, " ");
        Folder = folder;
        Namespace = NamespaceLine().Match(code).Groups[1].Value;
        Types = [.. TypeDeclarations().Matches(code).Select(static match => match.Groups[1].Value)];
        GlobalUsings = [.. Usings().Matches(code).Where(static match => match.Groups[1].Success).Select(static match => match.Groups[2].Value)];
        Visible = [.. Usings().Matches(code).Select(static match => match.Groups[2].Value), .. Enclosing(Namespace)];
        Names = [.. Words().Matches(code).Select(static match => match.Value)];
    }

    public string Folder { get; }

    public string Project => Folder.Split('/')[0];

    public string Namespace { get; }

    /// <summary>Types at the top of the file.</summary>
    public IReadOnlyList<string> Types { get; }

    public IReadOnlyList<string> GlobalUsings { get; }

    /// <summary>Namespaces whose types it may name, but for global usings of its project.</summary>
    public HashSet<string> Visible { get; }

    public HashSet<string> Names { get; }

    private static IEnumerable<string> Enclosing(string name)
    {
        for (; name.Length > 0; name = name[..Math.Max(0, name.LastIndexOf('.'))])
        {
            yield return name;
        }
    }

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|\$*\"{3,}.*?\"{3,}|\$?@\$?"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.[^']*|[^'\\])'""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndTexts();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(?:(?:public|internal|static|sealed|abstract|readonly|ref|partial|unsafe) )*(?:class|struct|interface|enum|record(?: class| struct)?) ([A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclarations();

    [GeneratedRegex(@"^(global )?using (?:static )?(?:\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Words();
}
