using Dynamo.Protocol.Requests;

namespace Dynamo.Frontend.Models;

/// <summary>What a model's own files say about sampling: used where a request says nothing.</summary>
/// <param name="Sampling">Temperature, top_p, top_k, min_p, repetition_penalty and the end-of-sequence tokens.</param>
/// <param name="MaxTokens">Output length of a chat that names none, or <see langword="null"/> for what fits the model.</param>
/// <param name="Warnings">What in the files could not be taken as it stands, and what holds instead.</param>
internal sealed record GenerationDefaults(SamplingParameters Sampling, int? MaxTokens, IReadOnlyList<string> Warnings);
