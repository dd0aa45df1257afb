using System.Text;

namespace Dynamo.Text.Tokenizers;

/// <summary>Every token by id: its text, its bytes, whether it is special. Immutable.</summary>
internal sealed class TokenTable
{
    private readonly string?[] _texts;
    private readonly byte[]?[] _bytes;
    private readonly bool[] _isSpecial;
    private readonly Dictionary<string, int> _ids;

    /// <summary>Builds the table; an added token wins over a vocabulary entry of the same id.</summary>
    public TokenTable(Dictionary<string, int> vocabulary, IReadOnlyList<AddedToken> added)
    {
        AddedTokens = added;
        int size = vocabulary.Values.Concat(added.Select(static token => token.Id)).Max() + 1;
        _texts = new string?[size];
        _bytes = new byte[]?[size];
        _isSpecial = new bool[size];
        _ids = new Dictionary<string, int>(vocabulary, StringComparer.Ordinal);
        foreach ((string text, int id) in vocabulary)
        {
            Set(id, text);
        }

        foreach (AddedToken token in added)
        {
            Set(token.Id, token.Content);
            _isSpecial[token.Id] |= token.Special;
            _ids[token.Content] = token.Id;
        }
    }

    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>One more than the highest id; not every id below need have a token.</summary>
    public int Size => _texts.Length;

    public string? Text(int id) => (uint)id < (uint)_texts.Length ? _texts[id] : null;

    /// <summary>Bytes of a token; empty for an id without one.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => (uint)id < (uint)_bytes.Length ? _bytes[id] : default;

    public bool IsSpecial(int id) => (uint)id < (uint)_isSpecial.Length && _isSpecial[id];

    public int? Id(string text) => _ids.TryGetValue(text, out int id) ? id : null;

    // A token with a character outside the byte alphabet stands for its own UTF-8.
    private void Set(int id, string text)
    {
        _texts[id] = text;
        _bytes[id] = ByteLevelAlphabet.Bytes(text) ?? Encoding.UTF8.GetBytes(text);
    }
}
