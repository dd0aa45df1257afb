using System.Text;
using System.Text.Json;
using Dynamo.Protocol.Models;
using Dynamo.Text.Tokenizers;
using Dynamo.UnitTests.Text.Support;
using Xunit;

namespace Dynamo.UnitTests.Text;

/// <summary>Ids and texts as the reference library gives them, on small trained vocabularies.</summary>
public sealed class TextGoldenTests
{
    public static TheoryData<string> Folders => [.. Goldens.TextFolders()];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Tokenizer_GoldenFolder_AgreesWithTheReference(string path)
    {
        ModelFolder folder = new(path);
        Tokenizer tokenizer = Tokenizer.Load(folder);
        using JsonDocument golden = folder.ReadJson("golden-text.json");
        List<string> differences = [];

        foreach (JsonElement item in golden.RootElement.GetProperty("encode").EnumerateArray())
        {
            string text = item.GetProperty("text").GetString()!;
            if (!tokenizer.Encode(text, item.GetProperty("add_special_tokens").GetBoolean()).SequenceEqual(Ids(item)))
            {
                differences.Add($"encode '{text}'");
            }
        }

        foreach (JsonElement item in golden.RootElement.GetProperty("decode").EnumerateArray())
        {
            int[] ids = Ids(item);
            bool skip = item.GetProperty("skip_special_tokens").GetBoolean();
            string expected = item.GetProperty("text").GetString()!;
            if (tokenizer.Decode(ids, skip) != expected || Streamed(tokenizer, ids, skip) != expected)
            {
                differences.Add($"decode [{string.Join(' ', ids)}]");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static int[] Ids(JsonElement item) => [.. item.GetProperty("ids").EnumerateArray().Select(static id => id.GetInt32())];

    private static string Streamed(Tokenizer tokenizer, int[] ids, bool skip)
    {
        IncrementalDetokenizer stream = new(tokenizer, [], skip);
        StringBuilder text = new();
        foreach (int id in ids)
        {
            text.Append(stream.Append(id));
        }

        return text.Append(stream.Flush()).ToString();
    }
}
