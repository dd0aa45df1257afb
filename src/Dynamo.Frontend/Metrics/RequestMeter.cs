using System.Diagnostics;
using Dynamo.Cluster.Telemetry;

namespace Dynamo.Frontend.Metrics;

/// <summary>Measures one request, and is its span when it is traced. The tokens of one choice come one after another; choices may come at the same time.</summary>
internal sealed class RequestMeter
{
    /// <summary>Label of requests whose model is not known: names that clients make up must not become labels.</summary>
    private const string UnknownModel = "unknown";

    private const string Completions = "completions";

    private static readonly ActivitySource Source = new(FrontendInstruments.MeterName);

    private readonly FrontendInstruments _instruments;
    private readonly GenAIInstruments _genAI;
    private readonly TimeProvider _time;
    private readonly string _endpoint;
    private readonly long _start;
    private readonly Activity? _span;
    private KeyValuePair<string, object?> _model = Labels.Of(UnknownModel);
    private bool _hasModel;
    private string _requestType = "unary";
    private long[] _last = [];
    private long _first;
    private int _isQueued;
    private int _numTokens;

    /// <summary>Begins when the request arrives.</summary>
    /// <param name="instruments">Where to.</param>
    /// <param name="genAI">And where else.</param>
    /// <param name="time">The clock.</param>
    /// <param name="endpoint"><c>chat_completions</c>, <c>completions</c> or <c>streams</c>.</param>
    /// <param name="isTraced">Whether it may be a span.</param>
    public RequestMeter(FrontendInstruments instruments, GenAIInstruments genAI, TimeProvider time, string endpoint, bool isTraced = true)
    {
        (_instruments, _genAI, _time, _endpoint) = (instruments, genAI, time, endpoint);
        _start = time.GetTimestamp();
        _span = isTraced ? Source.StartActivity(Operation) : null;
    }

    private string Operation => _endpoint == Completions ? "text_completion" : "chat";

    /// <summary>Since the request arrived.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Output tokens so far.</summary>
    public int NumTokens => Volatile.Read(ref _numTokens);

    /// <summary>The request's model is known.</summary>
    public void OnModel(string model, bool isStream)
    {
        _requestType = isStream ? "stream" : "unary";
        if (_span is not null)
        {
            // As OpenTelemetry's conventions for generative AI have it.
            _span.DisplayName = $"{Operation} {model}";
            _span.SetTag("gen_ai.operation.name", Operation).SetTag("gen_ai.provider.name", "dynamo").SetTag("gen_ai.request.model", model);
        }

        (_model, _hasModel) = (Labels.Of(model), true);
        _instruments.OnStarted(_model, _endpoint, _requestType);
        _instruments.OnQueued(_model);
        _isQueued = 1;
    }

    /// <summary>The prompts are encoded.</summary>
    public void OnPrompt(int numTokens, int numSequences)
    {
        _last = new long[numSequences];
        _span?.SetTag("gen_ai.usage.input_tokens", numTokens);
        _instruments.InputTokens.Record(numTokens, _model);
    }

    /// <summary>A choice has new tokens.</summary>
    public void OnTokens(int choice, int numTokens)
    {
        if (numTokens == 0 || !_hasModel)
        {
            return;
        }

        long now = _time.GetTimestamp();
        _instruments.OutputTokens.Add(numTokens, _model);
        Interlocked.Add(ref _numTokens, numTokens);
        if (LeaveQueue())
        {
            _first = now;
            _instruments.TimeToFirstToken.Record(_time.GetElapsedTime(_start, now).TotalSeconds, _model);
        }

        // The first tokens of a choice come with its prefill and have no latency between them.
        if (_last[choice] != 0)
        {
            _instruments.InterTokenLatency.Record(_time.GetElapsedTime(_last[choice], now).TotalSeconds / numTokens, numTokens, _model);
        }

        _last[choice] = now;
    }

    /// <summary>A choice is complete.</summary>
    public void OnChoice(int numTokens, int numCachedTokens)
    {
        if (_hasModel)
        {
            _instruments.OutputLength.Record(numTokens, _model);
            _instruments.CachedTokens.Record(numCachedTokens, _model);
        }
    }

    /// <summary>The request is over.</summary>
    public void OnEnd(RequestOutcome outcome)
    {
        EndSpan(outcome);
        if (!_hasModel)
        {
            // It began as well, so that the two counts agree.
            _instruments.OnStarted(_model, _endpoint, _requestType);
        }

        _instruments.OnEnded(_model, _endpoint, _requestType, outcome);
        if (!_hasModel)
        {
            return;
        }

        LeaveQueue();
        _instruments.OnLeft(_model);
        double seconds = Elapsed.TotalSeconds;
        _instruments.Duration.Record(seconds, _model);
        _genAI.OnEnded(
            Operation,
            (string)_model.Value!,
            outcome,
            seconds,
            _first == 0 ? null : _time.GetElapsedTime(_start, _first).TotalSeconds,
            NumTokens);
    }

    private void EndSpan(RequestOutcome outcome)
    {
        _span?.SetTag("gen_ai.usage.output_tokens", NumTokens);
        if (outcome != RequestOutcome.Success)
        {
            _span?.SetTag("error.type", outcome.ErrorType()).SetStatus(ActivityStatusCode.Error);
        }

        _span?.Dispose();
    }

    private bool LeaveQueue()
    {
        bool left = Interlocked.Exchange(ref _isQueued, 0) == 1;
        if (left)
        {
            _instruments.OnUnqueued(_model);
        }

        return left;
    }
}
