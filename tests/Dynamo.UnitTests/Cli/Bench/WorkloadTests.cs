using System.Text.Json.Nodes;
using Dynamo.Cli.Bench;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class WorkloadTests
{
    private readonly TokenSource _tokens = new(seed: 1, low: 10, high: 19);

    [Fact]
    public void Tokens_AreOfTheRangeAndAllOfIt() => Assert.Equal(Enumerable.Range(10, 10), Run(TokenSource.Kind.Own, 0, 200).Distinct().Order());

    [Fact]
    public void Runs_DependOnKindNumberAndSeed()
    {
        int[] run = Run(TokenSource.Kind.Own, 3, 16);

        Assert.Equal(run, Run(TokenSource.Kind.Own, 3, 16));
        Assert.NotEqual(run, Run(TokenSource.Kind.Own, 4, 16));
        Assert.NotEqual(run, Run(TokenSource.Kind.Head, 3, 16));
        int[] other = new int[16];
        new TokenSource(seed: 2, low: 10, high: 19).Fill(other, TokenSource.Kind.Own, 3);
        Assert.NotEqual(run, other);
    }

    [Fact]
    public void ShorterRun_IsTheBeginOfTheLonger() => Assert.Equal(Run(TokenSource.Kind.Block, 5, 16)[..7], Run(TokenSource.Kind.Block, 5, 7));

    [Fact]
    public void PrefixGroups_ShareTheirHeadsAndNothingElse()
    {
        MadeUpWorkload workload = new(
            new BenchOptions { Servers = [], NumInputTokens = 48, NumOutputTokens = 2, NumPrefixGroups = 3, NumPrefixTokens = 32 }, _tokens);
        int[][] prompts = [.. Enumerable.Range(0, 60).Select(index => Prompt(workload, index))];
        int[] sizes = [.. prompts.GroupBy(static prompt => string.Join(' ', prompt[..32])).Select(static group => group.Count())];

        Assert.Equal(3, sizes.Length);
        Assert.All(sizes, static size => Assert.InRange(size, 10, 30));
        Assert.Equal(60, prompts.Select(static prompt => string.Join(' ', prompt[32..])).Distinct().Count());
    }

    [Fact]
    public void Trace_EqualBlocksAreEqualTokens()
    {
        TraceWorkload workload = new([new(0, 24, 1, [7, 8, 9]), new(1, 20, 5, [7, 8, 11]), new(2, 17, 1, [7, 6, 9])], blockSize: 8, _tokens);
        int[] first = Prompt(workload, 0);
        int[] second = Prompt(workload, 1);
        int[] third = Prompt(workload, 2);

        Assert.Equal((20, 5), workload.LengthsOf(1));
        Assert.Equal(first[..16], second[..16]);
        Assert.NotEqual(first[16..20], second[16..20]);
        Assert.Equal(first[..8], third[..8]);
        Assert.NotEqual(first[8..16], third[8..16]);
        Assert.Equal(first[16], third[16]);
    }

    [Fact]
    public void WarmUp_HasTheLengthsAndOtherPrompts()
    {
        TraceWorkload measured = new([new(0, 8, 1, [7]), new(1, 16, 5, [7, 8])], blockSize: 8, _tokens);
        WarmUpWorkload workload = new(measured, _tokens);

        Assert.Equal((16, 5), workload.LengthsOf(3));
        Assert.NotEqual(Prompt(measured, 0), Prompt(workload, 0));
        Assert.NotEqual(Prompt(workload, 0), Prompt(workload, 2));
    }

    [Fact]
    public void Prepare_Completion_HasThePromptAsIds()
    {
        TraceWorkload workload = new([new(0, 3, 5, [7])], blockSize: 8, _tokens);
        JsonNode body = Body(workload, BenchApi.Completions);

        Assert.Equal(Prompt(workload, 0), body["prompt"]!.AsArray().Select(static token => (int)token!));
        Assert.Equal(("m", 5, true, true), ((string)body["model"]!, (int)body["max_tokens"]!, (bool)body["ignore_eos"]!, (bool)body["stream"]!));
        Assert.True((bool)body["stream_options"]!["include_usage"]!);
    }

    [Fact]
    public void Prepare_Chat_HasAWordForEachToken()
    {
        TraceWorkload workload = new([new(0, 20, 5, [7, 8, 9])], blockSize: 8, _tokens);
        JsonNode body = Body(workload, BenchApi.Chat);

        Assert.Equal(20, ((string)body["messages"]![0]!["content"]!).Split(' ').Length);
        Assert.Null(body["prompt"]);
    }

    private static JsonNode Body(TraceWorkload workload, BenchApi api) => JsonNode.Parse(new RequestPreparer(workload, "m", api).Prepare(0).Body.Span)!;

    private static int[] Prompt(IWorkload workload, int index)
    {
        int[] prompt = new int[workload.LengthsOf(index).NumInputTokens];
        workload.WritePrompt(index, prompt);
        return prompt;
    }

    private int[] Run(TokenSource.Kind kind, long number, int length)
    {
        int[] run = new int[length];
        _tokens.Fill(run, kind, number);
        return run;
    }
}
