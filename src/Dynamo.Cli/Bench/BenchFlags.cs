using System.CommandLine;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Bench;

/// <summary>
/// The flags of <c>dynamo bench</c>. To add one: a field here, a line in <see cref="AddTo"/>, a line in <see cref="Read"/>, a rule in <see cref="BenchRules"/>.
/// </summary>
internal sealed class BenchFlags
{
    private readonly Argument<string> _servers = new("servers") { Description = "Address of the frontend, http://host:port; several with commas between them, which take turns." };
    private readonly Option<string?> _model = new("--model") { Description = "Model to ask; the server's first one unless given." };
    private readonly Option<string?> _apiKey = new("--api-key") { Description = "Sent as bearer token; OPENAI_API_KEY unless given." };
    private readonly Option<string> _api = new("--api") { Description = "completions (prompts as token ids, of exact length) or chat (prompts as words).", DefaultValueFactory = _ => "completions" };
    private readonly Option<int?> _concurrency = new("--concurrency") { Description = "Closed loop: requests at a time, 1 to 65536." };
    private readonly Option<double?> _rate = new("--rate") { Description = "Open loop: requests a second, 0.001 to 1e6, sent whether or not earlier ones have ended." };
    private readonly Option<bool> _poisson = new("--poisson") { Description = "With --rate: random gaps, as of many independent clients, instead of equal ones." };
    private readonly Option<string?> _trace = new("--trace") { Description = "Trace to replay, Mooncake's .jsonl or Azure's .csv, plain or .gz, at its own times unless --concurrency or --rate is given." };
    private readonly Option<double?> _speed = new("--speed") { Description = "How much faster than recorded the trace is replayed, 0.001 to 1e6; 1 unless given." };
    private readonly Option<int?> _traceBlockSize = new("--trace-block-size") { Description = "Tokens that one of the trace's hash_ids stands for, 1 to 65536; 512 unless given." };
    private readonly Option<int?> _requests = new("--requests") { Description = "Requests to send, from 1; unless given, the whole trace, or what --duration allows." };
    private readonly Option<double?> _duration = new("--duration") { Description = "Seconds after which no further request begins, 0.001 to 1e6." };
    private readonly Option<int> _warmUps = new("--warmup") { Description = "Requests before those that count, from 0, with prompts of their own.", DefaultValueFactory = _ => 0 };
    private readonly Option<int?> _inputTokens = new("--input-tokens") { Description = "Tokens of each prompt, 1 to 16777216; 512 unless given." };
    private readonly Option<int?> _outputTokens = new("--output-tokens") { Description = "Tokens of each answer, 1 to 16777216; 128 unless given." };
    private readonly Option<int?> _prefixGroups = new("--prefix-groups") { Description = "Number of different prompt heads; each prompt begins with one of them, drawn at random. From 1." };
    private readonly Option<int?> _prefixTokens = new("--prefix-tokens") { Description = "Tokens of such a head, counted in --input-tokens and fewer than these." };
    private readonly Option<string> _tokenIds = new("--token-ids") { Description = "Ids that prompts consist of, LOW-HIGH.", DefaultValueFactory = _ => "100-999" };
    private readonly Option<int> _seed = new("--seed") { Description = "Same seed, same prompts, heads and gaps.", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _timeout = new("--timeout") { Description = "Seconds that a request may take, 0.001 to 1e6; one that takes longer has failed.", DefaultValueFactory = _ => 600 };
    private readonly Option<string?> _json = new("--json") { Description = "File to write the report to, as one JSON object; - prints it instead of the table." };

    public void AddTo(Command command)
    {
        command.Add(_servers);
        foreach (Option option in new Option[]
        {
            _model, _apiKey, _api, _concurrency, _rate, _poisson, _trace, _speed, _traceBlockSize, _requests, _duration, _warmUps, _inputTokens, _outputTokens,
            _prefixGroups, _prefixTokens, _tokenIds, _seed, _timeout, _json,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>Reads and checks what was given.</summary>
    /// <exception cref="CommandFault">Some of it cannot be; the message lists every fault.</exception>
    public BenchOptions Read(ParseResult parsed)
    {
        BenchRules rules = new();
        (int low, int high) = rules.TokenIds(_tokenIds.Name, parsed.GetRequiredValue(_tokenIds));
        BenchOptions options = new()
        {
            Servers = rules.Servers(parsed.GetRequiredValue(_servers)),
            Model = parsed.GetValue(_model),
            ApiKey = parsed.GetValue(_apiKey) ?? Environment.GetEnvironmentVariable("OPENAI_API_KEY"),
            Api = rules.Api(_api.Name, parsed.GetRequiredValue(_api)),
            Concurrency = rules.Whole(_concurrency.Name, parsed.GetValue(_concurrency), 1, 65536),
            Rate = rules.Number(_rate.Name, parsed.GetValue(_rate), 0.001, 1e6),
            IsPoisson = parsed.GetValue(_poisson),
            TracePath = parsed.GetValue(_trace),
            Speed = rules.Number(_speed.Name, parsed.GetValue(_speed), 0.001, 1e6) ?? 1,
            TraceBlockSize = rules.Whole(_traceBlockSize.Name, parsed.GetValue(_traceBlockSize), 1, 65536) ?? 512,
            NumRequests = rules.Whole(_requests.Name, parsed.GetValue(_requests), 1, int.MaxValue),
            Duration = rules.Seconds(_duration.Name, parsed.GetValue(_duration)),
            NumWarmUps = rules.Whole(_warmUps.Name, parsed.GetValue(_warmUps), 0, int.MaxValue) ?? 0,
            NumInputTokens = rules.Whole(_inputTokens.Name, parsed.GetValue(_inputTokens), 1, 1 << 24) ?? 512,
            NumOutputTokens = rules.Whole(_outputTokens.Name, parsed.GetValue(_outputTokens), 1, 1 << 24) ?? 128,
            NumPrefixGroups = rules.Whole(_prefixGroups.Name, parsed.GetValue(_prefixGroups), 1, int.MaxValue) ?? 0,
            NumPrefixTokens = rules.Whole(_prefixTokens.Name, parsed.GetValue(_prefixTokens), 1, 1 << 24) ?? 0,
            LowestToken = low,
            HighestToken = high,
            Seed = parsed.GetValue(_seed),
            Timeout = rules.Seconds(_timeout.Name, parsed.GetValue(_timeout)) ?? TimeSpan.Zero,
            JsonPath = parsed.GetValue(_json),
        };
        Option[] withDefaults = [_speed, _traceBlockSize, _inputTokens, _outputTokens];
        rules.Together(options, [.. withDefaults.Where(option => parsed.GetResult(option) is not null).Select(static option => option.Name)]);
        if (JsonFile.Fault(options.JsonPath) is { } unwritable)
        {
            rules.Faults.Add(unwritable);
        }

        return rules.Faults.Count == 0 ? options : throw new CommandFault(string.Join(" ", rules.Faults));
    }
}
