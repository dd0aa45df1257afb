namespace Dynamo.Frontend.Metrics;

/// <summary>Measures one request. The tokens of one choice come one after another; choices may come at the same time.</summary>
internal sealed class RequestMeter
{
    /// <summary>Label of requests whose model is not known: names that clients make up must not become labels.</summary>
    private const string UnknownModel = "unknown";

    private readonly FrontendMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly string _endpoint;
    private readonly long _start;
    private ModelMetrics? _model;
    private string _modelName = UnknownModel;
    private string _requestType = "unary";
    private long[] _last = [];
    private int _isQueued;

    /// <summary>Begins when the request arrives.</summary>
    /// <param name="metrics">Where to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="endpoint"><c>chat_completions</c> or <c>completions</c>.</param>
    public RequestMeter(FrontendMetrics metrics, TimeProvider time, string endpoint)
    {
        (_metrics, _time, _endpoint) = (metrics, time, endpoint);
        _start = time.GetTimestamp();
    }

    /// <summary>Since the request arrived.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>The request's model is known.</summary>
    public void OnModel(string model, bool isStream)
    {
        _modelName = model;
        _requestType = isStream ? "stream" : "unary";
        _model = _metrics.Of(model);
        _metrics.OnStarted(model, _endpoint, _requestType);
        _model.Inflight.Inc();
        _model.Active.Inc();
        _model.Queued.Inc();
        _isQueued = 1;
    }

    /// <summary>The prompts are encoded.</summary>
    public void OnPrompt(int numTokens, int numSequences)
    {
        _last = new long[numSequences];
        _model?.InputTokens.Observe(numTokens);
    }

    /// <summary>A choice has new tokens.</summary>
    public void OnTokens(int choice, int numTokens)
    {
        if (numTokens == 0 || _model is not { } model)
        {
            return;
        }

        long now = _time.GetTimestamp();
        model.OutputTokens.Inc(numTokens);
        if (LeaveQueue(model))
        {
            double seconds = _time.GetElapsedTime(_start, now).TotalSeconds;
            model.TimeToFirstToken.Observe(seconds);
            model.Routed.TimeToFirstToken.Observe(seconds);
        }

        // The first tokens of a choice come with its prefill and have no latency between them.
        if (_last[choice] != 0)
        {
            double seconds = _time.GetElapsedTime(_last[choice], now).TotalSeconds / numTokens;
            model.InterTokenLatency.Observe(seconds, numTokens);
            model.Routed.InterTokenLatency.Observe(seconds, numTokens);
        }

        _last[choice] = now;
    }

    /// <summary>A choice is complete.</summary>
    public void OnChoice(int numTokens, int numCachedTokens)
    {
        _model?.OutputLength.Observe(numTokens);
        _model?.Routed.OutputTokens.Observe(numTokens);
        _model?.CachedTokens.Observe(numCachedTokens);
    }

    /// <summary>The request is over.</summary>
    public void OnEnd(RequestOutcome outcome)
    {
        if (_model is null)
        {
            // It began as well, so that the two counts agree.
            _metrics.OnStarted(UnknownModel, _endpoint, _requestType);
        }

        _metrics.OnEnded(_modelName, _endpoint, _requestType, outcome);
        if (_model is not { } model)
        {
            return;
        }

        LeaveQueue(model);
        model.Inflight.Dec();
        model.Active.Dec();
        model.Duration.Observe(_time.GetElapsedTime(_start).TotalSeconds);
    }

    private bool LeaveQueue(ModelMetrics model)
    {
        bool left = Interlocked.Exchange(ref _isQueued, 0) == 1;
        if (left)
        {
            model.Queued.Dec();
        }

        return left;
    }
}
