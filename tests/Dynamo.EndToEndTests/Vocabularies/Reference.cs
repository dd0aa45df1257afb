using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dynamo.EndToEndTests.Vocabularies;

/// <summary>A text to encode.</summary>
internal sealed record EncodeQuestion(string Text, bool AddSpecialTokens);

/// <summary>Tokens to decode.</summary>
internal sealed record DecodeQuestion(int[] Ids, bool SkipSpecialTokens);

/// <summary>What the reference library answers.</summary>
internal sealed record ReferenceAnswers(int[][] Encode, string[] Decode);

/// <summary>Asks the reference library, the Rust crate "tokenizers" with its binding for node.</summary>
internal static class Reference
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="InvalidOperationException">The library or its script failed.</exception>
    public static ReferenceAnswers Ask(string tokenizer, IReadOnlyList<EncodeQuestion> encode, IReadOnlyList<DecodeQuestion> decode)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dynamo-reference-");
        try
        {
            string questions = Path.Combine(folder.FullName, "questions.json");
            string answers = Path.Combine(folder.FullName, "answers.json");
            File.WriteAllBytes(questions, JsonSerializer.SerializeToUtf8Bytes(new { tokenizer, encode, decode }, Options));
            string? problem = NpmPackages.Run("node", Path.Combine(NpmPackages.Source, "oracle.mjs"), NpmPackages.Modules, questions, answers);
            return problem is null
                ? JsonSerializer.Deserialize<ReferenceAnswers>(File.ReadAllBytes(answers), Options)!
                : throw new InvalidOperationException(problem);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
