using System.Text.RegularExpressions;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>
/// Clients that know less of server-sent events than the specification has, as load generators and hand-written clients do: what each of them
/// takes for the data of events.
/// </summary>
internal static class PoorReaders
{
    private const string Field = "data: ";

    // What Python's str.splitlines takes for the end of a line, and with it clients that read a response's text line by line.
    private static readonly Regex AnyLineBreak = new("\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]");

    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, Func<string, IEnumerable<string>>> All { get; } = new Dictionary<string, Func<string, IEnumerable<string>>>
    {
        ["whatever stands between two blank lines"] = static body => body.Split("\n\n").Select(static block => block.Trim()).Where(static block => block.Length > 0).Select(Data),
        ["every line that is not blank"] = static body => body.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0).Select(Data),
        ["every line that is not blank, of any line break"] = static body => AnyLineBreak.Split(body).Where(static line => line.Length > 0).Select(Data),
        ["every second line"] = static body => body.TrimEnd('\n').Split('\n').Where(static (_, number) => number % 2 == 0).Select(Data),
    };

    // Without looking whether the field's name is there: what remains must be JSON.
    private static string Data(string text) => text.StartsWith(Field, StringComparison.Ordinal) ? text[Field.Length..] : text;
}
