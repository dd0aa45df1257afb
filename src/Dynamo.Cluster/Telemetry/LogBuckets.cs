namespace Dynamo.Cluster.Telemetry;

/// <summary>Histogram buckets as Dynamo's frontend makes them: 0, then evenly spaced in the logarithm, each rounded to two significant digits.</summary>
public static class LogBuckets
{
    /// <summary>Seconds to a first token.</summary>
    public static double[] TimeToFirstToken => Create(0.001, 480, 18);

    /// <summary>Seconds between tokens.</summary>
    public static double[] InterTokenLatency => Create(0.001, 80, 20);

    /// <summary>Seconds of a whole request: from a few milliseconds, so that a quantile of short answers says something.</summary>
    public static double[] RequestDuration => Create(0.005, 512, 24);

    /// <summary>Tokens of a prompt.</summary>
    public static double[] InputTokens => Create(50, 128_000, 12);

    /// <summary>Tokens of an answer; many have less than a hundred.</summary>
    public static double[] OutputTokens => Create(4, 32_000, 14);

    /// <summary>Creates bucket bounds, ascending, at most <paramref name="count"/> of them.</summary>
    public static double[] Create(double low, double high, int count)
    {
        List<double> bounds = [0];
        for (int i = 1; i < count; i++)
        {
            double bound = Rounded(Math.Exp(Math.Log(low) + ((Math.Log(high) - Math.Log(low)) * i / (count - 1))));
            if (bound > bounds[^1])
            {
                bounds.Add(bound);
            }
        }

        return [.. bounds];
    }

    private static double Rounded(double value)
    {
        int decimals = 1 - (int)Math.Floor(Math.Log10(value));
        double scale = Math.Pow(10, Math.Abs(decimals));
        return decimals >= 0 ? Math.Round(value * scale) / scale : Math.Round(value / scale) * scale;
    }
}
