using System.Text.Json.Serialization;

namespace Dynamo.Benchmarks.Llama;

/// <summary>What the process that runs llama.cpp is asked: one JSON object per line.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="BatchSize">For <see cref="LlamaRequestKind.Decode"/>.</param>
/// <param name="Tokens">For <see cref="LlamaRequestKind.Logits"/>: what follows the prompt.</param>
/// <param name="File">For <see cref="LlamaRequestKind.Logits"/>: where they go, float32 [1 + tokens, vocabulary].</param>
internal sealed record LlamaRequest(LlamaRequestKind Kind, int BatchSize = 0, int[]? Tokens = null, string? File = null);

/// <summary>What it answers: one JSON object per line, the first when it is ready.</summary>
/// <param name="Result">Of a timed run.</param>
/// <param name="Description">When ready: what runs.</param>
/// <param name="Error">What failed; the process ends after it.</param>
internal sealed record LlamaAnswer(Engine.RunResult? Result = null, string? Description = null, string? Error = null);

[JsonConverter(typeof(JsonStringEnumConverter<LlamaRequestKind>))]
internal enum LlamaRequestKind
{
    Decode,
    Prefill,
    Logits,
}
