using System.Text;
using System.Text.Json;
using Dynamo.Cli.Bench;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class ChunkReaderTests
{
    [Theory]
    [InlineData("""{"choices":[{"index":0,"text":"a","finish_reason":null}]}""", true, false)]
    [InlineData("""{"choices":[{"index":0,"text":"","finish_reason":"length"}],"usage":null}""", false, true)]
    [InlineData("""{"choices":[{"delta":{"role":"assistant","content":""},"logprobs":null}]}""", false, false)]
    [InlineData("""{"choices":[{"delta":{"content":"a","tool_calls":[{"x":[1]}]}}]}""", true, false)]
    [InlineData("""{"choices":[{"delta":{"reasoning_content":"hm"}}]}""", true, false)]
    [InlineData("""{"choices":[1,{"delta":null,"text":{"a":"b"},"finish_reason":["x"]}],"nvext":7,"usage":"no"}""", false, false)]
    [InlineData("{}", false, false)]
    public void TextAndEnd_AreSeenInEitherApi(string json, bool hasText, bool isEnd)
    {
        Chunk chunk = Read(json);

        Assert.Equal((hasText, isEnd), (chunk.HasText, chunk.IsEnd));
        Assert.Null(chunk.Error);
    }

    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"audio":0,"cached_tokens":8}}}""", 8)]
    [InlineData("""{"usage":{"prompt_tokens_details":null,"prompt_tokens":9,"completion_tokens":4}}""", null)]
    [InlineData("""{"usage":{"prompt_tokens":9,"completion_tokens":4}}""", null)]
    public void Usage_IsRead(string json, int? numCached) => Assert.Equal(new TokenUsage(9, 4, numCached), Read(json).Usage);

    [Theory]
    [InlineData("""{"nvext":{"timing":{"x":1},"worker_id":{"prefill_worker_id":1,"decode_worker_id":2},"overlap":{"predicted_tokens":5,"cached_tokens":4}}}""", "2", 5)]
    [InlineData("""{"nvext":{"worker_id":{"prefill_worker_id":"w-1"}}}""", "w-1", null)]
    [InlineData("""{"nvext":{"worker_id":12345678901234567890}}""", "12345678901234567890", null)]
    [InlineData("""{"nvext":{"worker_id":null,"overlap":{"predicted_tokens":"many"}}}""", null, null)]
    [InlineData("""{"nvext":{"worker_id":[1]}}""", null, null)]
    public void Worker_IsReadInAnyForm(string json, string? worker, int? overlap)
    {
        Chunk chunk = Read(json);

        Assert.Equal((worker, overlap), (chunk.Worker, chunk.NumOverlapTokens));
    }

    [Theory]
    [InlineData("""{"error":{"message":"gone","code":null}}""", "gone")]
    [InlineData("""{"error":"gone"}""", "gone")]
    [InlineData("""{"error":null}""", null)]
    public void Error_IsRead(string json, string? error) => Assert.Equal(error, Read(json).Error);

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"choices\":[")]
    [InlineData("")]
    public void WhatIsNoObject_IsRefused(string json) => Assert.ThrowsAny<JsonException>(() => Read(json));

    [Fact]
    public void ChunkWithText_AllocatesNothing()
    {
        byte[] data = Encoding.UTF8.GetBytes("""{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":null}]}""");
        ChunkReader.Read(data);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            ChunkReader.Read(data);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Chunk Read(string json) => ChunkReader.Read(Encoding.UTF8.GetBytes(json));
}
