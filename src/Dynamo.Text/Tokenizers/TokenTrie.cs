namespace Dynamo.Text.Tokenizers;

/// <summary>Texts of added tokens, letter by letter: the longest that begins at a place is found in one walk. Immutable.</summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<(int Node, char Letter), int> _next = [];
    private readonly List<int> _tokenAt = [-1];

    /// <summary>Adds a text, the token being its number; of two equal texts the first counts.</summary>
    public void Add(string text, int token)
    {
        int node = 0;
        foreach (char letter in text)
        {
            if (!_next.TryGetValue((node, letter), out int next))
            {
                next = _tokenAt.Count;
                _tokenAt.Add(-1);
                _next[(node, letter)] = next;
            }

            node = next;
        }

        _tokenAt[node] = _tokenAt[node] < 0 ? token : _tokenAt[node];
    }

    /// <summary>The longest text that a text begins with, and its token; -1 for none.</summary>
    public int Longest(ReadOnlySpan<char> text, out int length)
    {
        int found = -1;
        length = 0;
        int node = 0;
        for (int i = 0; i < text.Length && _next.TryGetValue((node, text[i]), out node); i++)
        {
            if (_tokenAt[node] >= 0)
            {
                (found, length) = (_tokenAt[node], i + 1);
            }
        }

        return found;
    }
}
