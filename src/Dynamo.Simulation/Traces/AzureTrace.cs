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

        List<TraceRequest> requests = [];
        DateTime start = default;
        for (int line = 2; text.ReadLine() is { } row; line++)
        {
            if (row.Length == 0)
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

            start = requests.Count == 0 ? time : start;
            if (input > 0 && output > 0)
            {
                requests.Add(new TraceRequest((time - start).TotalMilliseconds, input, output, []));
            }
        }

        return requests;
    }
}
