using Dynamo.Torch.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>Grouped-query attention over a paged cache: gather by slot, scores, masked softmax in float32, weighted sum.</summary>
internal static class TorchOpsAttention
{
    // A field: TorchSharp reads a scalar's handle and then no longer keeps it alive, so a temporary one may be gone before the call.
    private static readonly Scalar MinusInfinity = double.NegativeInfinity;

    // Scores of one slice of rows, float32. Bounds memory at long prompts.
    private const long MaxScoreElements = 32L << 20;

    /// <summary>Attends for all rows of a batch.</summary>
    /// <param name="config">Heads.</param>
    /// <param name="queries">[rows, heads, head dim], rotated.</param>
    /// <param name="keys">Cache of the layer, [slots, kv heads, head dim].</param>
    /// <param name="values">Cache of the layer, [slots, kv heads, head dim].</param>
    /// <param name="spans">What each sequence attends to.</param>
    /// <returns>[rows, heads * head dim]; the caller's dispose scope owns it.</returns>
    public static Tensor Attend(ModelConfig config, Tensor queries, Tensor keys, Tensor values, IReadOnlyList<AttentionSpan> spans)
    {
        Tensor result = empty([queries.shape[0], config.QuerySize], queries.dtype, queries.device);
        foreach (AttentionSpan span in spans)
        {
            using DisposeScope scope = NewDisposeScope();

            // [kv heads, keys, head dim]
            Tensor k = keys.index_select(0, span.Slots).transpose(0, 1);
            Tensor v = values.index_select(0, span.Slots).transpose(0, 1);
            long numKeys = span.Slots.shape[0];
            int rowsPerSlice = (int)Math.Clamp(MaxScoreElements / (config.NumHeads * numKeys), 1, span.NumRows);
            for (int row = 0; row < span.NumRows; row += rowsPerSlice)
            {
                int numRows = Math.Min(rowsPerSlice, span.NumRows - row);
                using DisposeScope slice = NewDisposeScope();
                Tensor mask = Mask(span, row, numRows);
                Tensor q = queries.narrow(0, span.FirstRow + row, numRows);
                _ = result.narrow(0, span.FirstRow + row, numRows).copy_(AttendSlice(config, q, k, v, mask));
            }
        }

        return result;
    }

    /// <summary>True where a row must not look, [rows, keys].</summary>
    private static Tensor Mask(AttentionSpan span, int firstRow, int numRows)
    {
        Tensor future = span.KeyPositions.gt(span.LastKeys.narrow(0, firstRow, numRows));
        return span.FirstKeys is { } firstKeys ? future.logical_or(span.KeyPositions.lt(firstKeys.narrow(0, firstRow, numRows))) : future;
    }

    /// <returns>[rows, heads * head dim]</returns>
    private static Tensor AttendSlice(ModelConfig config, Tensor q, Tensor k, Tensor v, Tensor mask)
    {
        (long numRows, long numKeys) = (q.shape[0], k.shape[1]);
        int group = config.NumHeads / config.NumKVHeads;

        // Query heads that share a key head are neighbours: fold them into the rows of one product per key head.
        using Scalar scale = 1 / Math.Sqrt(config.HeadDim);
        Tensor folded = q.transpose(0, 1).reshape(config.NumKVHeads, group * numRows, config.HeadDim);
        Tensor scores = folded.bmm(k.transpose(1, 2)).mul(scale).view(config.NumKVHeads, group, numRows, numKeys);
        Tensor weights = nn.functional.softmax(scores.to(ScalarType.Float32).masked_fill(mask, MinusInfinity), -1).to(q.dtype);
        Tensor mixed = weights.view(config.NumKVHeads, group * numRows, numKeys).bmm(v);
        return mixed.view(config.NumHeads, numRows, config.HeadDim).transpose(0, 1).reshape(numRows, config.QuerySize);
    }
}
