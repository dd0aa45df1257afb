namespace Dynamo.Benchmarks.Llama;

/// <summary>How llama.cpp is run.</summary>
/// <param name="Library">libllama.so.</param>
/// <param name="GgufFile">The model.</param>
/// <param name="NumThreads">Threads of prefill and decode.</param>
/// <param name="CacheType">ggml_type of keys and values.</param>
internal sealed record LlamaOptions(string Library, string GgufFile, int NumThreads, int CacheType);
