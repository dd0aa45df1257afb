using Dynamo.Engine.Execution;

namespace Dynamo.Engine.Mock;

/// <summary>Changes the logits of a step, [<see cref="StepBatch.NumLogits"/>, vocabulary] row-major, before the engine sees them.</summary>
public delegate void MockLogitsEdit(StepBatch batch, Span<float> logits);

/// <summary>Shape and behaviour of a mock model.</summary>
public sealed record MockModelConfig
{
    /// <summary>Width of a row of logits.</summary>
    /// <value>Default 256.</value>
    public int VocabularySize { get; init; } = 256;

    /// <summary>Longest sequence.</summary>
    /// <value>Default 4096.</value>
    public int MaxPositions { get; init; } = 4096;

    /// <summary>Tokens that the model may choose, each below <see cref="VocabularySize"/>; empty: all. A few make a wide row cheap to write.</summary>
    /// <value>Default empty.</value>
    public ReadOnlyMemory<int> Tokens { get; init; }

    /// <summary>
    /// Keep the sum over all positions with each position, so that a step looks at each block of the context once instead of at each position.
    /// The logits are the same; a wrong or stale block is then an exception, found where it does not continue the one before it.
    /// </summary>
    /// <value>Default off: every step reads every position.</value>
    public bool KeepSums { get; init; }

    /// <summary>What the runner says that its rounding depends on. The logits are the same whatever it says.</summary>
    /// <value>Default <c>mock</c>.</value>
    public string NumericsClass { get; init; } = "mock";

    /// <summary>
    /// Called on the engine thread before each step is computed. A test holds the engine between two steps, or throws to let the step fail.
    /// </summary>
    public Action<StepBatch>? BeforeStep { get; init; }

    /// <summary>Called on the engine thread after each step, for tests that need particular logits.</summary>
    public MockLogitsEdit? AfterStep { get; init; }
}
