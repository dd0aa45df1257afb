namespace Dynamo.Cli.Bench;

/// <summary>The requests of a run, by number from 0: the same number is always the same request. Thread-safe.</summary>
internal interface IWorkload
{
    /// <summary>How many there are; <see langword="null"/>: as many as wanted.</summary>
    int? NumRequests { get; }

    /// <summary>Tokens of a request's prompt and answer.</summary>
    (int NumInputTokens, int NumOutputTokens) LengthsOf(int index);

    /// <summary>Fills in the prompt, whose length the span has.</summary>
    void WritePrompt(int index, Span<int> tokens);
}
