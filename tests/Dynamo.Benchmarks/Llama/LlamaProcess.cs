using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dynamo.Benchmarks.Engine;
using Dynamo.Benchmarks.Models;

namespace Dynamo.Benchmarks.Llama;

/// <summary>llama.cpp in a process of its own, see <see cref="LlamaServer"/>.</summary>
internal sealed class LlamaProcess : IPeer, IDisposable
{
    private readonly Process _process;

    /// <summary>Starts it and waits until the model is loaded.</summary>
    /// <exception cref="LlamaException">It did not start; the message gives its reason.</exception>
    public LlamaProcess(LlamaOptions options)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                LlamaServerCommand.Name,
                options.Library,
                options.GgufFile,
                options.NumThreads.ToString(CultureInfo.InvariantCulture),
                options.CacheType.ToString(CultureInfo.InvariantCulture),
            },
        };

        // Builds that were not installed may have their libraries' folder nowhere but here.
        start.Environment["LD_LIBRARY_PATH"] = $"{Path.GetDirectoryName(options.Library)}:{Environment.GetEnvironmentVariable("LD_LIBRARY_PATH")}";
        _process = Process.Start(start)!;
        try
        {
            Description = Read().Description!;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name => "llama.cpp";

    /// <summary>The process.</summary>
    public Process Process => _process;

    /// <summary>Instruction sets, type of the KV cache, attention; as llama.cpp says it.</summary>
    public string Description { get; }

    /// <inheritdoc/>
    public RunResult Decode(int batchSize) => Ask(new LlamaRequest(LlamaRequestKind.Decode, batchSize)).Result!;

    /// <inheritdoc/>
    public RunResult Prefill() => Ask(new LlamaRequest(LlamaRequestKind.Prefill)).Result!;

    /// <summary>Logits after the first prompt and after each of the given tokens behind it.</summary>
    public float[][] Logits(int[] tokens)
    {
        string file = Path.GetTempFileName();
        try
        {
            Ask(new LlamaRequest(LlamaRequestKind.Logits, Tokens: tokens, File: file));
            ReadOnlySpan<float> all = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file));
            float[][] rows = new float[tokens.Length + 1][];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = all.Slice(i * RandomModel.VocabularySize, RandomModel.VocabularySize).ToArray();
            }

            return rows;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private LlamaAnswer Ask(LlamaRequest request)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(request));
        _process.StandardInput.Flush();
        return Read();
    }

    private LlamaAnswer Read()
    {
        if (_process.StandardOutput.ReadLine() is not { } line)
        {
            _process.WaitForExit();
            throw new LlamaException($"the process that ran llama.cpp ended with code {_process.ExitCode}.");
        }

        LlamaAnswer answer = JsonSerializer.Deserialize<LlamaAnswer>(line)!;
        return answer.Error is null ? answer : throw new LlamaException(answer.Error);
    }
}
