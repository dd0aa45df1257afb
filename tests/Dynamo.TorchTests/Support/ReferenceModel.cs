using Dynamo.Torch.Configuration;

namespace Dynamo.TorchTests.Support;

/// <summary>The transformer in plain double-precision loops, one sequence, no cache: slow, short, and nothing like the code under test.</summary>
internal sealed class ReferenceModel(RandomCheckpoint checkpoint)
{
    private readonly ModelConfig _config = checkpoint.Config;

    /// <summary>Logits of every position, [tokens][vocabulary].</summary>
    public double[][] Run(int[] tokens)
    {
        double[][] rows = [.. tokens.Select(token => Row("model.embed_tokens.weight", token))];
        for (int i = 0; i < _config.NumLayers; i++)
        {
            string layer = $"model.layers.{i}";
            double[][] normed = [.. rows.Select(row => Norm(row, $"{layer}.input_layernorm.weight"))];
            double[][] attended = Attend($"{layer}.self_attn", normed, _config.SlidingWindows[i] ?? int.MaxValue);
            rows = [.. rows.Zip(attended, (row, a) => Sum(row, Linear(a, $"{layer}.self_attn.o_proj")))];
            rows = [.. rows.Select(row => Sum(row, FeedForward(layer, Norm(row, $"{layer}.post_attention_layernorm.weight"))))];
        }

        string head = checkpoint.Tensors.ContainsKey("lm_head.weight") ? "lm_head" : "model.embed_tokens";
        return [.. rows.Select(row => Linear(Norm(row, "model.norm.weight"), head))];
    }

    private double[][] Attend(string name, double[][] rows, int window)
    {
        double[][][] queries = [.. rows.Select((row, p) => Heads(row, $"{name}.q_proj", $"{name}.q_norm.weight", p))];
        double[][][] keys = [.. rows.Select((row, p) => Heads(row, $"{name}.k_proj", $"{name}.k_norm.weight", p))];
        double[][][] values = [.. rows.Select(row => Linear(row, $"{name}.v_proj").Chunk(_config.HeadDim).ToArray())];
        return [.. rows.Select((_, position) => Enumerable.Range(0, _config.NumHeads).SelectMany(Head(position)).ToArray())];

        Func<int, double[]> Head(int position) => head =>
        {
            int kvHead = head / (_config.NumHeads / _config.NumKVHeads);
            int first = Math.Max(0, position - window + 1);
            double[] scores = [.. Enumerable.Range(first, position + 1 - first).Select(p => Dot(queries[position][head], keys[p][kvHead]) / Math.Sqrt(_config.HeadDim))];
            double[] shares = Softmax(scores);
            double[] mixed = new double[_config.HeadDim];
            for (int j = 0; j < shares.Length; j++)
            {
                mixed = Sum(mixed, Scale(values[first + j][kvHead], shares[j]));
            }

            return mixed;
        };
    }

    private double[][] Heads(double[] row, string projection, string norm, int position)
    {
        double[][] heads = Linear(row, projection).Chunk(_config.HeadDim).ToArray();
        return [.. heads.Select(head => Rotate(_config.QKNorm ? Norm(head, norm) : head, position))];
    }

    private double[] Rotate(double[] head, int position)
    {
        int half = head.Length / 2;
        double[] result = new double[head.Length];
        for (int i = 0; i < half; i++)
        {
            (double sin, double cos) = Math.SinCos(position * Frequency(Math.Pow(_config.Rope.Theta, -2.0 * i / head.Length)));
            result[i] = (head[i] * cos) - (head[i + half] * sin);
            result[i + half] = (head[i + half] * cos) + (head[i] * sin);
        }

        return result;
    }

    private double Frequency(double frequency)
    {
        RopeConfig rope = _config.Rope;
        double rotations = rope.OriginalMaxPositions * frequency / (2 * Math.PI);
        double smooth = Math.Clamp((rotations - rope.LowFrequencyFactor) / (rope.HighFrequencyFactor - rope.LowFrequencyFactor), 0, 1);
        return rope.Kind switch
        {
            RopeKind.Linear => frequency / rope.Factor,
            RopeKind.Llama3 => ((1 - smooth) * frequency / rope.Factor) + (smooth * frequency),
            _ => frequency,
        };
    }

    private double[] FeedForward(string layer, double[] x)
    {
        if (_config.NumExperts == 0)
        {
            return Mlp(x, $"{layer}.mlp.gate_proj", $"{layer}.mlp.up_proj", $"{layer}.mlp.down_proj");
        }

        double[] probabilities = Softmax(Linear(x, $"{layer}.block_sparse_moe.gate"));
        int[] chosen = [.. Enumerable.Range(0, _config.NumExperts).OrderByDescending(e => probabilities[e]).ThenBy(static e => e).Take(_config.NumExpertsPerToken)];
        double total = chosen.Sum(e => probabilities[e]);
        double[] result = new double[x.Length];
        foreach (int e in chosen)
        {
            string expert = $"{layer}.block_sparse_moe.experts.{e}";
            result = Sum(result, Scale(Mlp(x, $"{expert}.w1", $"{expert}.w3", $"{expert}.w2"), probabilities[e] / total));
        }

        return result;
    }

    private double[] Mlp(double[] x, string gate, string up, string down)
    {
        double[] gated = Linear(x, gate);
        double[] lifted = Linear(x, up);
        return Linear([.. gated.Zip(lifted, static (g, u) => g / (1 + Math.Exp(-g)) * u)], down);
    }

    private double[] Linear(double[] x, string name)
    {
        (float[] weight, long[] shape) = checkpoint.Tensors[$"{name}.weight"];
        float[]? bias = checkpoint.Tensors.TryGetValue($"{name}.bias", out (float[] Values, long[] Shape) found) ? found.Values : null;
        double[] result = new double[shape[0]];
        for (int o = 0; o < result.Length; o++)
        {
            double sum = bias?[o] ?? 0;
            for (int i = 0; i < x.Length; i++)
            {
                sum += x[i] * weight[(o * x.Length) + i];
            }

            result[o] = sum;
        }

        return result;
    }

    private double[] Norm(double[] x, string name)
    {
        double scale = 1 / Math.Sqrt((Dot(x, x) / x.Length) + _config.RmsNormEpsilon);
        float[] weight = checkpoint.Tensors[name].Values;
        return [.. x.Select((v, i) => v * scale * weight[i])];
    }

    private double[] Row(string name, int row) =>
        [.. checkpoint.Tensors[name].Values.AsSpan(row * _config.HiddenSize, _config.HiddenSize).ToArray().Select(static v => (double)v)];

    private static double[] Softmax(double[] x)
    {
        double max = x.Max();
        double[] exponentials = [.. x.Select(v => Math.Exp(v - max))];
        return Scale(exponentials, 1 / exponentials.Sum());
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, static (x, y) => x * y).Sum();

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, static (x, y) => x + y)];

    private static double[] Scale(double[] a, double factor) => [.. a.Select(x => x * factor)];
}
