using Dynamo.Engine.Execution;
using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Loop;

/// <summary>What a ready engine takes. Immutable.</summary>
/// <param name="Limits">Limits of its steps.</param>
/// <param name="VocabularySize">Width of its logits.</param>
internal sealed record Admission(StepLimits Limits, int VocabularySize)
{
    /// <summary>The first rule that a request breaks, or <see langword="null"/>.</summary>
    public ParameterFault? FirstFault(GenerationRequest request)
    {
        int numTokens = request.TokenIds.Count;
        if (request.NumPromptTokens < 1 || request.NumPromptTokens > numTokens)
        {
            return new ParameterFault("prompt", $"The prompt must have at least 1 token and no more than are sent ({numTokens}), has {request.NumPromptTokens}.");
        }

        if (numTokens >= Limits.MaxModelLength)
        {
            return new ParameterFault("prompt", $"The prompt has {numTokens} tokens; this model's longest sequence is {Limits.MaxModelLength}, and one must be left to generate.");
        }

        if (numTokens - request.NumPromptTokens >= request.Sampling.MaxTokens)
        {
            return new ParameterFault("max_tokens", $"max_tokens is {request.Sampling.MaxTokens} and {numTokens - request.NumPromptTokens} tokens of output are there already.");
        }

        for (int i = 0; i < numTokens; i++)
        {
            if ((uint)request.TokenIds[i] >= (uint)VocabularySize)
            {
                return new ParameterFault("prompt", $"Token {i} of the prompt is {request.TokenIds[i]}; the vocabulary has {VocabularySize}.");
            }
        }

        return SamplingParametersValidator.FirstFault(request.Sampling, VocabularySize);
    }
}
