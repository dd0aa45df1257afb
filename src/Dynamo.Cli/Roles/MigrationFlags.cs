using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Serving.Migration;

namespace Dynamo.Cli.Roles;

/// <summary>How a frontend moves running requests between workers.</summary>
internal sealed class MigrationFlags
{
    private readonly Option<int> _limit = new("--migration-limit")
    {
        Description = "Most times that a running request moves to another worker when its own is lost, stalls or drains; 0 for never.",
        DefaultValueFactory = _ => new MigrationOptions().Limit,
    };

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [_limit];

    /// <summary>Reads and checks what was given.</summary>
    /// <exception cref="CommandFault">It is negative.</exception>
    public MigrationOptions Read(ParseResult parsed)
    {
        int limit = parsed.GetValue(_limit);
        return limit >= 0 ? new MigrationOptions { Limit = limit } : throw new CommandFault($"--migration-limit must be at least 0, is {limit}.");
    }
}
