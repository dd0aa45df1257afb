using System.Globalization;

namespace Dynamo.EndToEndTests.Serving;

/// <summary>Reads single values of <c>/metrics</c>.</summary>
internal static class ServerMetrics
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>The value of a metric with one model.</summary>
    public static async Task<double> ReadAsync(HttpClient http, string name)
    {
        string text = await http.GetStringAsync("metrics");
        string line = text.Split('\n').Single(line => line.StartsWith(name + "{", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
    }

    /// <summary>Asks again until a metric has a value.</summary>
    public static async Task UntilAsync(HttpClient http, string name, double value)
    {
        using CancellationTokenSource deadline = new(Deadline);
        double last;
        while ((last = await ReadAsync(http, name)) != value)
        {
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"{name} is {last} after {Deadline}, not {value}.");
            }
        }
    }
}
