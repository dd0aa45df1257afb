namespace Dynamo.Benchmarks.Llama;

/// <summary>
/// Fields of llama_context_params, found by their default values: the first four have kept their place for years, the cache's types are the
/// only two neighbours that both are float16.
/// </summary>
internal static class ContextParameters
{
    /// <summary>ggml_type of bfloat16.</summary>
    public const int TypeBF16 = 30;

    private const int TypeF16 = 1;
    private const int ContextLength = 0;
    private const int BatchLength = 1;
    private const int MicroBatchLength = 2;
    private const int MaxNumSequences = 3;

    // llama.cpp's defaults of the four.
    private static ReadOnlySpan<int> Defaults => [512, 2048, 512, 1];

    /// <summary>Sets sizes and the type of the KV cache.</summary>
    /// <param name="numbers">The structure with its default values, as 32-bit numbers.</param>
    /// <param name="contextLength">Tokens of all sequences together.</param>
    /// <param name="batchLength">Most tokens of one call.</param>
    /// <param name="maxNumSequences">Sequences.</param>
    /// <param name="cacheType">ggml_type of keys and values.</param>
    /// <exception cref="LlamaException">The defaults are not those of the layout that is known here.</exception>
    public static void Set(Span<int> numbers, int contextLength, int batchLength, int maxNumSequences, int cacheType)
    {
        int types = TypesOffset(numbers);
        if (!numbers.StartsWith(Defaults) || types < 0)
        {
            throw new LlamaException("this llama.cpp lays out llama_context_params in a way that is not known here; try another version.");
        }

        numbers[ContextLength] = contextLength;
        numbers[BatchLength] = batchLength;
        numbers[MicroBatchLength] = 512;
        numbers[MaxNumSequences] = maxNumSequences;
        numbers[types] = cacheType;
        numbers[types + 1] = cacheType;
    }

    // Between two pairs of null pointers: the evaluation callback and the abort callback, each with its argument.
    private static int TypesOffset(ReadOnlySpan<int> numbers)
    {
        ReadOnlySpan<int> pattern = [0, 0, 0, 0, TypeF16, TypeF16, 0, 0, 0, 0];
        int place = numbers.IndexOf(pattern);
        return place < 0 ? -1 : place + 4;
    }
}
