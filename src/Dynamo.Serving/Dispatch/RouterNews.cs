using System.Collections.Concurrent;
using Dynamo.Abstractions.Routing;
using Dynamo.Protocol.Requests;

namespace Dynamo.Serving.Dispatch;

/// <summary>
/// Tells routers of first tokens and ends: one call a model is under way, and what comes meanwhile goes into the next. What a call that failed was to tell is told
/// once more: a connection may be cut under a router that lives on, and of first tokens it hears from nobody else. Thread-safe.
/// </summary>
internal sealed partial class RouterNews(IGrainFactory grains, TimeProvider time, ILogger<RouterNews> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Pending> _models = new(StringComparer.Ordinal);

    /// <summary>Tells; returns at once.</summary>
    public void Tell(string model, RequestId request, SequenceNewsKind kind)
    {
        Pending pending = _models.GetOrAdd(model, static _ => new Pending());
        lock (pending)
        {
            pending.News.Add(new SequenceNews(request, kind));
            if (pending.IsSending)
            {
                return;
            }

            pending.IsSending = true;
        }

        _ = Task.Run(() => SendAsync(model, pending));
    }

    private async Task SendAsync(string model, Pending pending)
    {
        SequenceNews[] again = [];
        while (true)
        {
            SequenceNews[] news;
            lock (pending)
            {
                news = [.. again, .. pending.News];
                pending.News.Clear();
                pending.IsSending = news.Length > 0;
            }

            if (news.Length == 0)
            {
                return;
            }

            try
            {
                await grains.GetGrain<IRouterGrain>(model).TellAsync(news);
                again = [];
            }
            catch (Exception e)
            {
                // Whatever it is, the next news are told all the same. What has failed twice is left to the workers, who tell routers what they run.
                LogNotTold(e, model, news.Length);
                again = news[again.Length..];
                await Task.Delay(RetryDelay, time);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "The router of model {Model} was not told {NumNews} news.")]
    private partial void LogNotTold(Exception exception, string model, int numNews);

    private sealed class Pending
    {
        public List<SequenceNews> News { get; } = [];

        public bool IsSending { get; set; }
    }
}
