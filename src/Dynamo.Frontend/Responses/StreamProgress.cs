using System.Buffers;
using System.Globalization;
using System.Text;

namespace Dynamo.Frontend.Responses;

/// <summary>
/// How much of each choice has been sent, which is the id of the event that sent the last of it. As text, one part for each choice: nothing
/// while it has not begun, the number of tokens sent, and <c>e</c> behind it once its end was sent: <c>17,5e,</c>. A <c>u</c> at the end says
/// that usage was sent too.
/// </summary>
/// <remarks>Text is a function of tokens alone, so the number of tokens says what the client has, whatever the pieces were cut like.</remarks>
internal sealed class StreamProgress
{
    private const char Separator = ',';
    private const char EndMark = 'e';
    private const char UsageMark = 'u';

    private readonly Part[] _parts;

    /// <summary>Nothing was sent.</summary>
    public StreamProgress(int numChoices) => _parts = new Part[numChoices];

    /// <summary>Whether the chunk with usage was sent.</summary>
    public bool HasUsage { get; set; }

    /// <summary>Whether anything was sent.</summary>
    public bool HasAny => HasUsage || Array.Exists(_parts, static part => part.HasBegun);

    /// <summary>Whether anything of a choice was sent.</summary>
    public bool HasBegun(int choice) => _parts[choice].HasBegun;

    /// <summary>Whether its end was sent.</summary>
    public bool HasEnded(int choice) => _parts[choice].HasEnded;

    /// <summary>Tokens of it that were sent.</summary>
    public int NumTokens(int choice) => _parts[choice].NumTokens;

    /// <summary>Something of a choice goes out.</summary>
    /// <param name="choice">Which.</param>
    /// <param name="numTokens">Its tokens up to there.</param>
    /// <param name="isEnd">Whether this is its end.</param>
    public void Advance(int choice, int numTokens, bool isEnd) => _parts[choice] = new Part(true, numTokens, isEnd);

    /// <summary>Parses an event's id.</summary>
    /// <returns><see langword="null"/> when it is none of a response with so many choices.</returns>
    public static StreamProgress? TryParse(string id, int numChoices)
    {
        bool hasUsage = id.EndsWith(UsageMark);
        string[] texts = id[..^(hasUsage ? 1 : 0)].Split(Separator);
        if (texts.Length != numChoices)
        {
            return null;
        }

        StreamProgress progress = new(numChoices) { HasUsage = hasUsage };
        for (int i = 0; i < texts.Length; i++)
        {
            bool isEnd = texts[i].EndsWith(EndMark);
            if (texts[i].Length == 0)
            {
                continue;
            }

            if (!int.TryParse(texts[i].AsSpan(0, texts[i].Length - (isEnd ? 1 : 0)), NumberStyles.None, CultureInfo.InvariantCulture, out int numTokens))
            {
                return null;
            }

            progress.Advance(i, numTokens, isEnd);
        }

        return progress;
    }

    /// <summary>Writes the id.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        for (int i = 0; i < _parts.Length; i++)
        {
            Span<byte> text = output.GetSpan(16);
            int length = 0;
            if (i > 0)
            {
                text[length++] = (byte)Separator;
            }

            if (_parts[i].HasBegun)
            {
                _parts[i].NumTokens.TryFormat(text[length..], out int digits, default, CultureInfo.InvariantCulture);
                length += digits;
            }

            if (_parts[i].HasEnded)
            {
                text[length++] = (byte)EndMark;
            }

            output.Advance(length);
        }

        if (HasUsage)
        {
            output.Write("u"u8);
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        ArrayBufferWriter<byte> text = new();
        Write(text);
        return Encoding.ASCII.GetString(text.WrittenSpan);
    }

    private readonly record struct Part(bool HasBegun, int NumTokens, bool HasEnded);
}
