namespace Dynamo.Cli.Bench;

/// <summary>Which of the server's generating APIs is asked.</summary>
internal enum BenchApi
{
    /// <summary><c>/v1/completions</c>, the prompt as token ids: its length is exact.</summary>
    Completions,

    /// <summary><c>/v1/chat/completions</c>, the prompt as words: what the server counts is a little more or less.</summary>
    Chat,
}
