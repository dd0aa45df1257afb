using System.Text;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// Turns a stream of tokens into text as they come, one pass over their bytes: a character appears once its last byte is there, and all
/// pieces together are what <see cref="Tokenizer.Decode"/> gives for all tokens. One stream, one thread at a time.
/// </summary>
public sealed class IncrementalDetokenizer
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _chars = new char[64];

    /// <summary>Begins behind a prompt.</summary>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="prompt">The prompt: when it ends inside a character, the first tokens complete that character.</param>
    /// <param name="skipSpecialTokens">Leave special tokens out.</param>
    public IncrementalDetokenizer(Tokenizer tokenizer, ReadOnlySpan<int> prompt, bool skipSpecialTokens)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
        Span<byte> tail = stackalloc byte[3];
        Feed(tail[..IncompleteTail(prompt, tail)], flush: false);
    }

    /// <summary>Adds a token.</summary>
    /// <returns>The characters that are whole now; often one piece, sometimes none.</returns>
    public string Append(int token) =>
        _skipSpecialTokens && _tokenizer.IsSpecial(token) ? "" : Feed(_tokenizer.TokenBytes(token), flush: false);

    /// <summary>Ends the stream.</summary>
    /// <returns>U+FFFD when the last character is incomplete, else nothing.</returns>
    public string Flush() => Feed([], flush: true);

    private string Feed(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_chars.Length < most)
        {
            _chars = new char[most];
        }

        return new string(_chars, 0, _decoder.GetChars(bytes, _chars, flush));
    }

    // The last bytes of the prompt when they begin a character and do not end it: at most three.
    private int IncompleteTail(ReadOnlySpan<int> prompt, Span<byte> tail)
    {
        Span<byte> last = stackalloc byte[3];
        int count = 0;
        for (int i = prompt.Length - 1; i >= 0 && count < last.Length; i--)
        {
            ReadOnlySpan<byte> bytes = _tokenizer.TokenBytes(prompt[i]);
            for (int j = bytes.Length - 1; j >= 0 && count < last.Length; j--)
            {
                last[last.Length - ++count] = bytes[j];
            }
        }

        ReadOnlySpan<byte> end = last[(last.Length - count)..];
        for (int length = 1; length <= end.Length; length++)
        {
            byte lead = end[^length];
            if ((lead & 0xC0) != 0x80)
            {
                int whole = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
                if (length >= whole)
                {
                    return 0;
                }

                end[^length..].CopyTo(tail);
                return length;
            }
        }

        return 0;
    }
}
