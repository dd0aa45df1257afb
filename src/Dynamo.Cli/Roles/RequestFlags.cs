using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Frontend.Configuration;
using Dynamo.Protocol.Requests;

namespace Dynamo.Cli.Roles;

/// <summary>What a frontend does with requests, under vLLM's names.</summary>
internal sealed class RequestFlags
{
    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Where seeds of requests that name none begin, so that they are the same after each start; unless given, anywhere.",
    };
    private readonly Option<int> _maxLogprobs = new("--max-logprobs")
    {
        Description = $"Most alternatives that a request may ask log-probabilities of, 0 to {SamplingParametersValidator.MaxLogprobs}.",
        DefaultValueFactory = _ => SamplingParametersValidator.MaxLogprobs,
    };

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [_seed, _maxLogprobs];

    /// <summary>Puts them into a frontend's options.</summary>
    /// <exception cref="CommandFault">One is out of range.</exception>
    public FrontendOptions Apply(ParseResult parsed, FrontendOptions options)
    {
        int maxLogprobs = parsed.GetValue(_maxLogprobs);
        return maxLogprobs is >= 0 and <= SamplingParametersValidator.MaxLogprobs
            ? options with { Seed = parsed.GetValue(_seed), MaxLogprobs = maxLogprobs }
            : throw new CommandFault($"{_maxLogprobs.Name} must be 0 to {SamplingParametersValidator.MaxLogprobs}, is {maxLogprobs}.");
    }
}
