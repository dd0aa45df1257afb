using System.CommandLine;
using System.Globalization;
using Dynamo.Routing;
using Dynamo.Routing.Costs;
using Dynamo.Routing.Holding;

namespace Dynamo.Cli.Roles;

/// <summary>How the routers of a frontend decide. Names and defaults are Dynamo's where it has them.</summary>
internal sealed class RouterFlags
{
    private static readonly Dictionary<string, RouterMode> Modes = new(StringComparer.Ordinal)
    {
        ["kv"] = RouterMode.KV,
        ["round-robin"] = RouterMode.RoundRobin,
        ["random"] = RouterMode.Random,
        ["least-loaded"] = RouterMode.LeastLoaded,
        ["power-of-two"] = RouterMode.PowerOfTwo,
        ["direct"] = RouterMode.Direct,
    };

    private static readonly Dictionary<string, RouterCost> Costs = new(StringComparer.Ordinal)
    {
        ["time"] = RouterCost.Time,
        ["dynamo"] = RouterCost.Dynamo,
    };

    private readonly Option<string> _mode = Named("--router-mode", "kv", $"How a request finds its worker: {string.Join(", ", Modes.Keys)}.");
    private readonly Option<string> _cost = Named("--router-cost", "time", "What kv minimises: time (milliseconds to the first token) or dynamo (Dynamo's blocks).");
    private readonly Option<double> _temperature = Number("--router-temperature", 0, "0: the lowest cost wins; above: drawn, the more evenly the higher.");
    private readonly Option<double> _credit = Number("--router-kv-overlap-score-credit", 1, "Cost dynamo: what a block that the worker has is worth; 0: prefixes do not count.");
    private readonly Option<double> _creditDecay = Number("--router-kv-overlap-score-credit-decay", 0, "Cost dynamo: how fast that falls with the prompts that wait there.");
    private readonly Option<double> _prefillScale = Number("--router-prefill-load-scale", 1, "Cost dynamo: what a block to compute weighs against a block to hold.");
    private readonly Option<double> _requestWeight = Number("--router-decode-active-request-weight", 0, "Cost dynamo: what a running request weighs, in blocks.");
    private readonly Option<bool> _assumeReuse = Switch("--router-assume-kv-reuse", "Cost dynamo: whether a block held by several requests counts once.");
    private readonly Option<bool> _trackPrefill = Switch("--router-track-prefill-tokens", "Cost dynamo: whether prompts that wait count.");
    private readonly Option<bool> _events = Switch("--router-kv-events", "Whether workers' KV events are listened to; if not, what was sent to a worker counts as held there for --router-ttl-secs.");
    private readonly Option<bool> _noEvents = new("--no-router-kv-events") { Description = "The same as --router-kv-events false." };
    private readonly Option<double> _lifetime = Number("--router-ttl-secs", 120, "Without KV events: how long a worker is taken to hold what was sent to it, in seconds.");
    private readonly Option<double?> _usedBlocks = Threshold("--active-decode-blocks-threshold", "Share of a worker's KV blocks in use, 0 to 1, above which it gets nothing more.");
    private readonly Option<double?> _prefillTokens = Threshold("--active-prefill-tokens-threshold", "Prompt tokens still to compute above which a worker gets nothing more.");
    private readonly Option<double?> _prefillSteps = Threshold("--active-prefill-tokens-threshold-frac", "The same in multiples of a step's token budget.");
    private readonly Option<int?> _maxHeld = new("--router-max-held") { Description = "Requests that the router holds while all workers have enough to do; the next is refused with 529. Default: any number." };
    private readonly Option<double?> _maxHeldSeconds = Threshold("--router-max-held-secs", "How long a request may be held before it is refused with 529, in seconds. Default: as long as it takes.");

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All =>
    [
        _mode, _cost, _temperature, _credit, _creditDecay, _prefillScale, _requestWeight, _assumeReuse, _trackPrefill, _events, _noEvents, _lifetime,
        _usedBlocks, _prefillTokens, _prefillSteps, _maxHeld, _maxHeldSeconds,
    ];

    /// <summary>Reads and checks what was given; the block size is left to the workers.</summary>
    /// <exception cref="CommandFault">Something is out of its range; all faults are named.</exception>
    public RouterOptions Read(ParseResult parsed)
    {
        List<string> faults = [];
        RouterMode mode = OneOf(parsed.GetRequiredValue(_mode), Modes, _mode.Name, faults);
        RouterCost cost = OneOf(parsed.GetRequiredValue(_cost), Costs, _cost.Name, faults);
        foreach (Option<double> option in (Option<double>[])[_temperature, _credit, _creditDecay, _prefillScale, _requestWeight])
        {
            AtLeast(0, parsed.GetValue(option), option.Name, faults);
        }

        double lifetime = parsed.GetValue(_lifetime);
        if (!(lifetime > 0 && double.IsFinite(lifetime)))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_lifetime.Name} must be above 0, is {lifetime}."));
        }

        foreach (Option<double?> option in (Option<double?>[])[_usedBlocks, _prefillTokens, _prefillSteps, _maxHeldSeconds])
        {
            AtLeast(0, parsed.GetValue(option) ?? 0, option.Name, faults);
        }

        if (parsed.GetValue(_usedBlocks) is > 1 and var share)
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_usedBlocks.Name} is a share and at most 1, is {share}."));
        }

        AtLeast(0, parsed.GetValue(_maxHeld) ?? 0, _maxHeld.Name, faults);
        if (faults.Count > 0)
        {
            throw new CommandFault(string.Join('\n', faults));
        }

        return new RouterOptions
        {
            BlockSize = 1,
            Mode = mode,
            Cost = cost,
            Temperature = parsed.GetValue(_temperature),
            HasKVEvents = parsed.GetValue(_events) && !parsed.GetValue(_noEvents),
            ApproximateMilliseconds = 1000 * lifetime,
            Dynamo = new DynamoCostOptions
            {
                OverlapScoreCredit = parsed.GetValue(_credit),
                OverlapScoreCreditDecay = parsed.GetValue(_creditDecay),
                PrefillLoadScale = parsed.GetValue(_prefillScale),
                DecodeActiveRequestWeight = parsed.GetValue(_requestWeight),
                AssumeKVReuse = parsed.GetValue(_assumeReuse),
                TrackPrefillTokens = parsed.GetValue(_trackPrefill),
            },
            Hold = new HoldOptions { MaxHeld = parsed.GetValue(_maxHeld), MaxHeldMilliseconds = 1000 * parsed.GetValue(_maxHeldSeconds) },
            Busy = new BusyThresholds
            {
                UsedBlocks = parsed.GetValue(_usedBlocks),
                PrefillTokens = (long?)parsed.GetValue(_prefillTokens),
                PrefillSteps = parsed.GetValue(_prefillSteps),
            },
        };
    }

    private static Option<string> Named(string name, string value, string description) => new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Option<double> Number(string name, double value, string description) => new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Option<bool> Switch(string name, string description) => new(name) { Description = description, DefaultValueFactory = _ => true };

    private static Option<double?> Threshold(string name, string description) => new(name) { Description = description };

    private static T OneOf<T>(string value, Dictionary<string, T> choices, string name, List<string> faults)
        where T : struct
    {
        if (choices.TryGetValue(value, out T choice))
        {
            return choice;
        }

        faults.Add($"{name} must be one of {string.Join(", ", choices.Keys)}, is '{value}'.");
        return default;
    }

    private static void AtLeast(double least, double value, string name, List<string> faults)
    {
        if (!(value >= least && double.IsFinite(value)))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{name} must be at least {least}, is {value}."));
        }
    }
}
