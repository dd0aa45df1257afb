namespace Dynamo.Benchmarks.Serving;

/// <summary>A round of a cell.</summary>
/// <param name="Latency">What clients saw.</param>
/// <param name="Frontend">CPU time of the frontend.</param>
/// <param name="Workers">CPU time of the mockers together.</param>
/// <param name="Nginx">CPU time of nginx for as many requests; <see langword="null"/>: there is no nginx.</param>
/// <param name="NginxRequestsPerSecond">How many of them it answered a second.</param>
/// <param name="OthersShare">Share of the processors that other programs took meanwhile.</param>
internal sealed record ServingSample(LatencyFigures Latency, CpuUse Frontend, CpuUse Workers, CpuUse? Nginx, double NginxRequestsPerSecond, double OthersShare)
{
    /// <summary>The frontend's CPU time as a multiple of nginx's.</summary>
    public double? Ratio => Nginx is null ? null : (double)Frontend.Nanoseconds / Nginx.Nanoseconds;
}
