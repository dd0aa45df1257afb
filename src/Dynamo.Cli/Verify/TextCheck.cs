using System.Text.Json;
using Dynamo.Protocol.Models;
using Dynamo.Text.Tokenizers;

namespace Dynamo.Cli.Verify;

/// <summary>Compares the tokenizer and the chat template of a folder with its <c>golden-text.json</c>.</summary>
/// <param name="folder">The folder.</param>
/// <param name="output">Where the table goes.</param>
internal sealed class TextCheck(ModelFolder folder, TextWriter output)
{
    public const string File = "golden-text.json";

    private static readonly string[] Kinds = ["encode", "decode", "render"];

    /// <summary>Runs and prints the comparison.</summary>
    /// <returns>Whether nothing differed.</returns>
    public bool Run()
    {
        Tokenizer tokenizer = Tokenizer.Load(folder);
        using JsonDocument golden = folder.ReadJson(ReferenceFiles.Find(folder, File));
        if (!Array.Exists(Kinds, kind => golden.RootElement.TryGetProperty(kind, out _)))
        {
            throw new ModelFolderException(File, null, $"has none of {string.Join(", ", Kinds)}; there is nothing to compare with");
        }

        output.WriteLine($"tokenizer of {tokenizer.VocabularySize:N0} tokens");
        output.WriteLine("text    cases  different");
        bool good = Count("encode", golden, item => Encode(tokenizer, item));
        good &= Count("decode", golden, item => Decode(tokenizer, item));
        good &= RenderCheck.Run(folder, golden, Count);
        return good;
    }

    private bool Count(string kind, JsonDocument golden, Func<JsonElement, string?> difference)
    {
        if (!golden.RootElement.TryGetProperty(kind, out JsonElement cases))
        {
            return true;
        }

        if (cases.ValueKind != JsonValueKind.Array)
        {
            throw new ModelFolderException(File, kind, $"must be a list of cases, is {cases.ValueKind}");
        }

        int different = 0;
        string? first = null;
        int index = 0;
        foreach (JsonElement item in cases.EnumerateArray())
        {
            try
            {
                if (difference(item) is { } found)
                {
                    different++;
                    first ??= $"case {index}: {found}";
                }
            }
            catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new ModelFolderException(File, $"{kind}[{index}]", "is not in the documented format", e);
            }

            index++;
        }

        output.WriteLine($"{kind}  {index,6}  {different,9}");
        if (first is not null)
        {
            output.WriteLine($"first {kind} difference: {first}");
        }

        return different == 0;
    }

    private static string? Encode(Tokenizer tokenizer, JsonElement item)
    {
        int[] expected = Ids(item);
        string text = TextOf(item.GetProperty("text"));
        List<int> actual = tokenizer.Encode(text, item.GetProperty("add_special_tokens").GetBoolean());
        int equal = expected.AsSpan().CommonPrefixLength(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(actual));
        return equal == expected.Length && equal == actual.Count
            ? null
            : $"{Quoted(text)}: token {equal} is {At(actual, equal)}, the reference has {At(expected, equal)}";
    }

    private static string? Decode(Tokenizer tokenizer, JsonElement item)
    {
        int[] ids = Ids(item);
        bool skip = item.GetProperty("skip_special_tokens").GetBoolean();
        string expected = TextOf(item.GetProperty("text"));
        string whole = tokenizer.Decode(ids, skip);
        if (whole != expected)
        {
            return $"[{string.Join(", ", ids.Take(8))}, …]: {Quoted(whole)}, the reference has {Quoted(expected)}";
        }

        // The stream must say the same, token by token.
        IncrementalDetokenizer stream = new(tokenizer, [], skip);
        string streamed = string.Concat(ids.Select(stream.Append)) + stream.Flush();
        return streamed == expected ? null : $"[{string.Join(", ", ids.Take(8))}, …] streamed: {Quoted(streamed)}, the reference has {Quoted(expected)}";
    }

    /// <summary>A string; null is not one.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    internal static string TextOf(JsonElement value) => value.GetString() ?? throw new FormatException("A text is null.");

    private static int[] Ids(JsonElement item) => [.. item.GetProperty("ids").EnumerateArray().Select(static id => id.GetInt32())];

    private static string At(IReadOnlyList<int> ids, int index) => index < ids.Count ? ids[index].ToString(System.Globalization.CultureInfo.InvariantCulture) : "(end)";

    internal static string Quoted(string text) => JsonSerializer.Serialize(text.Length > 120 ? string.Concat(text.AsSpan(0, 120), "…") : text);
}
