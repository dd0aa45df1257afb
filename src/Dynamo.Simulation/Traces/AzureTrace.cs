using System.Globalization;

namespace Dynamo.Simulation.Traces;

/// <summary>Azure's format (Azure/AzurePublicDataset, AzureLLMInferenceTrace): <c>TIMESTAMP,ContextTokens,GeneratedTokens</c>. It knows no prefixes.</summary>
internal static class AzureTrace
{
    private const string Header = "TIMESTAMP,ContextTokens,GeneratedTokens";

    public static List<TraceRequest> Read(TextReader text)
    {
        if (text.ReadLine()?.Trim() is var header && header != Header)
        {
            throw new TraceException($"its first line is not {Header}.");
        }

        List<(DateTime Time, int Input, int Output)> rows = [];
        for (int line = 2; text.ReadLine() is { } row; line++)
        {
            if (string.IsNullOrWhiteSpace(row))
            {
                continue;
            }

            string[] parts = row.Split(',');
            if (parts.Length != 3
                || !DateTime.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
                || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int input)
                || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int output))
            {
                throw new TraceException($"line {line} is not a moment and two counts: {row}");
            }

            rows.Add((time, input, output));
        }

        DateTime start = rows.Count == 0 ? default : rows.Min(static row => row.Time);
        return rows.ConvertAll(row => new TraceRequest((row.Time - start).TotalMilliseconds, row.Input, row.Output, []));
    }
}
