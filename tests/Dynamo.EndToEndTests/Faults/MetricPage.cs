using System.Globalization;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>One reading of <c>/metrics</c>.</summary>
/// <param name="text">The page.</param>
internal sealed class MetricPage(string text)
{
    /// <summary>Reads a server's.</summary>
    public static async Task<MetricPage> ReadAsync(HttpClient http, Uri address) => new(await http.GetStringAsync(new Uri(address, "metrics")));

    /// <summary>Sum of a metric over all its labels; 0 when there is none.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="label">Only with this label, as it stands on the page; <see langword="null"/>: all.</param>
    public double Sum(string name, string? label = null)
    {
        double sum = 0;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(name + "{", StringComparison.Ordinal) && (label is null || line.Contains(label, StringComparison.Ordinal)))
            {
                sum += double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
            }
        }

        return sum;
    }
}
