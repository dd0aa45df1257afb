using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Weights;

namespace Dynamo.Cli.Verify;

/// <summary>One prompt and the tokens that the reference's greedy decoding appends to it.</summary>
internal sealed record GoldenPrompt(int[] Tokens, int[] Greedy);

/// <summary>
/// <c>golden.safetensors</c>: for prompt i <c>prompt.i</c> int64 [T], <c>logits.i</c> float32 [T, V] and <c>greedy.i</c> int64 [n]. As hostile as
/// the rest of the folder: bounded, and the logits stay in the file.
/// </summary>
internal sealed class GoldenFile : IDisposable
{
    public const string Name = "golden.safetensors";

    // Far above any useful check; keeps a lying file from asking for hours.
    private const int MaxPrompts = 256;
    private const int MaxTokens = 1 << 17;

    private readonly SafetensorsFile _file;
    private readonly TensorView[] _logits;

    private GoldenFile(SafetensorsFile file, ModelShape shape)
    {
        _file = file;
        List<GoldenPrompt> prompts = [];
        List<TensorView> logits = [];
        long numTokens = 0;
        for (int i = 0; file.Has($"prompt.{i}"); i++)
        {
            if (i == MaxPrompts)
            {
                throw new ModelFolderException(Name, $"prompt.{i}", $"at most {MaxPrompts} prompts are compared");
            }

            prompts.Add(new GoldenPrompt(Tokens($"prompt.{i}", shape, ref numTokens), Tokens($"greedy.{i}", shape, ref numTokens)));
            (int length, int numGreedy) = (prompts[i].Tokens.Length, prompts[i].Greedy.Length);
            if (length + numGreedy > shape.MaxPositions)
            {
                throw new ModelFolderException(
                    Name, $"prompt.{i}", $"has {length} tokens and {numGreedy} greedy ones; the model's max_position_embeddings is {shape.MaxPositions}");
            }

            logits.Add(Logits($"logits.{i}", length, shape.VocabularySize));
        }

        Prompts = prompts.Count > 0 ? prompts : throw new ModelFolderException(Name, "prompt.0", "is missing");
        _logits = [.. logits];
    }

    public IReadOnlyList<GoldenPrompt> Prompts { get; }

    /// <summary>Maps and checks the file.</summary>
    /// <exception cref="ModelFolderException">A tensor is missing or of another shape, or the file does not fit the model.</exception>
    public static GoldenFile Open(ModelFolder folder, ModelShape shape)
    {
        SafetensorsFile file = SafetensorsFile.Open(folder, ReferenceFiles.Find(folder, Name));
        try
        {
            return new GoldenFile(file, shape);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The reference's logits at one position of a prompt.</summary>
    /// <param name="prompt">Number of the prompt.</param>
    /// <param name="position">Position in it.</param>
    /// <param name="row">[vocabulary].</param>
    public void CopyLogits(int prompt, int position, Span<float> row) => _logits[prompt].CopyTo((long)position * row.Length, row);

    public void Dispose() => _file.Dispose();

    private TensorView Logits(string name, int numTokens, int vocabularySize)
    {
        TensorView logits = _file.Get(name, [numTokens, vocabularySize]);
        return logits.DType == TensorDType.Float32 ? logits : throw new ModelFolderException(Name, name, $"must be F32, is {logits.DType}");
    }

    private int[] Tokens(string name, ModelShape shape, ref long numTokens)
    {
        TensorView view = _file.Get(name);
        if (view.DType != TensorDType.Int64 || view.Shape.Length != 1 || view.NumElements == 0)
        {
            throw new ModelFolderException(Name, name, $"must be a list of I64, is {view.DType} with {view.Shape.Length} dimensions and {view.NumElements} elements");
        }

        numTokens += view.NumElements;
        if (numTokens > MaxTokens)
        {
            throw new ModelFolderException(Name, name, $"brings the tokens to {numTokens:N0}; at most {MaxTokens:N0} are compared");
        }

        return Array.ConvertAll(view.ToArray<long>(), token => token >= 0 && token < shape.VocabularySize
            ? (int)token
            : throw new ModelFolderException(Name, name, $"holds token {token}; the vocabulary has {shape.VocabularySize}"));
    }
}
