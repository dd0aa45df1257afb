using System.IO.Compression;
using System.Text;
using Dynamo.Protocol.KV;
using Dynamo.Simulation.Traces;
using Xunit;

namespace Dynamo.UnitTests.Simulation;

public sealed class TraceReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("traces").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.jsonl.gz")]
    public void Mooncake_PlainOrZipped(string name)
    {
        TraceRequest request = Assert.Single(Read(name, """{"timestamp":27000,"input_length":600,"output_length":50,"hash_ids":[46,47]}""" + "\n"));

        Assert.Equal((27000, 600, 50), (request.ArrivalMilliseconds, request.InputLength, request.OutputLength));
        Assert.Equal([46, 47], request.Blocks);
    }

    [Fact]
    public void Azure_MomentsBecomeMillisecondsFromTheFirst()
    {
        IReadOnlyList<TraceRequest> requests = Read(
            "a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690,396,109");

        Assert.Equal([0, 4314.579], requests.Select(static request => request.ArrivalMilliseconds));
        Assert.Equal((396, 109), (requests[1].InputLength, requests[1].OutputLength));
        Assert.Empty(requests[1].Blocks);
    }

    [Fact]
    public void Azure_OutOfOrder_MillisecondsAreFromTheEarliest()
    {
        IReadOnlyList<TraceRequest> requests = Read("a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.5,374,44\n2023-11-16 18:15:45.5,37,4\n");

        Assert.Equal([(0, 37), (1000, 374)], requests.Select(static request => (request.ArrivalMilliseconds, request.InputLength)));
    }

    [Fact]
    public void RequestsComeInOrderOfTheirMoments_ThoseOfOneMomentAsInTheFile()
    {
        IReadOnlyList<TraceRequest> requests = Read("a.jsonl", Line(20, 1) + Line(10, 2) + Line(20, 3) + "  \n" + Line(0, 4));

        Assert.Equal([4, 2, 1, 3], requests.Select(static request => request.InputLength));

        static string Line(int moment, int length) => $$"""{"timestamp":{{moment}},"input_length":{{length}},"output_length":1,"hash_ids":[1]}""" + "\n";
    }

    [Theory]
    [InlineData("a.jsonl", "{\"timestamp\":0,\"input_length\":9,\"output_length\":0,\"hash_ids\":[7]}\n{\"timestamp\":5,\"input_length\":9,\"output_length\":1,\"hash_ids\":[7]}")]
    [InlineData("a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.5,9,1\n2023-11-16 18:15:47.5,0,4\n")]
    public void RequestsWithNothingToServe_AreLeftOutAndCounted(string name, string content)
    {
        string path = Write(name, content);

        Assert.Single(TraceReader.Read(path, 512, out int numEmpty));
        Assert.Equal(1, numEmpty);
    }

    [Theory]
    [InlineData("a.txt", "", "neither .jsonl")]
    [InlineData("a.jsonl", "", "has no requests")]
    [InlineData("a.jsonl", "{\"timestamp\":0", "line 1 is not a request")]
    [InlineData("a.jsonl", "{\"timestamp\":0,\"input_length\":6.5,\"output_length\":1,\"hash_ids\":[]}", "line 1 is not a request: 'input_length' cannot be read, near byte 33.")]
    [InlineData("a.jsonl", "[]", "line 1 is not a request: it cannot be read, near byte 1.")]
    [InlineData("a.jsonl", "{\"timestamp\":0,\"input_length\":-1,\"output_length\":1,\"hash_ids\":[]}", "line 1 needs")]
    [InlineData("a.jsonl", "{\"timestamp\":1e13,\"input_length\":1,\"output_length\":1,\"hash_ids\":[7]}", "line 1 needs")]
    [InlineData("a.jsonl", "{\"session_id\":\"a\",\"delay\":5,\"input_length\":1,\"output_length\":1,\"hash_ids\":[7]}", "line 1 needs timestamp")]
    [InlineData("a.jsonl", "{\"timestamp\":0,\"input_length\":1,\"output_length\":0,\"hash_ids\":[7]}", "all of its 1 requests lack a prompt or an output")]
    [InlineData("a.jsonl", "{\"timestamp\":0,\"input_length\":600,\"output_length\":1,\"hash_ids\":[1]}", "line 1 has 1 hash_ids; 600 tokens are 2 blocks of 512")]
    [InlineData("a.csv", "A,B,C\n", "its first line is not TIMESTAMP")]
    [InlineData("a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\nx,1,2\n", "line 2 is not a moment")]
    [InlineData("a.jsonl.gz", null, "Trace ")]
    public void Damaged_SaysWhere(string name, string? content, string fault)
    {
        TraceException thrown = Assert.Throws<TraceException>(() => Read(name, content));

        Assert.Contains(fault, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeysOf_SharesWhatTheTraceShares()
    {
        BlockKey[] a = PromptBlocks.KeysOf(new TraceRequest(0, 1000, 1, [7, 8]), 0, 64, 512);
        BlockKey[] b = PromptBlocks.KeysOf(new TraceRequest(0, 1024, 1, [7, 9]), 1, 64, 512);

        Assert.Equal(15, a.Length);
        Assert.Equal(16, b.Length);
        Assert.Equal(a[..8], b[..8]);
        Assert.Empty(a[8..].Intersect(b[8..]));
        Assert.Equal(16, b.Distinct().Count());
    }

    [Fact]
    public void KeysOf_WithoutNamesNothingIsShared()
    {
        TraceRequest request = new(0, 128, 1, []);

        Assert.Empty(PromptBlocks.KeysOf(request, 0, 64, 512).Intersect(PromptBlocks.KeysOf(request, 1, 64, 512)));
    }

    // A zipped file without content is one that is not zipped.
    private IReadOnlyList<TraceRequest> Read(string name, string? content) => TraceReader.Read(Write(name, content), 512);

    private string Write(string name, string? content)
    {
        string path = Path.Combine(_folder, name);
        using (FileStream file = File.Create(path))
        {
            using Stream output = name.EndsWith(".gz", StringComparison.Ordinal) && content is not null ? new GZipStream(file, CompressionLevel.Fastest) : file;
            output.Write(Encoding.UTF8.GetBytes(content ?? "plain text"));
        }

        return path;
    }
}
