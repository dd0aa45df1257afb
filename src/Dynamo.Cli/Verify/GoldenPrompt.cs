using Dynamo.Protocol.Models;
using Dynamo.Torch.Weights;

namespace Dynamo.Cli.Verify;

/// <summary>One prompt of <c>golden.safetensors</c> with the reference's answers.</summary>
/// <param name="Index">Number in the file, from 0.</param>
/// <param name="Prompt">Token ids.</param>
/// <param name="Logits">Reference logits of every prompt position, [prompt, vocabulary] row-major.</param>
/// <param name="Greedy">Tokens that greedy decoding appends.</param>
internal sealed record GoldenPrompt(int Index, int[] Prompt, float[] Logits, int[] Greedy)
{
    public const string File = "golden.safetensors";

    /// <summary>Reads all prompts: <c>prompt.i</c> int64 [T], <c>logits.i</c> float32 [T, V], <c>greedy.i</c> int64 [n].</summary>
    /// <exception cref="ModelFolderException">A tensor is missing or of another shape.</exception>
    public static IReadOnlyList<GoldenPrompt> ReadAll(ModelFolder folder, int vocabularySize)
    {
        using SafetensorsFile file = SafetensorsFile.Open(folder, File);
        List<GoldenPrompt> prompts = [];
        for (int i = 0; file.Has($"prompt.{i}"); i++)
        {
            int[] prompt = Tokens(file, $"prompt.{i}", vocabularySize);
            TensorView logits = file.Get($"logits.{i}", [prompt.Length, vocabularySize]);
            if (logits.DType != TensorDType.Float32)
            {
                throw new ModelFolderException(File, logits.Name, $"must be F32, is {logits.DType}");
            }

            prompts.Add(new GoldenPrompt(i, prompt, logits.ToArray<float>(), Tokens(file, $"greedy.{i}", vocabularySize)));
        }

        return prompts.Count > 0 ? prompts : throw new ModelFolderException(File, "prompt.0", "is missing");
    }

    private static int[] Tokens(SafetensorsFile file, string name, int vocabularySize)
    {
        TensorView view = file.Get(name);
        if (view.DType != TensorDType.Int64 || view.Shape.Length != 1 || view.NumElements == 0)
        {
            throw new ModelFolderException(File, name, $"must be a list of I64, is {view.DType} with {view.Shape.Length} dimensions and {view.NumElements} elements");
        }

        return Array.ConvertAll(view.ToArray<long>(), token => token >= 0 && token < vocabularySize
            ? (int)token
            : throw new ModelFolderException(File, name, $"holds token {token}; the vocabulary has {vocabularySize}"));
    }
}
