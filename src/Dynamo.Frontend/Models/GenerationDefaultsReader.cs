using System.Text.Json;
using Dynamo.Protocol.Models;
using Dynamo.Protocol.Requests;
using Dynamo.Text.Tokenizers;

namespace Dynamo.Frontend.Models;

/// <summary>
/// Reads defaults as vLLM applies them. generation_config.json gives <c>temperature</c>, <c>top_p</c>, <c>top_k</c>, <c>min_p</c>,
/// <c>repetition_penalty</c>, <c>max_new_tokens</c> and <c>eos_token_id</c>; without that file config.json gives <c>eos_token_id</c>; the
/// tokenizer's own <c>eos_token</c> always ends a sequence too. Beyond vLLM, <c>do_sample: false</c> makes 0 the default temperature: that is
/// what the file says, and the reference library does. A default that requests may not have is no reason to do without the model: it becomes
/// the nearest one that they may have, or is left out, and a warning says so.
/// </summary>
internal static class GenerationDefaultsReader
{
    private const string GenerationFile = "generation_config.json";
    private const string ConfigFile = "config.json";
    private const string TokenizerConfigFile = "tokenizer_config.json";

    /// <summary>Reads a folder.</summary>
    /// <exception cref="ModelFolderException">A file is damaged.</exception>
    public static GenerationDefaults Read(ModelFolder folder, Tokenizer tokenizer, int vocabularySize)
    {
        SortedSet<int> eos = [];
        List<string> warnings = [];
        SamplingParameters sampling = new();
        int? maxTokens = null;
        if (folder.Has(GenerationFile))
        {
            using JsonDocument document = folder.ReadJson(GenerationFile);
            DefaultFields file = new(GenerationFile, document.RootElement, warnings);
            file.AddTokenIds("eos_token_id", vocabularySize, eos);
            maxTokens = file.Integer("max_new_tokens", 1, int.MaxValue);
            sampling = new SamplingParameters
            {
                Temperature = file.Flag("do_sample") == false ? 0 : file.Number("temperature", 0, 2) ?? sampling.Temperature,
                TopP = file.Number("top_p", 0, 1, lowIsOpen: true) ?? sampling.TopP,

                // Negative is another way to write that it is off.
                TopK = Math.Max(0, file.Integer("top_k", int.MinValue, int.MaxValue) ?? sampling.TopK),
                MinP = file.Number("min_p", 0, 1) ?? sampling.MinP,
                RepetitionPenalty = file.Number("repetition_penalty", 0, 2, lowIsOpen: true) ?? sampling.RepetitionPenalty,
            };
        }

        if (eos.Count == 0 && folder.Has(ConfigFile))
        {
            using JsonDocument document = folder.ReadJson(ConfigFile);
            new DefaultFields(ConfigFile, document.RootElement, warnings).AddTokenIds("eos_token_id", vocabularySize, eos);
        }

        AddTokenizerEos(folder, tokenizer, eos);
        sampling = sampling with { EosTokenIds = [.. eos] };
        ParameterFault? fault = SamplingParametersValidator.FirstFault(sampling, vocabularySize);
        return fault is { } found
            ? throw new ModelFolderException(GenerationFile, found.Parameter, found.Message)
            : new GenerationDefaults(sampling, maxTokens, warnings);
    }

    private static void AddTokenizerEos(ModelFolder folder, Tokenizer tokenizer, SortedSet<int> eos)
    {
        if (!folder.Has(TokenizerConfigFile))
        {
            return;
        }

        using JsonDocument document = folder.ReadJson(TokenizerConfigFile);
        if (new ModelFileFields(TokenizerConfigFile, document.RootElement).TokenText("eos_token") is { } text && tokenizer.TokenToId(text) is { } id)
        {
            eos.Add(id);
        }
    }
}

/// <summary>What a model's own files say about sampling: used where a request says nothing.</summary>
/// <param name="Sampling">Temperature, top_p, top_k, min_p, repetition_penalty and the end-of-sequence tokens.</param>
/// <param name="MaxTokens">Output length of a chat that names none, or <see langword="null"/> for what fits the model.</param>
/// <param name="Warnings">What in the files could not be taken as it stands, and what holds instead.</param>
internal sealed record GenerationDefaults(SamplingParameters Sampling, int? MaxTokens, IReadOnlyList<string> Warnings);
