using Dynamo.Cli;
using Dynamo.Cli.Settings;
using Xunit;

namespace Dynamo.UnitTests.Cli.Settings;

public sealed class CompletedLineTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void WithoutEnvironmentAndFile_TheLineStays() => Assert.Equal(["worker", "DIR", "--max-num-seqs", "7"], Of(["worker", "DIR", "--max-num-seqs", "7"]).Words);

    [Fact]
    public void LineWinsOverEnvironment_AndThatOverTheFile()
    {
        Write("""{"max-num-seqs": 1, "block-size": 16, "max-num-batched-tokens": 4096}""");
        Dictionary<string, string> environment = new() { ["DYN_MAX_NUM_SEQS"] = "2", ["DYN_BLOCK_SIZE"] = "64" };

        CompletedLine line = Of(["worker", "DIR", "--max-num-seqs", "3", "--config", _file], environment);

        Assert.Equal(["worker", "DIR", "--max-num-seqs", "3", "--config", _file, "--max-num-batched-tokens=4096", "--block-size=64"], line.Words);
        Assert.Empty(line.Faults);
    }

    [Theory]
    [InlineData("frontend", "--http-port=8001")]
    [InlineData("serve", "--http-port=8002")]
    [InlineData("worker", null)]
    public void Section_IsForItsCommand_AndFlagsOfOthersAreLeftToThem(string command, string? word)
    {
        Write("""{"http-port": 8002, "frontend": {"http_port": 8001}}""");

        Assert.Equal(word is null ? [] : [word], Of([command, "--config", _file]).Words.Skip(3));
    }

    [Fact]
    public void ValuesOfAnyKind_AreTaken_AndNullIsNone()
    {
        Write("""
            {
              // Names that clients use.
              "served-model-name": ["a", "b"],
              "enable-prefix-caching": false,
              "drain-timeout": 2.5,
              "dtype": null,
            }
            """);

        Assert.Equal(
            ["--drain-timeout=2.5", "--enable-prefix-caching=false", "--served-model-name=a", "--served-model-name=b"],
            Of(["worker", "DIR", "--config", _file]).Words.Skip(4).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void DynamoSectionOfAnAppSettingsFile_IsAllThatCounts()
    {
        Write("""{"Logging": {"LogLevel": {"Default": "Warning"}}, "Dynamo": {"block-size": 16}}""");

        CompletedLine line = Of(["worker", "DIR", "--config", _file]);

        Assert.Equal(["--block-size=16"], line.Words.Skip(4));
        Assert.Empty(line.Faults);
    }

    [Fact]
    public void FolderOnTheLine_IsTheModel_WhateverTheFileSays()
    {
        Write("""{"model": "/other"}""");

        Assert.Equal(["worker", "DIR", "--config", _file], Of(["worker", "DIR", "--config", _file]).Words);
        Assert.Equal(["--model=/other"], Of(["worker", "--config", _file]).Words.Skip(3));
    }

    [Fact]
    public void WhatTheFileHasAndNobodyKnows_IsNamedAllAtOnce()
    {
        Write("""{"max-num-seq": 1, "block-size": [[1]], "worker": {"http-port": 1}, "wroker": {}}""");

        Assert.Equal(
            [
                $"--config {_file}: 'block-size' must be a text, a number, true, false, or an array of them.",
                $"--config {_file}: no command has a flag --max-num-seq.",
                $"--config {_file}: 'worker' has no flag --http-port.",
                $"--config {_file}: there is no command 'wroker' for which this could be.",
            ],
            Of(["worker", "DIR", "--config", _file]).Faults);
    }

    [Theory]
    [InlineData("max-num-seqs: 64", "is no JSON")]
    [InlineData("[1]", "an object of flags is expected")]
    public void FileThatIsNone_IsAFault(string text, string fault)
    {
        Write(text);

        Assert.Contains(fault, Assert.Single(Of(["worker", "DIR", "--config", _file]).Faults));
    }

    [Fact]
    public void FileThatIsNotThere_IsAFault() =>
        Assert.StartsWith("--config cannot be read: ", Assert.Single(Of(["worker", "DIR", "--config", _file + ".none"]).Faults));

    [Fact]
    public void Fault_SaysWhereItsFlagWasGiven()
    {
        Write("""{"block-size": 7}""");
        CompletedLine line = Of(["worker", "DIR", "--config", _file], new() { ["DYN_MAX_NUM_SEQS"] = "0" });

        Assert.Equal(
            $"--max-num-seqs must be 1 to 4096, is 0. --block-size must be 8. (--max-num-seqs comes from DYN_MAX_NUM_SEQS; --block-size comes from {_file})",
            line.Explain("--max-num-seqs must be 1 to 4096, is 0. --block-size must be 8."));
        Assert.Equal("--dtype is wrong.", line.Explain("--dtype is wrong."));
    }

    // Several keys stand in one variable; AccessFlags reads it.
    [Fact]
    public void Keys_AreLeftToTheirReader() => Assert.Equal(["frontend"], Of(["frontend"], new() { ["DYN_API_KEY"] = "a,b", ["DYN_ADMIN_KEY"] = "c" }).Words);

    public void Dispose() => File.Delete(_file);

    private static CompletedLine Of(string[] line, Dictionary<string, string>? environment = null) =>
        CompletedLine.Of(Commands.Root(), line, name => environment?.GetValueOrDefault(name));

    private void Write(string text) => File.WriteAllText(_file, text);
}
