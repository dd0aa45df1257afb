using System.Globalization;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Where figures go, besides the test's own output: a file of tab-separated lines that tests/faults.sh makes a table of.</summary>
internal static class FaultReport
{
    /// <summary>Environment variable with the file.</summary>
    public const string Variable = "DYNAMO_FAULT_REPORT";

    /// <summary>Environment variable with the number of rounds.</summary>
    public const string RoundsVariable = "DYNAMO_FAULT_ROUNDS";

    /// <summary>Rounds of each fault; one unless the environment says otherwise.</summary>
    public static int NumRounds { get; } = Environment.GetEnvironmentVariable(RoundsVariable) is { Length: > 0 } text
        ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
        : 1;

    /// <summary>Writes a line: fault, subject, streams, in flight at the fault, same, failed, lost, doubled, different, median and longest gap in milliseconds.</summary>
    public static void Write(string fault, string subject, FaultRound round)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file)
        {
            File.AppendAllText(file, string.Create(
                CultureInfo.InvariantCulture,
                $"{fault}\t{subject}\t{round.NumStreams}\t{round.NumInFlight}\t{round.Count(Outcome.Same)}\t{round.Count(Outcome.Failed)}\t{round.Count(Outcome.Lost)}\t{round.Count(Outcome.Doubled)}\t{round.Count(Outcome.Different)}\t{round.MedianGap.TotalMilliseconds:0}\t{round.LongestGap.TotalMilliseconds:0}\n"));
        }
    }
}
