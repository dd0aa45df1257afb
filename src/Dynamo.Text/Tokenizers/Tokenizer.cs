using System.Buffers;
using System.Text;
using System.Text.Json;
using Dynamo.Protocol.Models;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// A tokenizer as tokenizer.json describes it: byte-level BPE (GPT-2, Llama 3, Qwen, DeepSeek, Mistral-Nemo, GPT-4o). Gives the same ids and
/// texts as the reference library. Thread-safe.
/// </summary>
/// <remarks>
/// Encoding: added tokens that are not normalized are cut out → the rest is normalized → the other added tokens are cut out → what remains
/// is split into pieces → each piece becomes tokens. Decoding: bytes of all tokens, read as UTF-8 with U+FFFD for what is broken.
/// </remarks>
public sealed class Tokenizer
{
    /// <summary>Ids are below this: eight times the largest published vocabulary.</summary>
    public const int MaxVocabularySize = 1 << 21;

    private const long MaxNormalizedLength = 64 << 20;

    private readonly TokenTable _table;
    private readonly AddedTokenSplitter _rawTokens;
    private readonly Normalizer _normalizer;
    private readonly AddedTokenSplitter _normalizedTokens;
    private readonly IPreTokenizer _preTokenizer;
    private readonly BpeModel _model;
    private readonly IReadOnlyList<int> _before;
    private readonly IReadOnlyList<int> _after;

    internal Tokenizer(
        TokenTable table,
        AddedTokenSplitter rawTokens,
        Normalizer normalizer,
        AddedTokenSplitter normalizedTokens,
        IPreTokenizer preTokenizer,
        BpeModel model,
        IReadOnlyList<int> before,
        IReadOnlyList<int> after)
    {
        (_table, _rawTokens, _normalizer, _normalizedTokens) = (table, rawTokens, normalizer, normalizedTokens);
        (_preTokenizer, _model, _before, _after) = (preTokenizer, model, before, after);
    }

    /// <summary>One more than the highest id. A model's logits may be wider.</summary>
    public int VocabularySize => _table.Size;

    /// <summary>Added tokens in the file's order.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => _table.AddedTokens;

    /// <summary>Reads tokenizer.json of a folder.</summary>
    /// <exception cref="ModelFolderException">Missing, damaged, or with a component that is not supported; names it.</exception>
    public static Tokenizer Load(ModelFolder folder)
    {
        using JsonDocument document = folder.ReadJson(TokenizerFile.Name);
        return TokenizerReader.Read(document.RootElement);
    }

    /// <summary>Reads a tokenizer.json that is in memory.</summary>
    /// <exception cref="ModelFolderException">As <see cref="Load"/>.</exception>
    public static Tokenizer Parse(ReadOnlyMemory<byte> tokenizerJson)
    {
        using JsonDocument document = ModelFolder.ParseJson(TokenizerFile.Name, tokenizerJson);
        return TokenizerReader.Read(document.RootElement);
    }

    /// <summary>Encodes a text.</summary>
    /// <param name="text">Any text; half surrogate pairs count as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether the post-processor's tokens (often begin-of-text) go around it.</param>
    /// <returns>Token ids.</returns>
    /// <exception cref="ModelFolderException">A pattern of the tokenizer takes too long on this text, or its normalizer makes too much of it.</exception>
    public List<int> Encode(string text, bool addSpecialTokens)
    {
        List<int> ids = new((text.Length / 3) + 8);
        if (addSpecialTokens)
        {
            ids.AddRange(_before);
        }

        List<TextPart> parts = [];
        List<TextPart> inner = [];
        List<ReadOnlyMemory<char>> pieces = [];
        long numNormalized = 0;
        _rawTokens.Split(WellFormed(text), parts);
        foreach (TextPart part in parts)
        {
            if (part.TokenId is { } id)
            {
                ids.Add(id);
                continue;
            }

            inner.Clear();
            string normalized = _normalizer(part.Text);
            numNormalized += normalized.Length;
            if (numNormalized > MaxNormalizedLength)
            {
                throw TokenizerFile.Fault("normalizer", $"makes more than {MaxNormalizedLength:N0} characters of one text");
            }

            _normalizedTokens.Split(normalized, inner);
            foreach (TextPart run in inner)
            {
                EncodeRun(run, pieces, ids);
            }
        }

        if (addSpecialTokens)
        {
            ids.AddRange(_after);
        }

        return ids;
    }

    /// <summary>Decodes tokens.</summary>
    /// <param name="ids">Token ids; ids without a token are left out.</param>
    /// <param name="skipSpecialTokens">Leave special tokens out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        ArrayBufferWriter<byte> bytes = new(Math.Max(16, ids.Length * 4));
        foreach (int id in ids)
        {
            if (!(skipSpecialTokens && _table.IsSpecial(id)))
            {
                bytes.Write(_table.Bytes(id));
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The bytes that a token adds to the text; empty for an id without a token.</summary>
    public ReadOnlySpan<byte> TokenBytes(int id) => _table.Bytes(id);

    /// <summary>A token as the vocabulary spells it, or <see langword="null"/> for an id without a token.</summary>
    public string? TokenText(int id) => _table.Text(id);

    /// <summary>The id of a token as the vocabulary spells it.</summary>
    public int? TokenToId(string token) => _table.Id(token);

    /// <summary>Whether a token is left out when special tokens are skipped.</summary>
    public bool IsSpecial(int id) => _table.IsSpecial(id);

    private void EncodeRun(TextPart run, List<ReadOnlyMemory<char>> pieces, List<int> ids)
    {
        if (run.TokenId is { } id)
        {
            ids.Add(id);
            return;
        }

        pieces.Clear();
        _preTokenizer.Split(run.Text.AsMemory(), pieces);
        foreach (ReadOnlyMemory<char> piece in pieces)
        {
            _model.Encode(piece.Span, ids);
        }
    }

    private static string WellFormed(string text)
    {
        for (int i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (!(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])))
                {
                    return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
                }

                i++;
            }
        }

        return text;
    }
}
