namespace Dynamo.Text.Templates.Jinja;

/// <summary>A part of a text, as <c>str.find(sub, start, end)</c> and its like see it. Places are code points of the whole text.</summary>
internal readonly struct TextSearch
{
    private readonly string _text;
    private readonly int _start;
    private readonly int _end;
    private readonly bool _isEmptyBeyondEnd;

    private TextSearch(string text, int start, int end, bool isEmptyBeyondEnd)
    {
        (_text, _start, _end, _isEmptyBeyondEnd) = (text, start, Math.Max(start, end), isEmptyBeyondEnd);
    }

    /// <summary>All of a text.</summary>
    public static TextSearch Whole(string text) => new(text, 0, text.Length, isEmptyBeyondEnd: false);

    /// <summary>The part between the second and third argument; negative ones count from the end.</summary>
    public static TextSearch Window(string text, Arguments arguments)
    {
        if (arguments.Positional.Count < 2)
        {
            return Whole(text);
        }

        long count = CodePoints.Count(text);
        long start = Place(arguments.OptionalInteger(1, "start") ?? 0, count);
        long end = Math.Min(count, Place(arguments.OptionalInteger(2, "end") ?? count, count));
        return new TextSearch(text, CodePoints.Offset(text, start), CodePoints.Offset(text, end), start > end);
    }

    /// <summary>Place of the first match; -1 without one.</summary>
    public long First(string part) => _isEmptyBeyondEnd ? -1 : Index(_text.AsSpan(_start, _end - _start).IndexOf(part, StringComparison.Ordinal));

    /// <summary>Place of the last match; -1 without one.</summary>
    public long Last(string part) => _isEmptyBeyondEnd ? -1 : Index(part.Length == 0 ? _end - _start : _text.AsSpan(_start, _end - _start).LastIndexOf(part, StringComparison.Ordinal));

    /// <summary>Matches that do not overlap. Nothing is found before every character and at the end.</summary>
    public long Count(string part)
    {
        if (_isEmptyBeyondEnd)
        {
            return 0;
        }

        ReadOnlySpan<char> window = _text.AsSpan(_start, _end - _start);
        return part.Length == 0 ? CodePoints.Count(window) + 1L : window.Count(part);
    }

    public bool StartsWith(string part) => !_isEmptyBeyondEnd && _text.AsSpan(_start, _end - _start).StartsWith(part, StringComparison.Ordinal);

    public bool EndsWith(string part) => !_isEmptyBeyondEnd && _text.AsSpan(_start, _end - _start).EndsWith(part, StringComparison.Ordinal);

    private static long Place(long index, long count) => index < 0 ? Math.Max(0, index + count) : index;

    private long Index(int at) => at < 0 ? -1 : CodePoints.Count(_text.AsSpan(0, _start + at));
}
