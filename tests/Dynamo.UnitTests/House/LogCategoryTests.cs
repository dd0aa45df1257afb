using System.Reflection;
using System.Text.RegularExpressions;
using Dynamo.Hosting;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.House;

/// <summary>A log category is a type's name, and a filter that names it as text would go on without a word once the type is called otherwise.</summary>
public sealed partial class LogCategoryTests
{
    private static readonly string[] Roots = ["Dynamo.", "Orleans.", "Microsoft.Extensions.Hosting", "Polly"];

    [Fact]
    public void CategoriesThatAreFiltered_AreTypesOrBeginTheirNames()
    {
        string[] categories = [.. Filters().Matches(File.ReadAllText(Path.Combine(DemoModel.RepositoryRoot(), "src", "Dynamo.Hosting", "NodeLogging.cs"))).Select(static match => match.Groups[1].Value)];
        HashSet<string> types = [.. Assemblies().SelectMany(static assembly => assembly.GetTypes()).Select(static type => type.FullName!)];

        Assert.Contains("Dynamo", categories);
        Assert.All(categories, category => Assert.True(
            category.StartsWith("Dynamo.", StringComparison.Ordinal) ? types.Contains(category) : types.Any(type => IsBegunBy(type, category)), $"No type is called {category}."));
    }

    // As filters compare: the whole name, or all before one of its dots.
    private static bool IsBegunBy(string type, string category) => type.StartsWith(category, StringComparison.Ordinal) && (type.Length == category.Length || type[category.Length] == '.');

    private static HashSet<Assembly> Assemblies()
    {
        HashSet<Assembly> found = [];
        Queue<Assembly> next = new([typeof(NodeHost).Assembly]);
        while (next.TryDequeue(out Assembly? assembly))
        {
            if (found.Add(assembly))
            {
                foreach (AssemblyName name in assembly.GetReferencedAssemblies().Where(static name => Roots.Any(root => name.Name!.StartsWith(root, StringComparison.Ordinal))))
                {
                    next.Enqueue(Assembly.Load(name));
                }
            }
        }

        return found;
    }

    [GeneratedRegex("AddFilter\\(\"([^\"]+)\"")]
    private static partial Regex Filters();
}
