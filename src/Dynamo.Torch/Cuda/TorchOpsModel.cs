using Dynamo.Torch.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>
/// The forward pass in torch ops, in transformers' order of operations and roundings. Every product is <c>mm</c> or <c>bmm</c> of checked
/// shapes: TorchSharp's <c>matmul</c> ends the process on a wrong one.
/// </summary>
internal sealed class TorchOpsModel(ModelConfig config, TorchOpsWeights weights, Tensor inverseFrequencies)
{
    // Fields, not temporaries: TorchSharp does not keep a scalar alive during the call that uses it.
    private static readonly Scalar Two = 2;
    private readonly Scalar _epsilon = config.RmsNormEpsilon;

    /// <summary>Runs all layers.</summary>
    /// <param name="tokenIds">int64 [rows].</param>
    /// <param name="positions">int64 [rows].</param>
    /// <param name="slots">Cache slot of each row, int64 [rows].</param>
    /// <param name="spansOf">What each sequence attends to, by window.</param>
    /// <param name="caches">Keys and values of each layer, [slots, kv heads, head dim] each.</param>
    /// <param name="logitRows">Rows whose logits are wanted, int64 [n].</param>
    /// <returns>Float32 [n, vocabulary] on the device; the caller's dispose scope owns it.</returns>
    public Tensor Forward(
        Tensor tokenIds,
        Tensor positions,
        Tensor slots,
        Func<int?, IReadOnlyList<AttentionSpan>> spansOf,
        IReadOnlyList<(Tensor Keys, Tensor Values)> caches,
        Tensor logitRows)
    {
        Tensor hidden = weights.Embedding.index_select(0, tokenIds);
        Tensor angles = positions.to(ScalarType.Float32).unsqueeze(1).mul(inverseFrequencies.unsqueeze(0)).unsqueeze(1);
        (Tensor cos, Tensor sin) = (angles.cos().to(hidden.dtype), angles.sin().to(hidden.dtype));
        for (int i = 0; i < config.NumLayers; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            TorchOpsLayer layer = weights.Layers[i];
            (Tensor keys, Tensor values) = caches[i];
            Tensor normed = RmsNorm(hidden, layer.InputNorm);
            Tensor queries = Rotate(Heads(layer.Query, normed, config.NumHeads, layer.QueryNorm), cos, sin);
            _ = keys.index_copy_(0, slots, Rotate(Heads(layer.Key, normed, config.NumKVHeads, layer.KeyNorm), cos, sin));
            _ = values.index_copy_(0, slots, Heads(layer.Value, normed, config.NumKVHeads, null));
            Tensor attended = TorchOpsAttention.Attend(config, queries, keys, values, spansOf(config.SlidingWindows[i]));
            Tensor middle = hidden + Linear(layer.Output, attended);
            Tensor input = RmsNorm(middle, layer.PostAttentionNorm);
            hidden = (middle + (layer.Mlp is { } mlp ? Mlp(mlp, input) : TorchOpsExperts.Mix(config, layer, input))).MoveToOuterDisposeScope();
        }

        Tensor wanted = RmsNorm(hidden.index_select(0, logitRows), weights.FinalNorm);
        return Linear(weights.Head, wanted).to(ScalarType.Float32);
    }

    /// <summary>x W + b for rows x.</summary>
    internal static Tensor Linear(TorchOpsLinear linear, Tensor x) => linear.Bias is { } bias ? addmm(bias, x, linear.Weight, 1, 1) : x.mm(linear.Weight);

    /// <summary>The gated MLP for rows x.</summary>
    internal static Tensor Mlp(TorchOpsMlp mlp, Tensor x) => Linear(mlp.Down, nn.functional.silu(Linear(mlp.Gate, x)).mul(Linear(mlp.Up, x)));

    // The float32 norm is rounded to the model's dtype before the weight is applied, as in transformers.
    private Tensor RmsNorm(Tensor x, Tensor weight)
    {
        Tensor wide = x.to(ScalarType.Float32);
        Tensor scale = wide.pow(Two).mean([-1], keepdim: true).add(_epsilon).rsqrt();
        return wide.mul(scale).to(x.dtype).mul(weight);
    }

    /// <returns>[rows, heads, head dim]</returns>
    private Tensor Heads(TorchOpsLinear projection, Tensor x, int numHeads, Tensor? norm)
    {
        Tensor heads = Linear(projection, x).view(x.shape[0], numHeads, config.HeadDim);
        return norm is null ? heads : RmsNorm(heads, norm);
    }

    private Tensor Rotate(Tensor heads, Tensor cos, Tensor sin)
    {
        int half = config.HeadDim / 2;
        Tensor first = heads.narrow(-1, 0, half);
        Tensor second = heads.narrow(-1, half, half);
        return cat([first.mul(cos).sub(second.mul(sin)), second.mul(cos).add(first.mul(sin))], -1);
    }
}
