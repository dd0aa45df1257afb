using Dynamo.Protocol.Requests;
using Xunit;

namespace Dynamo.UnitTests.Protocol.Requests;

public sealed class SamplingParametersValidatorTests
{
    private const int VocabularySize = 100;
    private static readonly SamplingParameters Good = new();

    public static TheoryData<SamplingParameters, string> Bad => new()
    {
        { Good with { Temperature = -0.1f }, "temperature" },
        { Good with { Temperature = 2.1f }, "temperature" },
        { Good with { Temperature = float.NaN }, "temperature" },
        { Good with { Temperature = float.PositiveInfinity }, "temperature" },
        { Good with { TopP = 0 }, "top_p" },
        { Good with { TopP = 1.1f }, "top_p" },
        { Good with { TopP = float.NaN }, "top_p" },
        { Good with { TopK = -1 }, "top_k" },
        { Good with { MinP = -0.1f }, "min_p" },
        { Good with { MinP = 1.1f }, "min_p" },
        { Good with { RepetitionPenalty = 0 }, "repetition_penalty" },
        { Good with { RepetitionPenalty = 2.1f }, "repetition_penalty" },
        { Good with { FrequencyPenalty = -2.1f }, "frequency_penalty" },
        { Good with { PresencePenalty = 2.1f }, "presence_penalty" },
        { Good with { MaxTokens = 0 }, "max_tokens" },
        { Good with { MinTokens = -1 }, "min_tokens" },
        { Good with { MinTokens = 17 }, "min_tokens" },
        { Good with { NumLogprobs = -1 }, "top_logprobs" },
        { Good with { NumLogprobs = 21 }, "top_logprobs" },
        { Good with { LogitBias = [new LogitBias(100, 1)] }, "logit_bias" },
        { Good with { LogitBias = [new LogitBias(-1, 1)] }, "logit_bias" },
        { Good with { LogitBias = [new LogitBias(1, 100.5f)] }, "logit_bias" },
        { Good with { LogitBias = [new LogitBias(1, float.NaN)] }, "logit_bias" },
        { Good with { LogitBias = new LogitBias[1025] }, "logit_bias" },
        { Good with { StopTokenIds = [100] }, "stop_token_ids" },
        { Good with { StopTokenIds = new int[257] }, "stop_token_ids" },
        { Good with { EosTokenIds = [-1] }, "eos_token_id" },
        { Good with { AllowedTokenIds = [] }, "allowed_token_ids" },
        { Good with { AllowedTokenIds = [100] }, "allowed_token_ids" },
        { Good with { AllowedTokenIds = new int[101] }, "allowed_token_ids" },
        { Good with { BadWords = [[]] }, "bad_words" },
        { Good with { BadWords = [[1], [100]] }, "bad_words" },
        { Good with { BadWords = [new int[1025]] }, "bad_words" },
        { Good with { BadWords = [.. Enumerable.Repeat(new[] { 1 }, 513)] }, "bad_words" },

        // Nothing is left to choose, or might be on the way.
        { Good with { MinTokens = 1, AllowedTokenIds = [1, 2], EosTokenIds = [1], StopTokenIds = [2] }, "allowed_token_ids" },
        { Good with { AllowedTokenIds = [1], BadWords = [[1]] }, "allowed_token_ids" },
        { Good with { AllowedTokenIds = [1], BadWords = [[1, 1]] }, "allowed_token_ids" },
        { Good with { AllowedTokenIds = [1, 2], BadWords = [[5, 1]], MinTokens = 1, EosTokenIds = [2] }, "allowed_token_ids" },
        { Good with { BadWords = [.. Enumerable.Range(0, VocabularySize).Select(static id => new[] { id })] }, "bad_words" },
        { Good with { MinTokens = 1, StopTokenIds = [.. Enumerable.Range(0, VocabularySize)] }, "min_tokens" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void FirstFault_OneOutOfRange_NamesIt(SamplingParameters parameters, string name)
    {
        ParameterFault? fault = SamplingParametersValidator.FirstFault(parameters, VocabularySize);

        Assert.Equal(name, fault?.Parameter);
        Assert.StartsWith(name, fault!.Value.Message);
    }

    [Fact]
    public void FirstFault_Defaults_None() => Assert.Null(SamplingParametersValidator.FirstFault(Good, VocabularySize));

    [Fact]
    public void FirstFault_OneTokenThatIsNeverForbidden_None()
    {
        Assert.Null(SamplingParametersValidator.FirstFault(Good with { AllowedTokenIds = [1], EosTokenIds = [1] }, VocabularySize));
        Assert.Null(SamplingParametersValidator.FirstFault(Good with { AllowedTokenIds = [1, 2], BadWords = [[2], [1, 2]], MinTokens = 1, EosTokenIds = [3] }, VocabularySize));
    }

    [Fact]
    public void FirstFault_EveryLowEnd_None() => Assert.Null(SamplingParametersValidator.FirstFault(
        new SamplingParameters
        {
            Temperature = 0,
            TopP = float.Epsilon,
            TopK = 0,
            MinP = 0,
            RepetitionPenalty = float.Epsilon,
            FrequencyPenalty = -2,
            PresencePenalty = -2,
            MaxTokens = 1,
            NumLogprobs = 0,
            LogitBias = [new LogitBias(0, -100)],
            AllowedTokenIds = [0],
        },
        VocabularySize));

    [Fact]
    public void FirstFault_EveryHighEnd_None() => Assert.Null(SamplingParametersValidator.FirstFault(
        new SamplingParameters
        {
            Temperature = 2,
            TopP = 1,
            TopK = int.MaxValue,
            MinP = 1,
            RepetitionPenalty = 2,
            FrequencyPenalty = 2,
            PresencePenalty = 2,
            MaxTokens = int.MaxValue,
            MinTokens = int.MaxValue,
            NumLogprobs = 20,
            LogitBias = [.. Enumerable.Range(0, VocabularySize).Select(static i => new LogitBias(i, 100))],
            StopTokenIds = [.. Enumerable.Range(1, VocabularySize - 1)],
            AllowedTokenIds = [.. Enumerable.Range(0, VocabularySize)],
        },
        VocabularySize));
}
