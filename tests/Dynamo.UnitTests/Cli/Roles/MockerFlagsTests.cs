using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Cli.Roles;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Cli.Roles;

public sealed class MockerFlagsTests
{
    [Theory]
    [InlineData("", 4096)]
    [InlineData("--max-model-len 512", 4096)]
    [InlineData("--max-model-len 131072", 131072)]
    public void ReadModel_SequencesMayBeLongerThanTheModelsOwn(string flags, int maxPositions)
    {
        (MockerFlags sut, ParseResult parsed) = Parse(flags);

        Assert.Equal(maxPositions, sut.ReadModel(parsed).MaxPositions);
    }

    [Fact]
    public void ReadWorker_SequencesBeyondAllMeasure_AreRefused()
    {
        (MockerFlags sut, ParseResult parsed) = Parse("--max-model-len 16777217");

        Assert.Contains("--max-model-len must be at most 16777216, is 16777217.", Assert.Throws<CommandFault>(() => sut.ReadWorker(parsed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadWorker_SeveralNames_TheFirstIsTheModels()
    {
        (MockerFlags sut, ParseResult parsed) = Parse("--model-name a b --max-num-batched-tokens 8K --served-model-name c");

        Assert.Equal(("a", 8192), (sut.ReadWorker(parsed).Model, sut.ReadWorker(parsed).MaxBatchedTokens));
        Assert.Equal(["b", "c"], sut.ReadWorker(parsed).Aliases);
    }

    private static (MockerFlags Flags, ParseResult Parsed) Parse(string flags)
    {
        MockerFlags sut = new();
        Command command = new("mocker");
        foreach (Option option in sut.All)
        {
            command.Add(option);
        }

        return (sut, command.Parse(["--model-path", DemoModel.Folder, .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));
    }
}
