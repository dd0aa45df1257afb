using System.Text.Json.Nodes;
using Dynamo.Abstractions.Instances;
using Dynamo.Frontend.Responses;
using Dynamo.Protocol.Frames;
using Dynamo.Serving.Catalog;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>OpenAI's <c>system_fingerprint</c>.</summary>
public sealed class FingerprintTests : FrontendTest
{
    private const string Form = "^dynamo-[0-9.]+-[0-9a-f]{8}$";

    private static readonly ServedModel Model = DemoModel.Served();

    [Fact]
    public void Of_TheSameWorkers_IsTheSame()
    {
        Assert.Matches(Form, Fingerprint.Of(With("cpu-x")));
        Assert.Equal(Fingerprint.Of(With("cpu-x")), Fingerprint.Of(With("cpu-x") with { IsReady = false }));
    }

    [Fact]
    public void Of_WorkersThatRoundOtherwise_IsAnother()
    {
        string[] fingerprints = [Fingerprint.Of(With()), Fingerprint.Of(With("cpu-x")), Fingerprint.Of(With("cpu-y")), Fingerprint.Of(With("cpu-x", "cpu-y"))];

        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
    }

    [Fact]
    public async Task WholeAnswers_HaveIt()
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();
        using HttpResponseMessage chat = await ChatAsync();
        using HttpResponseMessage completion = await CompleteAsync();

        Assert.Equal(DemoModel.Fingerprint, (string?)(await JsonAsync(chat))["system_fingerprint"]);
        Assert.Equal(DemoModel.Fingerprint, (string?)(await JsonAsync(completion))["system_fingerprint"]);
    }

    [Fact]
    public async Task Streams_HaveItInWhatEndsAChoiceOrTheStream()
    {
        Generator.OnStarted = static sequence => sequence.Emit("42", FinishReason.Length);
        await using EventReader events = new(await ChatAsync("\"n\":2,\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        Assert.All(await events.RestAsync(), static chunk => Assert.Equal(IsEnd(chunk) ? DemoModel.Fingerprint : null, (string?)chunk["system_fingerprint"]));
    }

    private static bool IsEnd(JsonNode chunk) => chunk["choices"]!.AsArray() is not [{ } choice] || choice["finish_reason"] is not null;

    private static ServedModel With(params string[] classes) => Model with { NumericsClasses = new NameList(classes) };
}
