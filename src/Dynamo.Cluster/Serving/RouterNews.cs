using System.Collections.Concurrent;
using Dynamo.Abstractions.Routing;
using Dynamo.Protocol.Requests;

namespace Dynamo.Cluster.Serving;

/// <summary>
/// Tells routers of first tokens and ends: one call a model is under way, and what comes meanwhile goes into the next. Calls that fail are not made again, for
/// workers tell routers what they run. Thread-safe.
/// </summary>
internal sealed partial class RouterNews(IGrainFactory grains, ILogger<RouterNews> logger)
{
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
        while (true)
        {
            SequenceNews[] news;
            lock (pending)
            {
                if (pending.News.Count == 0)
                {
                    pending.IsSending = false;
                    return;
                }

                news = [.. pending.News];
                pending.News.Clear();
            }

            try
            {
                await grains.GetGrain<IRouterGrain>(model).TellAsync(news);
            }
            catch (Exception e)
            {
                // Whatever it is, the next news are told all the same.
                LogNotTold(e, model, news.Length);
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
