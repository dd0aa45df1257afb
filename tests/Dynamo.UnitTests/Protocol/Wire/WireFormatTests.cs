using System.Text.Json;
using System.Text.Json.Serialization;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;
using Xunit;

namespace Dynamo.UnitTests.Protocol.Wire;

public sealed class WireFormatTests
{
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static TheoryData<string> Kinds => [.. Messages.Keys];

    private static Dictionary<string, (byte[] Bytes, Func<byte[], object> Decode)> Messages { get; } = new()
    {
        ["frame"] = (WireFormat.Encode(WireSamples.Frame), b => WireFormat.DecodeStepFrame(b)),
        ["request"] = (WireFormat.Encode(WireSamples.Request), b => WireFormat.DecodeGenerationRequest(b)),
        ["batch"] = (WireFormat.Encode(WireSamples.Batch), b => WireFormat.DecodeEventBatch(b)),
        ["page"] = (WireFormat.Encode(WireSamples.Page), b => WireFormat.DecodeKVBlockPage(b)),
    };

    [Fact]
    public void DecodeStepFrame_Encoded_EveryFieldComesBack() =>
        AssertSame(WireSamples.Frame, WireFormat.DecodeStepFrame(WireFormat.Encode(WireSamples.Frame)));

    [Fact]
    public void DecodeGenerationRequest_Encoded_EveryFieldComesBack() =>
        AssertSame(WireSamples.Request, WireFormat.DecodeGenerationRequest(WireFormat.Encode(WireSamples.Request)));

    [Fact]
    public void DecodeGenerationRequest_OptionalFieldsUnset_StayUnset()
    {
        GenerationRequest request = WireSamples.Request with { Sampling = new SamplingParameters { Seed = 1 }, CacheSalt = "" };

        GenerationRequest decoded = WireFormat.DecodeGenerationRequest(WireFormat.Encode(request));

        Assert.Null(decoded.Sampling.AllowedTokenIds);
        Assert.Null(decoded.Sampling.NumLogprobs);
        Assert.False(decoded.Sampling.IgnoreEos);
    }

    [Fact]
    public void DecodeEventBatch_Encoded_EveryFieldComesBack()
    {
        EventBatch decoded = WireFormat.DecodeEventBatch(WireFormat.Encode(WireSamples.Batch));

        Assert.Equal(WireSamples.Batch with { Events = [], Live = null }, decoded with { Events = [], Live = null });
        Assert.Equal(WireSamples.Batch.Live, decoded.Live);
        Assert.Equal(WireSamples.Batch.Events.Select(static e => e with { Blocks = [] }), decoded.Events.Select(static e => e with { Blocks = [] }));
        Assert.Equal(WireSamples.Batch.Events.SelectMany(static e => e.Blocks), decoded.Events.SelectMany(static e => e.Blocks));
    }

    [Fact]
    public void DecodeEventBatch_LoadOnly_HasNoEvents()
    {
        EventBatch decoded = WireFormat.DecodeEventBatch(WireFormat.Encode(WireSamples.Batch with { Events = [] }));

        Assert.Empty(decoded.Events);
        Assert.Equal(WireSamples.Load, decoded.Load);
    }

    [Fact]
    public void DecodeEventBatch_LoadOfAnother_IsRefused()
    {
        byte[] bytes = WireFormat.Encode(WireSamples.Batch with { Load = WireSamples.Load with { Generation = 8 } });

        Assert.Contains("in generation 8 among events of", Assert.Throws<WireFormatException>(() => WireFormat.DecodeEventBatch(bytes)).Message);
    }

    [Fact]
    public void Encode_EventsWithAGap_IsRefused() =>
        Assert.Throws<ArgumentException>(() => WireFormat.Encode(WireSamples.Batch with { Events = [WireSamples.Batch.Events[0], WireSamples.Batch.Events[2]] }));

    [Fact]
    public void Encode_LargestBatchThatIsPublished_FitsIntoAMessageOfNats()
    {
        BlockKey[] blocks = [.. Enumerable.Repeat(new BlockKey(ulong.MaxValue), KVEvent.MaxBlocks)];
        KVEvent largest = WireSamples.Batch.Events[1] with { Parent = new BlockKey(1), Blocks = blocks };
        EventBatch batch = WireSamples.Batch with { Events = [largest, largest with { Number = 302 }, largest with { Number = 303 }] };

        Assert.InRange(WireFormat.Encode(batch).Length, 8 * EventBatch.MaxBlocks, 1 << 17);
    }

    [Fact]
    public void DecodeKVBlockPage_Encoded_EveryFieldComesBack()
    {
        KVBlockPage decoded = WireFormat.DecodeKVBlockPage(WireFormat.Encode(WireSamples.Page));

        Assert.Equal(WireSamples.Page with { Runs = [] }, decoded with { Runs = [] });
        Assert.Equal(WireSamples.Page.Runs.Select(static run => run.Parent), decoded.Runs.Select(static run => run.Parent));
        Assert.Equal(WireSamples.Page.Runs.Select(static run => run.Blocks), decoded.Runs.Select(static run => run.Blocks));
        Assert.Null(WireFormat.DecodeKVBlockPage(WireFormat.Encode(WireSamples.Page with { Next = null })).Next);
    }

