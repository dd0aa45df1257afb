using System.Runtime.InteropServices;
using System.Text.Json;
using Dynamo.Benchmarks.Engine;

namespace Dynamo.Benchmarks.Llama;

/// <summary>
/// The child process that runs llama.cpp, so that neither engine's threads, memory or libraries meet the other's. Idle while the other is
/// measured: it waits for a line on standard input, and ends with it.
/// </summary>
internal static class LlamaServer
{
    public static int Run(LlamaOptions options)
    {
        try
        {
            Serve(options);
            return 0;
        }
        catch (Exception e) when (e is LlamaException or DllNotFoundException or BadImageFormatException)
        {
            string log = string.Join(" | ", LlamaLog.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(5));
            Answer(new LlamaAnswer(Error: log.Length == 0 ? e.Message : $"{e.Message} Its log ends: {log}"));
            return 1;
        }
    }

    private static void Serve(LlamaOptions options)
    {
        LlamaApi api = new(options.Library);
        LlamaLog.Capture(api);
        api.LoadBackends(Path.GetDirectoryName(Path.GetFullPath(options.Library))!);
        Dictionary<int, LlamaContext> contexts = Load(api, options);
        Answer(new LlamaAnswer(Description: Describe(api)));
        while (Console.In.ReadLine() is { } line)
        {
            LlamaRequest request = JsonSerializer.Deserialize<LlamaRequest>(line)!;
            switch (request.Kind)
            {
                case LlamaRequestKind.Decode:
                    Answer(new LlamaAnswer(contexts[request.BatchSize].Decode()));
                    break;
                case LlamaRequestKind.Prefill:
                    Answer(new LlamaAnswer(contexts[1].Prefill()));
                    break;
                case LlamaRequestKind.Logits:
                    using (FileStream file = File.Create(request.File!))
                    {
                        contexts[1].WriteLogits(request.Tokens, file);
                    }

                    Answer(new LlamaAnswer());
                    break;
            }
        }
    }

    private static unsafe Dictionary<int, LlamaContext> Load(LlamaApi api, LlamaOptions options)
    {
        if (api.SupportsGpu() != 0)
        {
            throw new LlamaException("this llama.cpp would use a GPU; give a build for the CPU.");
        }

        byte* path = (byte*)Marshal.StringToCoTaskMemUTF8(options.GgufFile);
        nint model = api.LoadModel(path, api.ModelDefaults());
        Marshal.FreeCoTaskMem((nint)path);
        if (model == 0)
        {
            throw new LlamaException($"llama_model_load_from_file failed for {options.GgufFile}.");
        }

        nint threadPool = api.NewThreadPool(options.NumThreads);
        return Workload.BatchSizes.ToDictionary(
            static batchSize => batchSize,
            batchSize => new LlamaContext(api, model, threadPool, options.NumThreads, batchSize, options.CacheType));
    }

    private static unsafe string Describe(LlamaApi api)
    {
        string cache = LlamaLog.LinesWith(" K (").LastOrDefault() ?? "KV cache of unknown type";
        string flash = LlamaLog.LinesWith("lash Attention").LastOrDefault() ?? LlamaLog.LinesWith("flash_attn").LastOrDefault() ?? "flash attention unknown";
        return $"{Marshal.PtrToStringUTF8((nint)api.SystemInfo())?.Trim()}\n{cache}\n{flash}";
    }

    private static void Answer(LlamaAnswer answer)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(answer));
        Console.Out.Flush();
    }
}
