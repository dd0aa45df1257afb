using System.CommandLine;
using Dynamo.Cli;
using Dynamo.Cli.Simulate;
using Xunit;

namespace Dynamo.UnitTests.Cli;

public sealed class CommandLineFaultsTests
{
    [Theory]
    [InlineData("simulate a.csv --workers 2 --router-hold true")]
    [InlineData("simulate --help")]
    public void LineThatCanBeRun_HasNone(string line) => Assert.Empty(Faults(line));

    [Theory]
    [InlineData("simulate a.csv --workers many", "--workers must be an integer of at most 2147483647, is 'many'.")]
    [InlineData("simulate a.csv --seed 99999999999", "--seed must be an integer of at most 2147483647, is '99999999999'.")]
    [InlineData("simulate a.csv --speed fast", "--speed must be a number, is 'fast'.")]
    [InlineData("simulate a.csv --router-hold maybe", "'maybe' is neither a flag nor the value of one.")]
    [InlineData("simulate a.csv --speed", "Required argument missing for option: '--speed'.")]
    [InlineData("simulate a.csv --router-kv-overlap-score-weight 2", "there is no flag --router-kv-overlap-score-weight; did you mean --router-kv-overlap-score-credit?")]
    [InlineData("simulate a.csv --bogus", "there is no flag --bogus.")]
    [InlineData("simulate a.csv b.csv", "'b.csv' is neither a flag nor the value of one.")]
    [InlineData("simulat", "there is no command 'simulat'; commands are simulate.")]
    public void Fault_IsOneLineThatNamesItsFlag(string line, string fault) => Assert.Contains(fault, Faults(line));

    [Fact]
    public void UnknownCommand_IsTheOnlyFault() => Assert.Single(Faults("simulat"));

    [Fact]
    public void Faults_AreAllTold() => Assert.Equal(2, Faults("simulate a.csv --workers many --speed fast").Count);

    private static IReadOnlyList<string> Faults(string line)
    {
        Command simulate = new("simulate");
        new SimulateFlags().AddTo(simulate);
        return CommandLineFaults.Of(new RootCommand { simulate }.Parse(line.Split(' ')));
    }
}
