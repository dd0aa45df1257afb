using System.Diagnostics;
using System.Runtime.InteropServices;
using Dynamo.Benchmarks.Engine;
using Dynamo.Benchmarks.Models;

namespace Dynamo.Benchmarks.Llama;

/// <summary>One llama.cpp context with room for a number of sequences, and its batch. Lives as long as its process.</summary>
internal sealed unsafe class LlamaContext
{
    private const int BatchLength = 2048;

    // Room of one sequence; a multiple of 256, to which llama.cpp rounds.
    private const int SequenceLength = 1024;

    private readonly LlamaApi _api;
    private readonly nint _context;
    private readonly int _numSequences;
    private LlamaBatch _batch;

    public LlamaContext(LlamaApi api, nint model, nint threadPool, int numThreads, int numSequences, int cacheType)
    {
        (_api, _numSequences) = (api, numSequences);
        LlamaParameters parameters = api.ContextDefaults();
        ContextParameters.Set(new Span<int>(parameters.Numbers, LlamaParameters.NumNumbers), SequenceLength * numSequences, BatchLength, numSequences, cacheType);
        _context = api.InitContext(model, parameters);
        if (_context == 0)
        {
            throw new LlamaException($"llama_init_from_model failed for {numSequences} sequences.");
        }

        api.AttachThreadPool(_context, threadPool, threadPool);
        api.SetNumThreads(_context, numThreads, numThreads);
        _batch = NewBatch();
    }

    /// <summary>Decodes all sequences greedily after their prompts.</summary>
    public RunResult Decode()
    {
        Clear();
        int[] next = new int[_numSequences];
        for (int sequence = 0; sequence < _numSequences; sequence++)
        {
            Prompt(sequence, Workload.Prompt(sequence, Workload.PromptLength));
            next[sequence] = Workload.ArgMax(Row(_batch.NumTokens - 1));
        }

        int[] tokens = new int[Workload.NumDecodeSteps + 1];
        tokens[0] = next[0];
        long start = Stopwatch.GetTimestamp();
        for (int step = 1; step <= Workload.NumDecodeSteps; step++)
        {
            _batch.NumTokens = 0;
            for (int sequence = 0; sequence < _numSequences; sequence++)
            {
                Add(next[sequence], Workload.PromptLength + step - 1, sequence, wantsLogits: true);
            }

            Run();
            for (int sequence = 0; sequence < _numSequences; sequence++)
            {
                next[sequence] = Workload.ArgMax(Row(sequence));
            }

            tokens[step] = next[0];
        }

        return new RunResult(Stopwatch.GetElapsedTime(start).TotalSeconds, tokens);
    }

    /// <summary>Computes one prompt and its next token.</summary>
    public RunResult Prefill()
    {
        Clear();
        int[] prompt = Workload.Prompt(0, Workload.PrefillLength);
        long start = Stopwatch.GetTimestamp();
        Prompt(0, prompt);
        int token = Workload.ArgMax(Row(prompt.Length - 1));
        return new RunResult(Stopwatch.GetElapsedTime(start).TotalSeconds, [token]);
    }

    /// <summary>Logits after the first sequence's prompt and after each of the given tokens behind it, as they come.</summary>
    public void WriteLogits(ReadOnlySpan<int> tokens, Stream output)
    {
        Clear();
        int[] prompt = Workload.Prompt(0, Workload.PromptLength);
        Prompt(0, prompt);
        output.Write(MemoryMarshal.AsBytes(Row(prompt.Length - 1)));
        for (int i = 0; i < tokens.Length; i++)
        {
            _batch.NumTokens = 0;
            Add(tokens[i], prompt.Length + i, sequence: 0, wantsLogits: true);
            Run();
            output.Write(MemoryMarshal.AsBytes(Row(0)));
        }
    }

    private static LlamaBatch NewBatch()
    {
        LlamaBatch batch = new()
        {
            Tokens = Allocate<int>(BatchLength),
            Embeddings = null,
            Positions = Allocate<int>(BatchLength),
            NumSequenceIds = Allocate<int>(BatchLength),
            SequenceIds = (int**)Allocate<nint>(BatchLength),
            WantsLogits = Allocate<byte>(BatchLength),
        };
        int* ids = Allocate<int>(BatchLength);
        for (int i = 0; i < BatchLength; i++)
        {
            batch.NumSequenceIds[i] = 1;
            batch.SequenceIds[i] = ids + i;
        }

        return batch;
    }

    private static T* Allocate<T>(int length)
        where T : unmanaged
        => (T*)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(T));

    private void Clear() => _api.ClearMemory(_api.GetMemory(_context), 1);

    private void Prompt(int sequence, ReadOnlySpan<int> prompt)
    {
        _batch.NumTokens = 0;
        for (int i = 0; i < prompt.Length; i++)
        {
            Add(prompt[i], i, sequence, wantsLogits: i == prompt.Length - 1);
        }

        Run();
    }

    private void Add(int token, int position, int sequence, bool wantsLogits)
    {
        int row = _batch.NumTokens++;
        _batch.Tokens[row] = token;
        _batch.Positions[row] = position;
        _batch.SequenceIds[row][0] = sequence;
        _batch.WantsLogits[row] = (byte)(wantsLogits ? 1 : 0);
    }

    private void Run()
    {
        int code = _api.Decode(_context, _batch);
        if (code != 0)
        {
            throw new LlamaException($"llama_decode failed with code {code} for {_batch.NumTokens} tokens.");
        }
    }

    private ReadOnlySpan<float> Row(int row)
    {
        float* logits = _api.Logits(_context, row);
        return logits is not null ? new ReadOnlySpan<float>(logits, RandomModel.VocabularySize) : throw new LlamaException($"there are no logits of row {row}.");
    }
}
