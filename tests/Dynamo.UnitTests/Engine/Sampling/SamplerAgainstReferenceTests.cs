using Dynamo.Engine.Sampling;
using Dynamo.Protocol.Requests;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sampling;

/// <summary>The sampler and the plain one in double must choose the same token from the same random number.</summary>
public sealed class SamplerAgainstReferenceTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(256)]
    [InlineData(1000)]
    [InlineData(2049)]
    [InlineData(5003)]
    public void Sample_RandomParameters_IsTheTokenOfTheReference(int vocabularySize)
    {
        SamplingScratch scratch = new(vocabularySize);
        int numCases = Math.Min(1000, 400_000 / vocabularySize);
        int numOnAnEdge = 0;
        for (int seed = 0; seed < numCases; seed++)
        {
            Random random = new((vocabularySize * 10_000) + seed);
            SamplingParameters parameters = RandomParameters(random, vocabularySize);
            int[] prompt = RandomTokens(random, vocabularySize, random.Next(1, 20));
            int[] output = RandomTokens(random, vocabularySize, random.Next(20));
            float[] logits = RandomLogits(random, vocabularySize);

            double[] probabilities = NaiveSampler.Probabilities(logits, parameters, prompt, output, out bool filterEdge);
            int expected = NaiveSampler.Draw(probabilities, Philox.Uniform(parameters.Seed, (ulong)output.Length), out bool drawEdge);
            int? token = new SequenceSampler(parameters, [.. prompt, .. output], prompt.Length).Sample(logits, scratch, out _);

            if (filterEdge || (drawEdge && parameters.Temperature > 0))
            {
                numOnAnEdge++;
                continue;
            }

            Assert.True(expected == token, $"case {seed}: {token} instead of {expected} with {parameters}");
        }

        // Edges are rare, or this test would prove nothing.
        Assert.InRange(numOnAnEdge, 0, numCases / 10);
    }

    [Theory]
    [InlineData(1f, 0, 1f, 0f)]
    [InlineData(0.5f, 0, 1f, 0f)]
    [InlineData(2f, 7, 1f, 0f)]
    [InlineData(1f, 0, 0.8f, 0f)]
    [InlineData(1f, 0, 1f, 0.05f)]
    [InlineData(0.8f, 40, 0.95f, 0.01f)]
    public void Draw_EveryPartOfTheUnitInterval_EachTokenGetsExactlyItsProbability(float temperature, int topK, float topP, float minP)
    {
        const int numDraws = 20_000;
        float[] logits = RandomLogits(new Random(5), 300);
        SamplingParameters parameters = new() { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };
        SamplingScratch scratch = new(logits.Length);
        int[] counts = new int[logits.Length];
        for (int i = 0; i < numDraws; i++)
        {
            counts[CategoricalDraw.Draw(logits, logits.Max(), parameters, (i + 0.5) / numDraws, scratch)]++;
        }

        double[] expected = NaiveSampler.Probabilities(logits, parameters, [], [], out bool isOnAnEdge);
        Assert.False(isOnAnEdge);
        for (int token = 0; token < logits.Length; token++)
        {
            // A token owns one interval, so its share of an even grid is off by at most one draw and its rounding.
            Assert.InRange(counts[token], (expected[token] * numDraws) - 1.1, (expected[token] * numDraws) + 1.1);
            Assert.True(expected[token] > 0 || counts[token] == 0, $"token {token} was filtered and drawn");
        }
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.2499, 0)]
    [InlineData(0.25, 2)]
    [InlineData(0.7499, 2)]
    [InlineData(0.75, 3)]
    [InlineData(0.9999999999999999, 3)]
    public void Draw_BordersOfTheIntervals_BelongToTheNextToken(double uniform, int expected)
    {
        // Weights 1, 0, 2, 0, 1 of 4: logits at temperature 1, and two tokens that can never be drawn.
        float[] logits = [0, float.NegativeInfinity, MathF.Log(2), 0, float.NegativeInfinity];

        Assert.Equal(expected, CategoricalDraw.Draw(logits, MathF.Log(2), new SamplingParameters(), uniform, new SamplingScratch(5)));
    }

    [Theory]
    [InlineData(0.01f, 1)]
    [InlineData(0.1f, 7)]
    [InlineData(0.25f, 16)]
    [InlineData(0.99f, 64)]
    public void Draw_AllEqual_TheNucleusIsTheLowestIds(float topP, int numKept)
    {
        float[] logits = new float[64];
        SamplingScratch scratch = new(64);

        IEnumerable<int> drawn = Enumerable.Range(0, 64)
            .Select(i => CategoricalDraw.Draw(logits, 0, new SamplingParameters { TopP = topP }, (i + 0.5) / 64, scratch))
            .Distinct();

        Assert.Equal(Enumerable.Range(0, numKept), drawn);
    }

    [Theory]
    [InlineData(0.5, 1024)] // The border of two blocks of the sum.
    [InlineData(0.49999, 1023)]
    public void Draw_BorderOfTwoBlocks_BelongsToTheNext(double uniform, int expected) =>
        Assert.Equal(expected, CategoricalDraw.Draw(new float[2048], 0, new SamplingParameters(), uniform, new SamplingScratch(2048)));

    [Fact]
    public void Draw_LargestNumber_IsTheLastTokenWithWeightInAnyLengthOfRow()
    {
        foreach (int length in (int[])[1, 15, 16, 1024, 1025, 2048, 5000])
        {
            float[] logits = RandomLogits(new Random(length), length);
            logits.AsSpan(length / 2).Fill(float.NegativeInfinity);
            logits[length / 2] = 1;

            Assert.Equal(length / 2, CategoricalDraw.Draw(logits, logits.Max(), new SamplingParameters(), 1 - Math.Pow(2, -53), new SamplingScratch(length)));
        }
    }

    private static float[] RandomLogits(Random random, int length)
    {
        // A third of the rows has many equal logits, so that ties are decided too.
        bool coarse = random.Next(3) == 0;
        return [.. Enumerable.Range(0, length).Select(_ => coarse ? random.Next(-12, 12) * 0.5f : (random.NextSingle() * 16) - 8)];
    }

    private static int[] RandomTokens(Random random, int vocabularySize, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabularySize))];

    private static SamplingParameters RandomParameters(Random random, int vocabularySize)
    {
        float[] temperatures = [0, 0.3f, 0.7f, 1, 1.7f, 2];
        float[] topPs = [1, 1, 0.99f, 0.9f, 0.5f, 0.01f];
        float[] minPs = [0, 0, 0.01f, 0.1f, 0.9f];
        int[] topKs = [0, 0, 1, 2, 5, 40, vocabularySize];
        float[] repetitions = [1, 1, 1.2f, 0.7f, 2];
        float[] penalties = [0, 0, 0.5f, -1, 2];
        return new SamplingParameters
        {
            Temperature = Pick(temperatures),
            TopP = Pick(topPs),
            MinP = Pick(minPs),
            TopK = Pick(topKs),
            RepetitionPenalty = Pick(repetitions),
            FrequencyPenalty = Pick(penalties),
            PresencePenalty = Pick(penalties),
            LogitBias = random.Next(3) == 0 ? [new LogitBias(random.Next(vocabularySize), (random.NextSingle() * 20) - 10)] : [],
            AllowedTokenIds = random.Next(5) == 0 ? [.. RandomTokens(random, vocabularySize, 5).Append(1)] : null,
            MinTokens = random.Next(10),
            MaxTokens = 100,
            EosTokenIds = [0],
            StopTokenIds = random.Next(2) == 0 ? [2] : [],
            IgnoreEos = random.Next(2) == 0,
            Seed = (ulong)random.NextInt64(),
        };

        T Pick<T>(T[] choices) => choices[random.Next(choices.Length)];
    }
}
