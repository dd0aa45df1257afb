using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;

namespace Dynamo.Frontend.Metrics;

/// <summary>
/// The same requests as OpenTelemetry's conventions for generative AI describe a server's, for whoever exports by them
/// (opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics). Nothing is computed while nobody listens. Thread-safe.
/// </summary>
internal sealed class GenAIInstruments
{
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Histogram<double> _timePerOutputToken;

    /// <summary>Creates the instruments.</summary>
    public GenAIInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(FrontendInstruments.MeterName);
        _duration = meter.CreateHistogram(
            "gen_ai.server.request.duration",
            "s",
            "Generative AI server request duration such as time-to-last byte or last output token.",
            [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);
        _timeToFirstToken = meter.CreateHistogram(
            "gen_ai.server.time_to_first_token",
            "s",
            "Time to generate first token for successful responses.",
            [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
        _timePerOutputToken = meter.CreateHistogram(
            "gen_ai.server.time_per_output_token",
            "s",
            "Time per output token generated after the first token for successful responses.",
            [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]);
    }

    /// <summary>A request is over.</summary>
    /// <param name="operation"><c>chat</c> or <c>text_completion</c>.</param>
    /// <param name="model">Its model.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="duration">Seconds from its arrival to now.</param>
    /// <param name="firstToken">Seconds to its first token; <see langword="null"/> when none came.</param>
    /// <param name="numTokens">Output tokens.</param>
    public void OnEnded(string operation, string model, RequestOutcome outcome, double duration, double? firstToken, int numTokens)
    {
        if (!_duration.Enabled && !_timeToFirstToken.Enabled && !_timePerOutputToken.Enabled)
        {
            return;
        }

        KeyValuePair<string, object?>[] tags =
        [
            new("gen_ai.operation.name", operation),
            new("gen_ai.provider.name", "dynamo"),
            new("gen_ai.request.model", model),
            new("gen_ai.response.model", model),
        ];
        if (outcome != RequestOutcome.Success)
        {
            _duration.Record(duration, [.. tags, new("error.type", outcome.ErrorType())]);
            return;
        }

        _duration.Record(duration, tags);
        if (firstToken is { } first)
        {
            _timeToFirstToken.Record(first, tags);
            if (numTokens > 1)
            {
                _timePerOutputToken.Record((duration - first) / (numTokens - 1), tags);
            }
        }
    }
}
