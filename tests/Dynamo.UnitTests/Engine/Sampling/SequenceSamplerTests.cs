using Dynamo.Engine.Sampling;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Xunit;
using static Dynamo.UnitTests.Engine.Sampling.OneSample;

namespace Dynamo.UnitTests.Engine.Sampling;

/// <summary>What is chosen, when nothing is, and what it depends on.</summary>
public sealed class SequenceSamplerTests
{
    private const float Masked = float.NegativeInfinity;
    [Fact]
    public void Sample_GreedyTie_TakesTheLowestId() => Assert.Equal(1, Sample(Greedy, [0, 5, 5, 1]).Token);

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-45f)] // Its inverse is infinite.
    [InlineData(1e-30f)]
    [InlineData(9e-6f)]
    [InlineData(1e-5f)] // The first that divides; the second best is e^-10000 as likely.
    public void Sample_TinyTemperature_TakesTheBest(float temperature)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            Assert.Equal(2, Sample(Greedy with { Temperature = temperature, Seed = seed }, [1, 4.9f, 5, -3]).Token);
        }
    }

    [Fact]
    public void Sample_NothingLeft_IsNull() =>
        Assert.Null(Sample(Greedy with { AllowedTokenIds = [0], EosTokenIds = [0], MinTokens = 1 }, [9, 8]).Token);

    [Theory]
    [InlineData(float.NaN, 0f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(float.PositiveInfinity, 0f)]
    [InlineData(float.PositiveInfinity, 1f)]
    public void Sample_NotANumberOrInfinityAnywhere_IsNull(float bad, float temperature)
    {
        for (int at = 0; at < 50; at++)
        {
            float[] logits = new float[50];
            logits[at] = bad;

            Assert.Null(Sample(Greedy with { Temperature = temperature, AllowedTokenIds = [(at + 1) % 50] }, logits).Token);
        }
    }

    [Fact]
    public void Sample_NegativeInfinity_IsNeverDrawn()
    {
        float[] logits = new float[40];
        logits.AsSpan().Fill(Masked);
        Assert.Null(Sample(Greedy with { Temperature = 2 }, [.. logits]).Token);

        logits[33] = -1e30f;
        for (ulong seed = 0; seed < 50; seed++)
        {
            Assert.Equal(33, Sample(Greedy with { Temperature = 2, Seed = seed }, [.. logits]).Token);
        }
    }

    [Fact]
    public void Sample_ExtremeLogits_AreNoTrouble()
    {
        Assert.Equal(1, Sample(Greedy with { Temperature = 1e-5f }, [float.MinValue, float.MaxValue]).Token);
        Assert.Equal(0, Sample(Greedy with { Temperature = 1 }, [1e-45f, float.MinValue]).Token);
    }

    [Fact]
    public void Sample_SameSeedAndPosition_SameTokenWhateverCameBefore()
    {
        SamplingParameters parameters = Greedy with { Temperature = 1, Seed = 7 };
        float[] logits = [.. Enumerable.Range(0, 50).Select(static i => i * 0.01f)];

        Assert.Equal(Sample(parameters, [.. logits], [1], [2, 3]).Token, Sample(parameters, [.. logits], [4, 5, 6], [7, 8]).Token);
        int distinct = Enumerable.Range(0, 20).Select(n => Sample(parameters, [.. logits], [1], new int[n]).Token).Distinct().Count();
        Assert.InRange(distinct, 5, 20);
    }

    [Fact]
    public void Sample_RebuiltFromTokens_GoesOnAsTheOneThatWasThereAllAlong()
    {
        SamplingParameters parameters = Greedy with
        {
            Temperature = 1.2f,
            TopP = 0.95f,
            RepetitionPenalty = 1.3f,
            FrequencyPenalty = 0.7f,
            PresencePenalty = 0.4f,
            MinTokens = 10,
            EosTokenIds = [3],
            Seed = 11,
        };
        int[] prompt = [1, 2, 3];
        SamplingScratch scratch = new(20);
        SequenceSampler whole = new(parameters, prompt, prompt.Length);
        List<int> tokens = [.. prompt];
        for (int i = 0; i < 40; i++)
        {
            Random random = new(i);
            float[] logits = [.. Enumerable.Range(0, 20).Select(_ => random.NextSingle() * 4)];
            int? rebuilt = new SequenceSampler(parameters, tokens.ToArray(), prompt.Length).Sample([.. logits], scratch, out _);

            int token = whole.Sample(logits, scratch, out _)!.Value;
            whole.OnAppended(token);
            tokens.Add(token);

            Assert.Equal(token, rebuilt);
        }
    }

    [Fact]
    public void Sample_LogprobsAsked_AreOfTheUntouchedLogits()
    {
        SamplingParameters parameters = Greedy with
        {
            NumLogprobs = 2,
            Temperature = 0.1f,
            RepetitionPenalty = 2,
            PresencePenalty = 1,
            LogitBias = [new LogitBias(3, 100)],
        };
        float[] logits = [1, 3, 2, 0];
        double logSum = Math.Log(Math.Exp(1) + Math.Exp(3) + Math.Exp(2) + Math.Exp(0));

        int? token = new SequenceSampler(parameters, [1, 1, 2], 2).Sample(logits, new SamplingScratch(4), out TokenLogprobs? logprobs);

        Assert.Equal(3, token);
        Assert.Equal(0 - logSum, logprobs!.Value.Chosen, 1e-6);
        Assert.Equal([1, 2], logprobs.Value.Top.Select(static t => t.TokenId));
        Assert.Equal(3 - logSum, logprobs.Value.Top[0].Logprob, 1e-6);
    }

    [Fact]
    public void Sample_NoLogprobsAsked_AllocatesNothing()
    {
        SamplingParameters parameters = Greedy with
        {
            Temperature = 0.8f,
            TopK = 40,
            TopP = 0.9f,
            MinP = 0.01f,
            RepetitionPenalty = 1.1f,
            FrequencyPenalty = 0.5f,
            LogitBias = [new LogitBias(1, 1)],
            MinTokens = 5,
            EosTokenIds = [2],
            AllowedTokenIds = [.. Enumerable.Range(0, 900)],
        };
        SequenceSampler sampler = new(parameters, [1, 2, 3, 4], 2);
        SamplingScratch scratch = new(1000);
        float[] logits = [.. Enumerable.Range(0, 1000).Select(static i => i % 37 * 0.1f)];
        sampler.Sample(logits, scratch, out _);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            sampler.Sample(logits, scratch, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
