using Dynamo.Torch.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>A mixture of experts: each row goes to the experts that the router likes best.</summary>
internal static class TorchOpsExperts
{
    // A field, not a temporary: TorchSharp does not keep a scalar alive during the call that uses it.
    private static readonly Scalar One = 1;

    /// <summary>Routes, computes and adds up, experts in ascending id; ties of the router go to the lowest id.</summary>
    /// <param name="config">Experts per token.</param>
    /// <param name="layer">Router and experts.</param>
    /// <param name="x">[rows, hidden].</param>
    /// <returns>[rows, hidden]; the caller's dispose scope owns it.</returns>
    public static Tensor Mix(ModelConfig config, TorchOpsLayer layer, Tensor x)
    {
        int perToken = config.NumExpertsPerToken;

        // The router works in float32 even in a bfloat16 model: rounded to 8 bits, near-equal experts would trade places.
        Tensor probabilities = nn.functional.softmax(x.to(ScalarType.Float32).mm(layer.Router!.Weight.to(ScalarType.Float32)), -1);
        (Tensor sorted, Tensor order) = probabilities.sort(-1, descending: true, stable: true);
        Tensor top = sorted.narrow(-1, 0, perToken);
        Tensor shares = top.div(top.sum(-1, keepdim: true)).reshape(-1, 1);
        long[] chosen = order.narrow(-1, 0, perToken).reshape(-1).cpu().data<long>().ToArray();
        Tensor result = zeros_like(x);
        for (int expert = 0; expert < config.NumExperts; expert++)
        {
            long[] choices = [.. Enumerable.Range(0, chosen.Length).Where(i => chosen[i] == expert).Select(static i => (long)i)];
            if (choices.Length == 0)
            {
                continue;
            }

            using DisposeScope scope = NewDisposeScope();
            Tensor rows = tensor(Array.ConvertAll(choices, i => i / perToken), device: x.device);
            Tensor share = shares.index_select(0, tensor(choices, device: x.device));
            Tensor output = TorchOpsModel.Mlp(layer.Experts[expert], x.index_select(0, rows)).mul(share).to(x.dtype);
            _ = result.index_add_(0, rows, output, One);
        }

        return result;
    }
}
