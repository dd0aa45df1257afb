using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Dynamo.Cli.Settings;

/// <summary>
/// A command line with what it leaves open: flags that the environment gives (<c>DYN_ROUTER_MODE</c> for <c>--router-mode</c>, as Dynamo), then those of
/// <c>--config</c> files.
/// </summary>
internal sealed partial class CompletedLine
{
    private const string Prefix = "DYN_";
    private const string ModelFlag = "--model";

    // Their readers look at the environment themselves: several keys stand in one variable, and have other names there besides.
    private static readonly string[] OwnReaders = ["--api-key", "--admin-key"];

    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);

    private CompletedLine(string[] words) => Words = words;

    /// <summary>The whole line.</summary>
    public string[] Words { get; private set; }

    /// <summary>What was wrong with the files.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = [];

    /// <summary>Completes a line.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="line">What was typed.</param>
    /// <param name="environment">An environment variable's value, or <see langword="null"/>.</param>
    public static CompletedLine Of(RootCommand root, string[] line, Func<string, string?> environment)
    {
        CompletedLine completed = new(line);
        ParseResult parsed = root.Parse(line);
        Command command = parsed.CommandResult.Command;
        if (command.Options.FirstOrDefault(static option => option.Name == ConfigFile.Flag) is not Option<string[]> config)
        {
            return completed;
        }

        List<string> faults = [];
        ConfigFile[] files = [.. (parsed.GetValue(config) ?? []).Select(path => ConfigFile.Read(path, faults))];
        foreach (ConfigFile file in files)
        {
            CheckNames(root, file, faults);
        }

        // A folder that stands without a flag is the model.
        bool hasModel = parsed.CommandResult.Children.OfType<ArgumentResult>().Any(static words => words.Tokens.Count > 0);
        List<string> more = [];
        foreach (Option option in command.Options.Where(option => option != config && !(hasModel && option.Name == ModelFlag) && parsed.GetResult(option) is null or { Implicit: true }))
        {
            string variable = Prefix + option.Name.TrimStart('-').ToUpperInvariant().Replace('-', '_');
            if (!OwnReaders.Contains(option.Name) && environment(variable) is { Length: > 0 } value)
            {
                Add(option, option.ValueType.IsArray ? value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [value], variable);
            }
            else if (files.LastOrDefault(file => ValuesOf(file, command, option) is not null) is { } file)
            {
                Add(option, ValuesOf(file, command, option)!, file.Path);
            }
        }

        // Before what ends the flags, if anything does.
        int end = Array.IndexOf(line, "--");
        completed.Words = end < 0 ? [.. line, .. more] : [.. line[..end], .. more, .. line[end..]];
        completed.Faults = faults;
        return completed;

        void Add(Option option, string[] values, string source)
        {
            more.AddRange(values.Select(value => $"{option.Name}={value}"));
            completed._sources[option.Name] = source;
        }
    }

    /// <summary>A fault, with where the flags that it names were given, if not on the line.</summary>
    public string Explain(string fault)
    {
        string[] named = [.. Flag().Matches(fault).Select(static match => match.Value).Where(_sources.ContainsKey).Distinct()];
        return named.Length == 0 ? fault : $"{fault} ({string.Join("; ", named.Select(flag => $"{flag} comes from {_sources[flag]}"))})";
    }

    private static string[]? ValuesOf(ConfigFile file, Command command, Option option)
    {
        foreach (string name in (string[])[option.Name, .. option.Aliases])
        {
            if ((file.Sections.TryGetValue(command.Name, out Dictionary<string, string[]>? section) && section.TryGetValue(name, out string[]? values)) || file.Common.TryGetValue(name, out values))
            {
                return values;
            }
        }

        return null;
    }

    private static void CheckNames(RootCommand root, ConfigFile file, List<string> faults)
    {
        HashSet<string> all = [.. root.Subcommands.SelectMany(NamesOf)];
        foreach (string flag in file.Common.Keys.Where(flag => !all.Contains(flag)))
        {
            faults.Add($"{ConfigFile.Flag} {file.Path}: no command has a flag {flag}.");
        }

        foreach ((string name, Dictionary<string, string[]> section) in file.Sections)
        {
            if (root.Subcommands.FirstOrDefault(command => command.Name == name) is not { } command)
            {
                faults.Add($"{ConfigFile.Flag} {file.Path}: there is no command '{name}' for which this could be.");
                continue;
            }

            HashSet<string> own = [.. NamesOf(command)];
            faults.AddRange(section.Keys.Where(flag => !own.Contains(flag)).Select(flag => $"{ConfigFile.Flag} {file.Path}: '{name}' has no flag {flag}."));
        }
    }

    private static IEnumerable<string> NamesOf(Command command) => command.Options.SelectMany(static option => (string[])[option.Name, .. option.Aliases]);

    [GeneratedRegex("--[a-z][a-z0-9-]*")]
    private static partial Regex Flag();
}
