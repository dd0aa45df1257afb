using System.CommandLine;
using System.Globalization;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Modes;

namespace Dynamo.Cli.Routing;

/// <summary>How requests are routed, live and simulated. Names and defaults are Dynamo's where it has them.</summary>
/// <param name="allowsDirect">Whether requests can name a worker.</param>
internal sealed class RouterFlags(bool allowsDirect)
{
    private static readonly Dictionary<string, RouterCost> Costs = new(StringComparer.Ordinal)
    {
        ["ours"] = RouterCost.Time,
        ["dynamo"] = RouterCost.Dynamo,
    };

    private readonly string[] _modes = NamesOf(allowsDirect);
    private readonly Option<string> _mode = new("--router-mode")
    {
        Description = $"How a request finds its worker: {string.Join(", ", NamesOf(allowsDirect))}.",
        DefaultValueFactory = _ => RouterMode.KV,
    };
    private readonly Option<string> _cost = new("--router-cost")
    {
        Description = "What kv minimises: ours (milliseconds until the first token, learnt from the workers' steps) or dynamo (NVIDIA Dynamo's blocks).",
        DefaultValueFactory = _ => "ours",
    };
    private readonly Option<double> _temperature = Number("--router-temperature", "0: the lowest cost wins; above, up to 100: drawn, the more evenly the higher.", 0);
    private readonly Option<bool?> _predict = new("--router-predict")
    {
        Description = "Count a prompt's blocks as held where it was sent, before the worker says so (true or false); unless given, true with ours and false with dynamo.",
    };
    private readonly Option<bool?> _hold = new("--router-hold")
    {
        Description = "Hold requests at the router while every worker has enough to do (true or false); unless given, true with ours and false with dynamo.",
    };
    private readonly Option<double> _credit = Number("--router-kv-overlap-score-credit", "dynamo: what a block that the worker has is worth, 0 to 100; 0 routes by load alone.", 1);
    private readonly Option<double> _creditDecay = Number("--router-kv-overlap-score-credit-decay", "dynamo: how fast that falls with the prompts that wait there, 0 to 100.", 0);
    private readonly Option<double> _prefillScale = Number("--router-prefill-load-scale", "dynamo: what a block to compute weighs against a block to hold, 0 to 1000.", 1);
    private readonly Option<double> _requestWeight = Number("--router-decode-active-request-weight", "dynamo: what a request that runs there weighs, in blocks, 0 to 1000.", 0);
    private readonly Option<bool> _assumeReuse = Switch("--router-assume-kv-reuse", "dynamo: whether a block held by several requests counts once.");
    private readonly Option<bool> _trackPrefill = Switch("--router-track-prefill-tokens", "dynamo: whether prompts that wait count.");

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All =>
        [_mode, _cost, _temperature, _predict, _hold, _credit, _creditDecay, _prefillScale, _requestWeight, _assumeReuse, _trackPrefill];

    /// <summary>Reads and checks what was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="blockSize">Tokens of a block.</param>
    /// <param name="faults">Gets everything that is wrong.</param>
    public RouterOptions Read(ParseResult parsed, int blockSize, List<string> faults)
    {
        CheckRange(_temperature, 100);
        CheckRange(_credit, 100);
        CheckRange(_creditDecay, 100);
        CheckRange(_prefillScale, 1000);
        CheckRange(_requestWeight, 1000);
        string mode = parsed.GetRequiredValue(_mode);
        if (!_modes.Contains(mode))
        {
            faults.Add($"{_mode.Name} must be one of {string.Join(", ", _modes)}, is '{mode}'.");
        }

        string cost = parsed.GetRequiredValue(_cost);
        if (!Costs.ContainsKey(cost))
        {
            faults.Add($"{_cost.Name} must be one of {string.Join(", ", Costs.Keys)}, is '{cost}'.");
        }

        bool isOurs = Costs.GetValueOrDefault(cost) == RouterCost.Time;
        foreach (Option option in new Option[] { _credit, _creditDecay, _prefillScale, _requestWeight, _assumeReuse, _trackPrefill })
        {
            if (isOurs && parsed.GetResult(option) is { Implicit: false })
            {
                faults.Add($"{option.Name} is a parameter of Dynamo's cost: it needs {_cost.Name} dynamo.");
            }
        }

        return new RouterOptions
        {
            Mode = mode,
            Cost = Costs.GetValueOrDefault(cost),
            BlockSize = blockSize,
            Temperature = parsed.GetValue(_temperature),
            PredictOnRoute = parsed.GetValue(_predict) ?? isOurs,
            Hold = parsed.GetValue(_hold) ?? isOurs ? new HoldOptions() : null,
            Dynamo = new DynamoCostOptions
            {
                OverlapScoreCredit = parsed.GetValue(_credit),
                OverlapScoreCreditDecay = parsed.GetValue(_creditDecay),
                PrefillLoadScale = parsed.GetValue(_prefillScale),
                DecodeActiveRequestWeight = parsed.GetValue(_requestWeight),
                AssumeKVReuse = parsed.GetValue(_assumeReuse),
                TrackPrefillTokens = parsed.GetValue(_trackPrefill),
            },
        };

        void CheckRange(Option<double> option, double high)
        {
            double value = parsed.GetValue(option);
            if (!(value >= 0 && value <= high))
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be 0 to {high}, is {value}."));
            }
        }
    }

    /// <summary>What to call the router in a report.</summary>
    public static string NameOf(RouterOptions options) => options switch
    {
        { Mode: RouterMode.KV, Cost: RouterCost.Dynamo } => string.Create(
            CultureInfo.InvariantCulture,
            $"kv, Dynamo's cost, overlap credit {options.Dynamo.OverlapScoreCredit}, prefill scale {options.Dynamo.PrefillLoadScale}"),
        _ => options.Mode,
    };

    private static string[] NamesOf(bool allowsDirect) => [.. RoutingModes.Names.Where(name => allowsDirect || name != RouterMode.Direct)];

    private static Option<double> Number(string name, string description, double value) => new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Option<bool> Switch(string name, string description) => new(name) { Description = description, DefaultValueFactory = _ => true };
}
