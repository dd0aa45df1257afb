using System.Globalization;

namespace Dynamo.Cli.Bench;

/// <summary>What the flags of <c>dynamo bench</c> may be, alone and together. Collects every fault; a value that cannot be is passed on all the same.</summary>
internal sealed class BenchRules
{
    /// <summary>What is wrong, a sentence each.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Addresses with commas between them.</summary>
    public IReadOnlyList<Uri> Servers(string text)
    {
        List<Uri> servers = [];
        foreach (string address in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https")
            {
                servers.Add(server);
            }
            else
            {
                Faults.Add($"A server must be an http or https address, is '{address}'.");
            }
        }

        if (servers.Count == 0 && Faults.Count == 0)
        {
            Faults.Add("At least one server must be given, for example http://127.0.0.1:8000.");
        }

        return servers;
    }

    /// <summary>An API's name.</summary>
    public BenchApi Api(string flag, string text)
    {
        if (text is not ("completions" or "chat"))
        {
            Faults.Add($"{flag} must be completions or chat, is '{text}'.");
        }

        return text == "chat" ? BenchApi.Chat : BenchApi.Completions;
    }

    /// <summary>A whole number in a range.</summary>
    public int? Whole(string flag, int? value, int low, int high)
    {
        if (value < low || value > high)
        {
            Faults.Add(high == int.MaxValue ? $"{flag} must be at least {low}, is {value}." : $"{flag} must be {low} to {high}, is {value}.");
        }

        return value;
    }

    /// <summary>A number in a range.</summary>
    public double? Number(string flag, double? value, double low, double high)
    {
        if (value is { } given && !(given >= low && given <= high))
        {
            Faults.Add(string.Create(CultureInfo.InvariantCulture, $"{flag} must be {low} to {high}, is {given}."));
        }

        return value;
    }

    /// <summary>Seconds, from a millisecond to a million.</summary>
    public TimeSpan? Seconds(string flag, double? value) =>
        Number(flag, value, 0.001, 1e6) is >= 0.001 and <= 1e6 ? TimeSpan.FromSeconds(value!.Value) : null;

    /// <summary>A range of token ids.</summary>
    public (int Low, int High) TokenIds(string flag, string text)
    {
        string[] ends = text.Split('-');
        if (ends.Length == 2
            && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int low)
            && int.TryParse(ends[1], NumberStyles.None, CultureInfo.InvariantCulture, out int high)
            && low < high)
        {
            return (low, high);
        }

        Faults.Add($"{flag} must be two ids, the lower one first, for example 100-999, is '{text}'.");
        return (0, 1);
    }

    /// <summary>What contradicts one another.</summary>
    /// <param name="options">All that was given.</param>
    /// <param name="given">Names of the flags given, of those whose absence <paramref name="options"/> does not show.</param>
    public void Together(BenchOptions options, IReadOnlyList<string> given)
    {
        bool isReplay = options is { TracePath: not null, Concurrency: null, Rate: null };
        FaultIf(options is { Concurrency: null, Rate: null, TracePath: null }, "How to load must be said: --concurrency N, --rate R or --trace FILE.");
        FaultIf(options is { Concurrency: not null, Rate: not null }, "--concurrency and --rate exclude each other: one waits for answers, the other does not.");
        FaultIf(options.IsPoisson && options.Rate is null, "--poisson needs --rate.");
        FaultIf(given.Contains("--speed") && !isReplay, "--speed needs --trace, and neither --concurrency nor --rate: it is the trace's times that it divides.");
        FaultIf(given.Contains("--trace-block-size") && options.TracePath is null, "--trace-block-size needs --trace.");
        FaultIf(options is { NumRequests: null, Duration: null, TracePath: null }, "How much to send must be said: --requests N, --duration S or both.");
        FaultIf((options.NumPrefixGroups == 0) != (options.NumPrefixTokens == 0), "--prefix-groups and --prefix-tokens need each other.");
        FaultIf(
            options.TracePath is null && options.NumPrefixTokens >= options.NumInputTokens && options.NumPrefixTokens > 0,
            $"--prefix-tokens must be fewer than --input-tokens, {options.NumInputTokens}, is {options.NumPrefixTokens}.");
        if (options.TracePath is { } path)
        {
            FaultIf(!File.Exists(path), $"--trace {path}: there is no such file.");
            FaultIf(options.NumPrefixGroups > 0 || options.NumPrefixTokens > 0, "--prefix-groups and --prefix-tokens do not go with --trace, whose hash_ids say what prompts share.");
            FaultIf(given.Contains("--input-tokens") || given.Contains("--output-tokens"), "--input-tokens and --output-tokens do not go with --trace, which has its own.");
        }
    }

    private void FaultIf(bool isWrong, string fault)
    {
        if (isWrong)
        {
            Faults.Add(fault);
        }
    }
}