    public static TheoryData<LoadReport> Impossible =>
    [
        WireSamples.Load with { Step = -1 },
        WireSamples.Load with { NumRunning = -1 },
        WireSamples.Load with { NumWaiting = -1 },
        WireSamples.Load with { NumQueuedPrefillTokens = -1 },
        WireSamples.Load with { NumUsedBlocks = int.MinValue },
        WireSamples.Load with { NumCachedBlocks = -1 },
        WireSamples.Load with { NumTotalBlocks = -1 },
        WireSamples.Load with { NumPreemptions = -1 },
        WireSamples.Load with { NumPrefixQueryTokens = -1 },
        WireSamples.Load with { NumPrefixHitTokens = -1 },
        WireSamples.Load with { LastKVEvent = long.MinValue },
        WireSamples.Load with { LastStepPrefillTokens = -1 },
        WireSamples.Load with { LastStepDecodeSequences = -1 },
        WireSamples.Load with { LastStepMicroseconds = -1 },
    ];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void DecodeEventBatch_NegativeCountOfItsLoad_IsRefused(LoadReport load) =>
        Assert.Throws<WireFormatException>(() => WireFormat.DecodeEventBatch(WireFormat.Encode(WireSamples.Batch with { Load = load })));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_CutAtEveryByte_IsRefused(string kind)
    {
        (byte[] bytes, Func<byte[], object> decode) = Messages[kind];
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<WireFormatException>(() => decode(bytes[..length]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_OneByteTooMany_IsRefused(string kind)
    {
        (byte[] bytes, Func<byte[], object> decode) = Messages[kind];

        Assert.Throws<WireFormatException>(() => decode([.. bytes, 0]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_AnyByteChanged_DecodesOrIsRefused(string kind)
    {
        (byte[] bytes, Func<byte[], object> decode) = Messages[kind];
        for (int i = 0; i < bytes.Length; i++)
        {
            foreach (byte value in (byte[])[0x00, 0x7F, 0x80, 0xFF])
            {
                byte[] changed = [.. bytes];
                changed[i] = value;
                Exception? thrown = Record.Exception(() => decode(changed));
                Assert.True(thrown is null or WireFormatException, $"byte {i} = {value}: {thrown}");
            }
        }
    }

    [Theory]
    [InlineData("frame", 1)]
    [InlineData("request", 2)]
    [InlineData("batch", 2)]
    [InlineData("page", 2)]
    public void Decode_AnotherVersion_SaysWhichIsRead(string kind, int version)
    {
        (byte[] bytes, Func<byte[], object> decode) = Messages[kind];
        bytes = [.. bytes];
        Assert.Equal(version, bytes[1]);
        bytes[1] = 9;

        WireFormatException thrown = Assert.Throws<WireFormatException>(() => decode(bytes));

        Assert.Contains($"in version 9; this build reads version {version}", thrown.Message);
    }

    // Blocks were pairs of hashes in version 1: read as keys they would be others.
    [Fact]
    public void DecodeEventBatch_TheVersionBefore_IsRefused()
    {
        byte[] bytes = WireFormat.Encode(WireSamples.Batch);
        bytes[1] = 1;

        Assert.Contains("EventBatch in version 1; this build reads version 2", Assert.Throws<WireFormatException>(() => WireFormat.DecodeEventBatch(bytes)).Message);
    }

    [Fact]
    public void Encode_AnEventMore_Takes8BytesABlock()
    {
        static int Length(int numBlocks) => WireFormat.Encode(WireSamples.Batch with { Events = [WireSamples.Batch.Events[0] with { Blocks = new BlockKey[numBlocks] }] }).Length;

        Assert.Equal(8 * 100, Length(101) - Length(1));
    }

    [Fact]
    public void DecodeEventBatch_MoreBlocksThanTheBytesLeft_IsRefusedBeforeAnythingIsAllocated()
    {
        // Kind, version, worker, generation, first number, one event: removed, no parent, 2^31 blocks.
        byte[] bytes = [5, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 0, 0x80, 0x80, 0x80, 0x80, 0x08, 0, 0, 0];
        long before = GC.GetAllocatedBytesForCurrentThread();

        WireFormatException thrown = Assert.Throws<WireFormatException>(() => WireFormat.DecodeEventBatch(bytes));

        Assert.Contains("a length of 2147483648 with 3 bytes left", thrown.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Decode_AnotherKind_IsRefused() =>
        Assert.Throws<WireFormatException>(() => WireFormat.DecodeStepFrame(WireFormat.Encode(WireSamples.Batch)));

    [Fact]
    public void DecodeStepFrame_CountLargerThanTheBytesLeft_IsRefusedBeforeAnythingIsAllocated()
    {
        // Kind, version, worker, generation, number, then 2^31 deltas in a message of 20 bytes.
        byte[] bytes = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0x80, 0x80, 0x80, 0x80, 0x08, 0, 0, 0];
        long before = GC.GetAllocatedBytesForCurrentThread();

        WireFormatException thrown = Assert.Throws<WireFormatException>(() => WireFormat.DecodeStepFrame(bytes));

        Assert.Contains("a length of 2147483648 with 3 bytes left", thrown.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    private static void AssertSame<T>(T expected, T actual) => Assert.Equal(JsonSerializer.Serialize(expected, Json), JsonSerializer.Serialize(actual, Json));
}
