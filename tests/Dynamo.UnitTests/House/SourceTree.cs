namespace Dynamo.UnitTests.House;

/// <summary>Which folders of a source tree name types of which others.</summary>
internal sealed class SourceTree
{
    private readonly IReadOnlyList<SourceFile> _files;

    public SourceTree(IReadOnlyList<SourceFile> files) => _files = files;

    /// <summary>Folders with files, for example <c>Cluster/Routing</c>.</summary>
    public IEnumerable<string> Folders => _files.Select(static file => file.Folder).Distinct().Order(StringComparer.Ordinal);

    public IEnumerable<IGrouping<string, SourceFile>> Projects => _files.GroupBy(static file => file.Project);

    /// <summary>The tree under <c>src</c>.</summary>
    public static SourceTree Read(string root) => new([.. Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Path.Combine(root, "src"), path))
        .Where(static path => !path.Split('/').Any(static part => part is "bin" or "obj"))
        .Select(path => new SourceFile(Path.GetDirectoryName(path)!["Dynamo.".Length..], File.ReadAllText(Path.Combine(root, "src", path))))]);

    /// <summary>By folder: the others that it leans on.</summary>
    public Dictionary<string, HashSet<string>> Ties()
    {
        ILookup<string, SourceFile> declared = _files.SelectMany(static file => file.Types.Select(type => (type, file))).ToLookup(static pair => pair.type, static pair => pair.file);
        ILookup<string, string> everywhere = _files.SelectMany(static file => file.GlobalUsings.Select(name => (file.Project, name))).ToLookup(static pair => pair.Project, static pair => pair.name);
        Dictionary<string, HashSet<string>> ties = Folders.ToDictionary(static folder => folder, static _ => new HashSet<string>());
        foreach (SourceFile file in _files)
        {
            ties[file.Folder].UnionWith(file.Names
                .SelectMany(name => declared[name].Concat(declared[name + "Attribute"]))
                .Where(other => other.Folder != file.Folder && (file.Visible.Contains(other.Namespace) || everywhere[file.Project].Contains(other.Namespace)))
                .Select(static other => other.Folder));
        }

        return ties;
    }

    /// <summary>Folders each of which leans on one of these, for example two that lean on each other; empty when there is no circle.</summary>
    public IReadOnlyList<string> Circle()
    {
        // Whoever leans on nobody that is left can be in no circle.
        Dictionary<string, HashSet<string>> ties = Ties();
        while (ties.FirstOrDefault(tie => !tie.Value.Any(ties.ContainsKey)).Key is { } free)
        {
            ties.Remove(free);
        }

        return [.. ties.Keys.Where(folder => IsReached(ties, folder)).Order(StringComparer.Ordinal)];
    }

    private static bool IsReached(Dictionary<string, HashSet<string>> ties, string folder)
    {
        HashSet<string> seen = [];
        Queue<string> next = new(ties[folder].Where(ties.ContainsKey));
        while (next.TryDequeue(out string? at))
        {
            if (seen.Add(at))
            {
                foreach (string other in ties[at].Where(ties.ContainsKey))
                {
                    next.Enqueue(other);
                }
            }
        }

        return seen.Contains(folder);
    }
}
