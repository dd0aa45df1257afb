using System.Collections.Concurrent;
using System.Diagnostics;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>
/// Clients that stream at the same time, each at one frontend. In waves: each client has one stream. Continuous: each sends its next request
/// when its answer is complete, until told otherwise or an answer is not. Members may be called from any thread.
/// </summary>
internal sealed class StreamLoad
{
    private readonly StreamClient _client;
    private readonly StreamLoadOptions _options;
    private readonly ConcurrentQueue<StreamRecord> _records = new();
    private readonly CancellationTokenSource _deadline;
    private readonly TaskCompletionSource _allBegan = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _clients;
    private readonly Lock _lock = new();
    private readonly List<(long Since, int Count, TaskCompletionSource Reached)> _awaited = [];
    private int _numSilent;
    private volatile bool _isLaunching;

    /// <summary>Starts the clients.</summary>
    /// <param name="frontends">Where they go.</param>
    /// <param name="options">What they do.</param>
    public StreamLoad(IReadOnlyList<Uri> frontends, StreamLoadOptions options)
    {
        _options = options;
        _client = new StreamClient(frontends, options.MayResume);
        _numSilent = options.NumStreams;
        _isLaunching = options.IsContinuous;
        _deadline = new CancellationTokenSource(options.Limit);
        _clients = Task.WhenAll(Enumerable.Range(0, options.NumStreams).Select(RunClientAsync));
    }

    /// <summary>Clients.</summary>
    public int NumClients => _options.NumStreams;

    /// <summary>Streams that are not over.</summary>
    public int NumInFlight => _records.Count(static record => !record.IsOver);

    /// <summary>Of those, the ones that have begun.</summary>
    public int NumStreaming => _records.Count(static record => !record.IsOver && record.Events.Count > 0);

    /// <summary>Waits until every client's first stream is some events long.</summary>
    public Task AllBeganAsync() => _allBegan.Task.WaitAsync(_options.Limit);

    /// <summary>Waits until requests that were sent after a moment are over, well or not, or no client sends any more.</summary>
    /// <param name="since">The moment, of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="count">How many of them.</param>
    public Task AnsweredSinceAsync(long since, int count)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _awaited.Add((since, count, reached));
        }

        OnOver();
        return Task.WhenAny(reached.Task, _clients).WaitAsync(_options.Limit);
    }

    /// <summary>Waits for all streams; a continuous load starts no more of them.</summary>
    public async Task<IReadOnlyList<StreamRecord>> EndAsync()
    {
        _isLaunching = false;
        await _clients;
        _client.Dispose();
        _deadline.Dispose();
        return [.. _records];
    }

    private async Task RunClientAsync(int client)
    {
        // Requests are sent from pool threads, not one after the other from the test's.
        await Task.Yield();
        int number = client;
        bool isFirst = true;
        StreamRecord record;
        do
        {
            record = new StreamRecord(number % StreamLoadOptions.NumRequests, _options.NumTokens);
            _records.Enqueue(record);
            await RunAsync(record, _options.FrontendOf(client), isFirst, _options.LeaveAfter?.Invoke(client));
            number += _options.NumStreams;
            isFirst = false;
        }
        while (_isLaunching && record.Error is null);
    }

    private async Task RunAsync(StreamRecord record, int frontend, bool isFirst, int? leaveAfter)
    {
        bool isSilent = isFirst;
        using CancellationTokenSource leaving = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
        Task stream = _client.RunAsync(
            record,
            frontend,
            () =>
            {
                if (isSilent && record.NumEvents >= _options.NumEventsToBegin)
                {
                    isSilent = false;
                    OnBegan();
                }

                if (record.NumEvents == leaveAfter)
                {
                    leaving.Cancel();
                }
            },
            leaving.Token);
        if (leaveAfter == 0)
        {
            await leaving.CancelAsync();
        }

        await stream;
        if (isSilent)
        {
            OnBegan();
        }

        OnOver();
    }

    private void OnBegan()
    {
        if (Interlocked.Decrement(ref _numSilent) == 0)
        {
            _allBegan.TrySetResult();
        }
    }

    private void OnOver()
    {
        lock (_lock)
        {
            for (int i = _awaited.Count - 1; i >= 0; i--)
            {
                (long since, int count, TaskCompletionSource reached) = _awaited[i];
                if (_records.Count(record => record.IsOver && record.Sent >= since) >= count)
                {
                    reached.TrySetResult();
                    _awaited.RemoveAt(i);
                }
            }
        }
    }
}

/// <summary>What the clients of a load do.</summary>
internal sealed record StreamLoadOptions
{
    /// <summary>Different requests that there are; as many were recorded undisturbed.</summary>
    public const int NumRequests = 64;

    /// <summary>Clients that send request after request while processes start, which takes the cores too.</summary>
    public static readonly int NumSteady = LongRounds.AreOn ? NumRequests : 16;

    /// <summary>Clients.</summary>
    public int NumStreams { get; init; } = NumRequests;

    /// <summary>Tokens of each answer.</summary>
    public required int NumTokens { get; init; }

    /// <summary>Index of the frontend of a client; by turns unless said otherwise.</summary>
    public Func<int, int> FrontendOf { get; init; } = static client => client % 2;

    /// <summary>Whether a client whose frontend is gone goes on at another.</summary>
    public bool MayResume { get; init; }

    /// <summary>Whether a client sends request after request.</summary>
    public bool IsContinuous { get; init; }

    /// <summary>Events after which a client leaves; <see langword="null"/>: they stay. At 0 it leaves as soon as the request is sent.</summary>
    public Func<int, int>? LeaveAfter { get; init; }

    /// <summary>Events after which a stream is under way.</summary>
    public int NumEventsToBegin { get; init; } = 16;

    /// <summary>After it every client leaves: a stream that hangs becomes a failed one.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(120);
}
