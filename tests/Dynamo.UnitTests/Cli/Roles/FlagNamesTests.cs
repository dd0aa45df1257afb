using Dynamo.Cli;
using Dynamo.Cli.Roles;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Xunit;

namespace Dynamo.UnitTests.Cli.Roles;

public sealed class FlagNamesTests
{
    [Fact]
    public void EveryFaultOfAnEnginesOptions_IsSaidInFlags()
    {
        EngineConfig worst = new()
        {
            Worker = default,
            Generation = 0,
            MaxModelLength = 0,
            MaxNumSequences = 0,
            MaxBatchedTokens = -1,
            BlockSize = 7,
            NumBlocks = 0,
            KVCacheBytes = 0,
        };

        Assert.All(EngineConfigValidator.Faults(worst), static fault => Assert.StartsWith("--", FlagNames.In(fault)));
        Assert.Equal("Lower --max-model-len or give more with --kv-cache-memory.", FlagNames.In("Lower MaxModelLength or give more with KVCacheBytes."));
    }

    [Fact]
    public void Table_NamesOptionsAndFlagsThatThereAre()
    {
        string[] options = [.. typeof(EngineConfig).GetProperties().Concat(typeof(ModelLoadOptions).GetProperties()).Select(static property => property.Name)];
        string[] flags = [.. Commands.Root().Subcommands.Single(static command => command.Name == "worker").Options.Select(static option => option.Name)];

        Assert.Empty(FlagNames.All.Keys.Except(options));
        Assert.Empty(FlagNames.All.Values.Except(flags));
    }
}
