using System.Globalization;
using Dynamo.Cluster.Telemetry;

namespace Dynamo.Hosting.Telemetry;

/// <summary>
/// The environment variables with which Dynamo sets histogram buckets: <c>DYN_METRICS_TTFT_MIN</c>, <c>_MAX</c> and <c>_COUNT</c>, and the same with
/// <c>ITL</c>, <c>REQUEST_DURATION</c>, <c>INPUT_SEQUENCE</c> and <c>OUTPUT_SEQUENCE</c>.
/// </summary>
internal static class BucketVariables
{
    private const string Prefix = "DYN_METRICS_";
    private const int MaxCount = 500;

    private static readonly (string Variable, string Metric, double[] Default)[] Histograms =
    [
        ("TTFT", "dynamo_frontend_time_to_first_token_seconds", LogBuckets.TimeToFirstToken),
        ("ITL", "dynamo_frontend_inter_token_latency_seconds", LogBuckets.InterTokenLatency),
        ("REQUEST_DURATION", "dynamo_frontend_request_duration_seconds", LogBuckets.RequestDuration),
        ("INPUT_SEQUENCE", "dynamo_frontend_input_sequence_tokens", LogBuckets.InputTokens),
        ("OUTPUT_SEQUENCE", "dynamo_frontend_output_sequence_tokens", LogBuckets.OutputTokens),
    ];

    /// <summary>Reads them.</summary>
    /// <param name="variable">An environment variable's value, or <see langword="null"/>.</param>
    /// <param name="faults">Gets a line for each that cannot be read.</param>
    public static Dictionary<string, double[]> Read(Func<string, string?> variable, List<string> faults)
    {
        Dictionary<string, double[]> buckets = [];
        foreach ((string name, string metric, double[] bounds) in Histograms)
        {
            string[] names = [Prefix + name + "_MIN", Prefix + name + "_MAX", Prefix + name + "_COUNT"];
            if (names.All(given => string.IsNullOrEmpty(variable(given))))
            {
                continue;
            }

            // The first bound is 0 and the second the first that is spaced by the logarithm.
            double low = Number(names[0], bounds[1]);
            double high = Number(names[1], bounds[^1]);
            double count = Number(names[2], bounds.Length);
            if (low <= 0 || high <= low)
            {
                faults.Add($"{names[0]} must be above 0 and below {names[1]}; they are {Text(low)} and {Text(high)}.");
            }
            else if (count is < 2 or > MaxCount || count != Math.Floor(count))
            {
                faults.Add($"{names[2]} must be a whole number from 2 to {MaxCount}, is {Text(count)}.");
            }
            else
            {
                buckets[metric] = LogBuckets.Create(low, high, (int)count);
            }
        }

        return buckets;

        double Number(string name, double otherwise)
        {
            if (variable(name) is not { Length: > 0 } text)
            {
                return otherwise;
            }

            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
            {
                return value;
            }

            faults.Add($"{name} must be a number, is '{text}'.");
            return otherwise;
        }
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
