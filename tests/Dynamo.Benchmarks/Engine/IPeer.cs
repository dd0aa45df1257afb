namespace Dynamo.Benchmarks.Engine;

/// <summary>An engine under measurement: ours, or the one it is compared with.</summary>
internal interface IPeer
{
    /// <summary>Name in the report.</summary>
    string Name { get; }

    /// <summary>Decodes <paramref name="batchSize"/> sequences greedily.</summary>
    /// <returns>Time of the decode steps alone, and the tokens of the first sequence.</returns>
    RunResult Decode(int batchSize);

    /// <summary>Computes one prompt of <see cref="Workload.PrefillLength"/> tokens and its next token.</summary>
    RunResult Prefill();
}

/// <summary>One timed run.</summary>
/// <param name="Seconds">What was timed.</param>
/// <param name="Tokens">Output of the first sequence.</param>
internal sealed record RunResult(double Seconds, int[] Tokens);
