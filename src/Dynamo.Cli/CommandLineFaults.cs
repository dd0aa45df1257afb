using System.CommandLine;
using System.CommandLine.Parsing;

namespace Dynamo.Cli;

/// <summary>Says what is wrong with a command line: a line for each fault, and not the whole help, in which they would be lost.</summary>
internal static class CommandLineFaults
{
    // A flag that begins alike by so many characters was perhaps meant.
    private const int LeastAlike = 8;

    /// <summary>All faults; none when the line can be run.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] strayFlags = StrayFlags(parsed.CommandResult);
        if (parsed.Errors.Count == 0 && strayFlags.Length == 0)
        {
            return [];
        }

        bool isRoot = command.Subcommands.Count > 0;
        List<string> faults = isRoot && parsed.UnmatchedTokens.Count > 0 ? [] : [.. parsed.Errors.Where(static error => !IsUnmatched(error)).Select(TextOf)];
        bool isValue = false;
        foreach (string token in parsed.UnmatchedTokens)
        {
            bool isFlag = token.StartsWith('-');

            // What follows a flag that is not known is its value.
            if (!isValue || isFlag)
            {
                faults.Add(isFlag ? $"there is no flag {token}{Meant(command, token)}"
                    : isRoot ? $"there is no command '{token}'; commands are {string.Join(", ", command.Subcommands.Select(static known => known.Name))}."
                    : $"'{token}' is neither a flag nor the value of one.");
            }

            isValue = isFlag;
        }

        faults.AddRange(strayFlags.Select(flag => $"there is no flag {flag}{Meant(command, flag)}"));
        return faults;
    }

    // Where words may stand without a flag, the parser takes a flag that it does not know for one of them.
    private static string[] StrayFlags(CommandResult result) =>
        [.. result.Children.OfType<ArgumentResult>().SelectMany(static argument => argument.Tokens).Select(static token => token.Value)
            .Where(static word => word.StartsWith("--", StringComparison.Ordinal))];

    private static bool IsUnmatched(ParseError error) => error.Message.StartsWith("Unrecognized command or argument", StringComparison.Ordinal);

    private static string TextOf(ParseError error) => error.SymbolResult is OptionResult { Tokens: [{ Value: string value }], Option: { } option } && Kind(option.ValueType) is { } kind
        ? $"{option.Name} must be {kind}, is '{value}'."
        : error.Message;

    private static string? Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { } integer when integer == typeof(int) => $"an integer of at most {int.MaxValue}",
        { } integer when integer == typeof(long) => "an integer",
        { } real when real == typeof(double) => "a number",
        { } flag when flag == typeof(bool) => "true or false",
        _ => null,
    };

    private static string Meant(Command command, string token)
    {
        string? closest = command.Options.Select(static option => option.Name).MaxBy(name => Alike(name, token));
        return closest is not null && Alike(closest, token) >= LeastAlike ? $"; did you mean {closest}?" : ".";
    }

    private static int Alike(string a, string b) => a.AsSpan().CommonPrefixLength(b);
}
