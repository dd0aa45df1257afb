using System.CommandLine;

namespace Dynamo.Cli.Roles;

internal static class CommandExtensions
{
    /// <summary>Adds groups of options to a command.</summary>
    public static void AddAll(this Command command, params ReadOnlySpan<IEnumerable<Option>> groups)
    {
        foreach (IEnumerable<Option> group in groups)
        {
            foreach (Option option in group)
            {
                command.Add(option);
            }
        }
    }
}
