using System.CommandLine;
using System.Net;
using Dynamo.Cli;
using Dynamo.Cli.Input;
using Dynamo.Cli.Roles;
using Dynamo.Frontend.Configuration;
using Dynamo.UnitTests.Frontend.Support;
using Dynamo.Worker.Engines;
using Xunit;

namespace Dynamo.UnitTests.Cli.Roles;

/// <summary>vLLM's ways to say what is served.</summary>
public sealed class EngineFlagsTests
{
    [Theory]
    [InlineData("--model DEMO", "demo", "")]
    [InlineData("DEMO", "demo", "")]
    [InlineData("DEMO --served-model-name a", "a", "")]
    [InlineData("--model DEMO --served-model-name a b c", "a", "b c")]
    [InlineData("--model DEMO --served-model-name a b --block-size 16 --served-model-name c", "a", "b c")]
    [InlineData("DEMO --served-model-name a b a", "a", "b")]
    [InlineData("DEMO a b", "a", "b")]
    [InlineData("--model DEMO --served-model-name a --block-size 16 b", "a", "b")]
    public void Read_ModelAndItsNames(string line, string name, string aliases)
    {
        WorkerOptions options = Read(line);

        Assert.Equal(DemoModel.Folder, options.Load.ModelPath);
        Assert.Equal((name, aliases), (options.Model, string.Join(' ', options.Aliases)));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("--max-model-len auto", null)]
    [InlineData("--max-model-len -1", null)]
    [InlineData("--max-model-len 4096", 4096)]
    [InlineData("--max-model-len 4k", 4000)]
    [InlineData("--max-model-len 1.5k", 1500)]
    [InlineData("--max-model-len 4K", 4096)]
    public void Read_MaxModelLength_AsVllmTakesIt(string flags, int? expected) => Assert.Equal(expected, Read("DEMO " + flags).MaxModelLength);

    [Theory]
    [InlineData("--max-model-len 4q", "--max-model-len must be an integer of at most 2147483647, or a number with k (thousands) or K (times 1,024), is '4q'.")]
    [InlineData("--max-model-len 1.5K", "is '1.5K'.")]
    [InlineData("--max-model-len 9G", "is '9G'.")]
    [InlineData("--max-num-batched-tokens auto", "--max-num-batched-tokens must be an integer")]
    public void Read_NoNumberOfTokens_SaysWhatIsOne(string flags, string expected) =>
        Assert.Contains(expected, Assert.Throws<CommandFault>(() => Read("DEMO " + flags)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("DEMO --max-modl-len 5", "there is no flag --max-modl-len; did you mean --max-model-len?")]
    [InlineData("--model DEMO --wrong", "there is no flag --wrong.")]
    public void Parse_FlagThatThereIsNot_IsNoName(string line, string expected) => Assert.Equal([expected], CommandLineFaults.Of(Parse(line).Parsed));

    [Theory]
    [InlineData("half", "bfloat16")]
    [InlineData("float16", "bfloat16")]
    [InlineData("float", "float32")]
    [InlineData("float32", "float32")]
    [InlineData("auto", "auto")]
    public void Read_DType_VllmsNames(string given, string expected) => Assert.Equal(expected, Read($"DEMO --dtype {given}").Load.DType);

    [Theory]
    [InlineData("", "a model folder is missing")]
    [InlineData("--model /no/such", "--model /no/such: there is no such folder")]
    [InlineData("/no/such", "--model /no/such: there is no such folder")]
    [InlineData("DEMO --chat-template /no/such.jinja", "--chat-template /no/such.jinja: there is no such file.")]
    [InlineData("DEMO --chat-template {%if%}", "--chat-template: ")]
    public void Read_WhatCannotBe_IsSaid(string line, string expected) =>
        Assert.Contains(expected, Assert.Throws<CommandFault>(() => Read(line)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_ChatTemplate_IsAFileOrTheTemplateItself()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "{{ messages[0].content }}");

            Assert.Equal("{{ messages[0].content }}", Read($"DEMO --chat-template {path}").ChatTemplate);
            Assert.Equal("{{1}}\n", Read("DEMO --chat-template {{1}}\\n").ChatTemplate);
            Assert.Null(Read("DEMO").ChatTemplate);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("--http-host 127.0.0.2 --http-port 81")]
    [InlineData("--host 127.0.0.2 --port 81")]
    public void Http_HasVllmsNamesToo(string flags)
    {
        HttpFlags sut = new();
        Command command = new("serve");
        command.AddAll(sut.All);

        Assert.Equal(IPEndPoint.Parse("127.0.0.2:81"), sut.Read(command.Parse(flags.Split(' '))));
    }

    [Fact]
    public void Requests_SeedAndMaxLogprobs_ReachTheFrontend()
    {
        RequestFlags sut = new();
        Command command = new("serve");
        command.AddAll(sut.All);

        FrontendOptions options = sut.Apply(command.Parse(["--seed", "-7", "--max-logprobs", "5"]), new FrontendOptions());

        Assert.Equal((-7L, 5), (options.Seed, options.MaxLogprobs));
        Assert.Throws<CommandFault>(() => sut.Apply(command.Parse(["--max-logprobs", "21"]), new FrontendOptions()));
    }

    private static WorkerOptions Read(string line)
    {
        (EngineFlags sut, ParseResult parsed) = Parse(line);
        return sut.Read(parsed);
    }

    private static (EngineFlags Flags, ParseResult Parsed) Parse(string line)
    {
        EngineFlags sut = new();
        Command command = new("serve") { sut.Words };
        command.AddAll(sut.All);
        return (sut, command.Parse([.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word => word == "DEMO" ? DemoModel.Folder : word)]));
    }
}
