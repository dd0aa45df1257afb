using Xunit;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>One process with an engine so small that each phase of a request can be held: two sequences at once, 16 tokens a step, no prefix cache.</summary>
public sealed class SmallServer : IAsyncLifetime
{
    /// <summary>Sequences that run at once; others wait.</summary>
    internal const int MaxNumSequences = 2;

    private DynamoProcess? _process;

    /// <summary>The process.</summary>
    internal DynamoProcess Process => _process!;

    /// <inheritdoc/>
    public async Task InitializeAsync() => _process = await DynamoProcess.ServeAsync(
        "--num-threads", "1",
        "--max-num-seqs", $"{MaxNumSequences}",
        "--max-num-batched-tokens", "16",
        "--num-gpu-blocks-override", "512",
        "--enable-prefix-caching", "false");

    /// <inheritdoc/>
    public Task DisposeAsync() => _process!.DisposeAsync().AsTask();
}
