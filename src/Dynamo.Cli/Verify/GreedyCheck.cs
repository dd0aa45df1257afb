using Dynamo.Cli.Input;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Torch;

namespace Dynamo.Cli.Verify;

/// <summary>Decodes every prompt greedily through a whole engine, all at once.</summary>
internal static class GreedyCheck
{
    /// <summary>The tokens appended to each prompt, as many as the reference appended.</summary>
    public static async Task<int[][]> RunAsync(ModelLoadOptions options, IReadOnlyList<GoldenPrompt> prompts, CancellationToken cancellationToken)
    {
        GreedyCollector collector = new(prompts.Count);
        EngineConfig config = new()
        {
            Worker = new WorkerId(1),
            Generation = 1,
            MaxNumSequences = prompts.Count,
            MaxModelLength = prompts.Max(static prompt => prompt.Tokens.Length + prompt.Greedy.Length),
        };
        await using LlmEngine engine = new(config, new TorchModelRunnerFactory(), options, collector, null, TimeProvider.System);
        engine.Start();
        await collector.Ready.WaitAsync(cancellationToken);
        for (int i = 0; i < prompts.Count; i++)
        {
            SubmitResult result = engine.Submit(
                new GenerationRequest
                {
                    Id = RequestId.New(),
                    Attempt = 1,
                    TokenIds = prompts[i].Tokens,
                    NumPromptTokens = prompts[i].Tokens.Length,
                    Sampling = new SamplingParameters { Temperature = 0, MaxTokens = prompts[i].Greedy.Length, IgnoreEos = true },
                },
                tag: i);
            if (result.Status != SubmitStatus.Accepted)
            {
                throw new CommandFault($"prompt {i} was refused: {result.Message}");
            }
        }

        return await collector.Outputs.WaitAsync(cancellationToken);
    }
}
