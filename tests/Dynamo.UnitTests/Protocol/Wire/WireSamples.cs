using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.UnitTests.Protocol.Wire;

/// <summary>One message of each kind with every field set to a value of its own, so that swapped fields show.</summary>
internal static class WireSamples
{
    private static readonly RequestId Id = new(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
    private static readonly WorkerId Worker = new(0xFEDC_BA98_7654_3210);

    public static LoadReport Load { get; } = new()
    {
        Worker = Worker,
        Generation = 7,
        Step = 1_000_000_000_000,
        NumRunning = 3,
        NumWaiting = 4,
        NumQueuedPrefillTokens = 5_000_000_000,
        NumUsedBlocks = 300,
        NumCachedBlocks = 70_000,
        NumTotalBlocks = 1 << 24,
        NumPreemptions = 9,
        NumPrefixQueryTokens = 10,
        NumPrefixHitTokens = 11,
        LastKVEvent = 12,
        LastStepPrefillTokens = 13,
        LastStepDecodeSequences = 14,
        LastStepMicroseconds = 15,
    };

    public static StepFrame Frame { get; } = new()
    {
        Worker = Worker,
        Generation = 7,
        Number = long.MaxValue,
        Deltas =
        [
            new SequenceDelta
            {
                Id = Id,
                Attempt = 2,
                Position = 128,
                TokenIds = [0, 127, 128, 151_935, int.MaxValue],
                Logprobs =
                [
                    new TokenLogprobs(-0.5f, [new TokenLogprob(127, -0.5f), new TokenLogprob(9, float.NegativeInfinity)]),
                    new TokenLogprobs(float.NaN, []),
                ],
                FinishReason = FinishReason.Error,
                NumCachedTokens = 96,
                Error = "naïve ✓",
            },
            new SequenceDelta { Id = new RequestId(Guid.Empty), Attempt = 1, Position = 0, TokenIds = [] },
        ],
        Load = Load,
    };

    public static GenerationRequest Request { get; } = new()
    {
        Id = Id,
        Attempt = 3,
        TokenIds = [5, 600, 70_000],
        NumPromptTokens = 2,
        CacheSalt = "tenant-é",
        Sampling = new SamplingParameters
        {
            Temperature = 0.7f,
            TopP = 0.9f,
            TopK = 40,
            MinP = 0.05f,
            RepetitionPenalty = 1.1f,
            FrequencyPenalty = -0.5f,
            PresencePenalty = 0.25f,
            LogitBias = [new LogitBias(1, -100f), new LogitBias(200, 3.5f)],
            AllowedTokenIds = [1, 200],
            Seed = ulong.MaxValue,
            MaxTokens = 512,
            MinTokens = 4,
            EosTokenIds = [2],
            StopTokenIds = [128_009, 3],
            IgnoreEos = true,
            NumLogprobs = 5,
            BadWords = [[3, 200], [7]],
        },
    };

    public static EventBatch Batch { get; } = new()
    {
        Worker = Worker,
        Generation = 7,
        Events =
        [
            new KVEvent { Number = 300, Kind = KVEventKind.Removed, Blocks = [new BlockKey(5)] },
            new KVEvent
            {
                Number = 301,
                Kind = KVEventKind.Stored,
                Parent = new BlockKey(ulong.MaxValue - 1),
                Blocks = [new BlockKey(1), new BlockKey(3ul << 60)],
            },
            new KVEvent { Number = 302, Kind = KVEventKind.Cleared },
        ],
        Load = Load,
        Live = [new RequestId(new Guid("00112233-4455-6677-8899-aabbccddeeff")), default],
    };

    public static KVBlockPage Page { get; } = new()
    {
        Worker = Worker,
        Generation = 7,
        LastEvent = 77,
        Next = 4096,
        Runs =
        [
            new KVBlockRun(null, [new BlockKey(1), new BlockKey(3)]),
            new KVBlockRun(new BlockKey(ulong.MaxValue - 1), [new BlockKey(3ul << 60)]),
        ],
    };
}
