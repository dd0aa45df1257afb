using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>A linear layer's parameters. The weight is the transposed view [in, out] of the checkpoint's [out, in], ready for <c>mm</c>.</summary>
internal sealed record TorchOpsLinear(Tensor Weight, Tensor? Bias);

/// <summary>One MLP: down(silu(gate(x)) * up(x)).</summary>
internal sealed record TorchOpsMlp(TorchOpsLinear Gate, TorchOpsLinear Up, TorchOpsLinear Down);

/// <summary>Parameters of one layer. Either <see cref="Mlp"/>, or <see cref="Router"/> and <see cref="Experts"/>.</summary>
internal sealed record TorchOpsLayer
{
    public required Tensor InputNorm { get; init; }

    public required TorchOpsLinear Query { get; init; }

    public required TorchOpsLinear Key { get; init; }

    public required TorchOpsLinear Value { get; init; }

    public required TorchOpsLinear Output { get; init; }

    public Tensor? QueryNorm { get; init; }

    public Tensor? KeyNorm { get; init; }

    public required Tensor PostAttentionNorm { get; init; }

    public TorchOpsMlp? Mlp { get; init; }

    public TorchOpsLinear? Router { get; init; }

    public IReadOnlyList<TorchOpsMlp> Experts { get; init; } = [];
}
