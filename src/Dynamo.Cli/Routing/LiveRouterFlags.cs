using System.CommandLine;
using System.Globalization;
using Dynamo.Cli.Input;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;

namespace Dynamo.Cli.Routing;

/// <summary>How the routers that live in a frontend decide: <see cref="RouterFlags"/>, where prefixes are known from, and when workers are too busy.</summary>
internal sealed class LiveRouterFlags
{
    private readonly RouterFlags _router = new(allowsDirect: true);
    private readonly Option<bool> _events = new("--router-kv-events")
    {
        Description = "Whether workers' KV events are listened to; if not, what was sent to a worker counts as held there for --router-ttl-secs.",
        DefaultValueFactory = _ => true,
    };
    private readonly Option<bool> _noEvents = new("--no-router-kv-events") { Description = "The same as --router-kv-events false." };
    private readonly Option<double> _lifetime = new("--router-ttl-secs")
    {
        Description = "Without KV events: how long a worker is taken to hold what was sent to it, in seconds, above 0 up to 86400.",
        DefaultValueFactory = _ => 120,
    };
    private readonly Option<double?> _usedBlocks = new("--active-decode-blocks-threshold")
    {
        Description = "Share of a worker's KV blocks in use, 0 to 1, above which it gets nothing more; all workers above it: 529.",
    };
    private readonly Option<long?> _prefillTokens = new("--active-prefill-tokens-threshold") { Description = "Prompt tokens still to compute above which a worker gets nothing more." };
    private readonly Option<double?> _prefillSteps = new("--active-prefill-tokens-threshold-frac") { Description = "The same in multiples of a step's token budget." };
    private readonly Option<int?> _maxHeld = new("--router-max-held")
    {
        Description = "Requests that the router holds while all workers have enough to do; the next is refused with 529. Unless given, any number.",
    };
    private readonly Option<double?> _maxHeldSeconds = new("--router-max-held-secs")
    {
        Description = "How long a request may be held before it is refused with 529, in seconds. Unless given, as long as it takes.",
    };

    private readonly Option<double?> _sessionSeconds = new("--router-session-affinity-ttl-secs")
    {
        Description = "Keeps the requests of a session (header X-Dynamo-Session-ID) at one worker until it was idle for so long, 1 to 31536000 seconds. Unless given, only prefixes do.",
    };
    private readonly Option<string> _sessionMode = new("--router-session-affinity-mode")
    {
        Description = "hard: a request waits for its session's worker while that has enough to do; soft: it goes elsewhere then.",
        DefaultValueFactory = _ => "hard",
    };

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [.. _router.All, _sessionSeconds, _sessionMode, _events, _noEvents, _lifetime, _usedBlocks, _prefillTokens, _prefillSteps, _maxHeld, _maxHeldSeconds];

    /// <summary>Reads and checks what was given; the block size is left to the workers.</summary>
    /// <exception cref="CommandFault">Something is out of its range; all faults are named.</exception>
    public RouterOptions Read(ParseResult parsed)
    {
        List<string> faults = [];
        RouterOptions options = _router.Read(parsed, blockSize: 1, faults);
        double lifetime = parsed.GetValue(_lifetime);
        if (!(lifetime > 0 && lifetime <= 86400))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_lifetime.Name} must be above 0 and at most 86400, is {lifetime}."));
        }

        if (parsed.GetValue(_usedBlocks) is { } share && !(share >= 0 && share <= 1))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_usedBlocks.Name} is a share, 0 to 1, is {share}."));
        }

        if (parsed.GetValue(_sessionSeconds) is { } idle && !(idle >= 1 && idle <= 31_536_000))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_sessionSeconds.Name} must be 1 to 31536000, is {idle}."));
        }

        string sessionMode = parsed.GetRequiredValue(_sessionMode);
        if (sessionMode is not ("hard" or "soft"))
        {
            faults.Add($"{_sessionMode.Name} must be hard or soft, is '{sessionMode}'.");
        }

        NotNegative(_prefillTokens.Name, parsed.GetValue(_prefillTokens));
        NotNegative(_prefillSteps.Name, parsed.GetValue(_prefillSteps));
        NotNegative(_maxHeld.Name, parsed.GetValue(_maxHeld));
        NotNegative(_maxHeldSeconds.Name, parsed.GetValue(_maxHeldSeconds));
        foreach (Option option in new Option[] { _maxHeld, _maxHeldSeconds })
        {
            if (options is not { Mode: RouterMode.KV, Hold: not null } && parsed.GetResult(option) is { Implicit: false })
            {
                faults.Add($"{option.Name} needs --router-mode kv with --router-hold true: else the router holds nothing.");
            }
        }

        if (faults.Count > 0)
        {
            throw new CommandFault(string.Join('\n', faults));
        }

        return options with
        {
            HasKVEvents = parsed.GetValue(_events) && !parsed.GetValue(_noEvents),
            ApproximateMilliseconds = 1000 * lifetime,
            Sessions = parsed.GetValue(_sessionSeconds) is { } seconds ? new SessionOptions { IdleMilliseconds = 1000 * seconds, IsHard = sessionMode == "hard" } : null,
            Hold = options.Hold is { } hold ? hold with { MaxHeld = parsed.GetValue(_maxHeld), MaxHeldMilliseconds = 1000 * parsed.GetValue(_maxHeldSeconds) } : null,
            Busy = new BusyLimits
            {
                ActiveDecodeBlocks = parsed.GetValue(_usedBlocks),
                ActivePrefillTokens = parsed.GetValue(_prefillTokens),
                ActivePrefillTokensFraction = parsed.GetValue(_prefillSteps),
            },
        };

        void NotNegative(string name, double? value)
        {
            if (value is { } number && !(number >= 0 && double.IsFinite(number)))
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{name} must be at least 0, is {number}."));
            }
        }
    }
}
