using Dynamo.Benchmarks.Engine;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Prints what the <c>serving</c> command measured.</summary>
/// <param name="rows">Takes lines, rows and bars.</param>
internal sealed class ServingReport(BenchmarkReport rows)
{
    private const double Megabyte = 1e6;
    private const double LeastShown = 0.01;

    /// <summary>The machine and the programs.</summary>
    public void Head(Programs programs, ServingOptions options)
    {
        string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
        bool? isCompiledAhead = programs.IsCompiledAhead();
        string code = isCompiledAhead switch
        {
            true => "compiled ahead of time",
            false => "not compiled ahead of time, which 'deploy/dynamo --version' does",
            null => "its assemblies are elsewhere",
        };
        rows.Line($"{Environment.ProcessorCount} cores, {processor}; load {LoadAverage()}");
        rows.Line($"{programs.Dynamo} ({code}), model {programs.Model}, {options.NumWorkers} mockers");
        if (programs.Nginx is null && !options.WithoutNginx)
        {
            rows.Line("There is no nginx on the PATH or in /usr/sbin, so no ratios to it; on Debian: apt-get install nginx");
        }

        rows.Row(new { cell = "head", processor, load = LoadAverage(), programs.Dynamo, isCompiledAhead, programs.Model, programs.Nginx, options });
    }

    /// <summary>Starts, and the rest after the last of them.</summary>
    public void Starts(StartProbe starts, ServingOptions options)
    {
        if (starts.Samples.Count == 0)
        {
            return;
        }

        rows.Line();
        rows.Line($"Start of a frontend and a mocker, {starts.Samples.Count} times: median (min..max)");
        Start("until /health is 200, s", static start => start.HealthySeconds, "0.00");
        Start("until the first answer, s", static start => start.AnsweredSeconds, "0.00");
        Start("CPU until then, frontend, s", static start => start.Frontend, "0.00");
        Start("CPU until then, mocker, s", static start => start.Worker, "0.00");
        Start("first token of the first request, ms", static start => start.FirstTtft, "0.0");
        Start("first token of the second, ms", static start => start.SecondTtft, "0.0");
        Start("frontend when fresh, resident, MB", static start => start.FrontendMemory.Resident / Megabyte, "0");
        Start("  private dirty, MB", static start => start.FrontendMemory.PrivateDirty / Megabyte, "0");
        Start("  anonymous, MB", static start => start.FrontendMemory.Anonymous / Megabyte, "0");
        Start("mocker when fresh, resident, MB", static start => start.WorkerMemory.Resident / Megabyte, "0");
        Start("  private dirty, MB", static start => start.WorkerMemory.PrivateDirty / Megabyte, "0");
        Start("  anonymous, MB", static start => start.WorkerMemory.Anonymous / Megabyte, "0");
        rows.Row(new { cell = "start", starts.Samples });
        if (starts is { IdleFrontend: { } frontend, IdleWorker: { } worker })
        {
            double minutes = options.IdleSeconds / 60.0;
            rows.Line();
            rows.Line($"At rest, CPU seconds a minute, over {options.IdleSeconds} s after {options.SettleSeconds} s without requests");
            rows.Line($"  {"frontend",-12}{frontend.Seconds / minutes,8:0.00}   {Groups(frontend, minutes * 1e9, "0.00")}");
            rows.Line($"  {"mocker",-12}{worker.Seconds / minutes,8:0.00}   {Groups(worker, minutes * 1e9, "0.00")}");
            rows.Row(new { cell = "idle", seconds = options.IdleSeconds, frontend, worker });
        }

        void Start(string name, Func<StartSample, double> figure, string format) => rows.Line($"  {name,-40}{Text(Spread.Of(starts.Samples.Select(figure)), format)}");
    }

    /// <summary>Loads of a cluster.</summary>
    public void Loads(ServingSeries[] series)
    {
        foreach (ServingSeries cell in series)
        {
            LoadCell load = cell.Cell;
            rows.Line();
            rows.Line(
                $"{load.Name}: {load.NumRequests} requests a round over {load.NumConnections} connections, {cell.Of(static sample => sample.Latency.NumPromptTokens).Median:0} tokens in, " +
                $"{load.NumTokens} out, {(load.IsStream ? "streamed" : "whole")}; {cell.Samples.Count} rounds, median (min..max)");
            rows.Line($"  {"CPU",-12}{"us a request",-26}{"in the kernel",-22}{"us a token",-22}");
            Cpu("frontend", static sample => sample.Frontend);
            Cpu("mockers", static sample => sample.Workers);
            if (cell.Ratio is { } ratio)
            {
                Cpu("nginx", static sample => sample.Nginx!);
                rows.Line($"  frontend / nginx: {Text(ratio, "0.00")}; nginx at {cell.Of(static sample => sample.NginxRequestsPerSecond).Median:0} requests a second");
            }

            rows.Line($"  requests a second {Text(cell.Of(static sample => sample.Latency.RequestsPerSecond), "0")}");
            rows.Line(
                $"  {(load.IsStream ? "first token" : "whole answer")}, ms: p50 {Text(cell.Of(static sample => sample.Latency.Ttft.P50), "0.0")}, " +
                $"p99 {Text(cell.Of(static sample => sample.Latency.Ttft.P99), "0.0")}");
            if (load.IsStream)
            {
                rows.Line(
                    $"  gap, ms: p50 {Text(cell.Of(static sample => sample.Latency.Gap.P50), "0.00")}, p99 {Text(cell.Of(static sample => sample.Latency.Gap.P99), "0.0")}; " +
                    $"pieces of a stream {Text(cell.Of(static sample => sample.Latency.NumPieces), "0")}");
            }

            rows.Line(
                $"  others took {Text(cell.Of(static sample => 100 * sample.OthersShare), "0")} % of the processors; warmed up by {cell.NumWarmUpRequests} requests, after which " +
                $"compiling took {Text(cell.Of(static sample => 100 * CpuUse.Sum([sample.Frontend, sample.Workers]).JitShare), "0.0")} % of the CPU time");
            rows.Line($"  frontend's threads, us a request: {Groups(CpuUse.Sum(cell.Samples.Select(static sample => sample.Frontend)), Requests(cell), "0.0")}");
            rows.Line($"  mockers' threads, us a request:   {Groups(CpuUse.Sum(cell.Samples.Select(static sample => sample.Workers)), Requests(cell), "0.0")}");
            rows.Row(new { cell = load.Name, load, cell.NumWarmUpRequests, cell.Samples });

            void Cpu(string name, Func<ServingSample, CpuUse> use) => rows.Line(
                $"  {name,-12}{Text(cell.Of(sample => use(sample).Microseconds(load.NumRequests)), "0"),-26}" +
                $"{Text(cell.Of(sample => use(sample).KernelMicroseconds(load.NumRequests)), "0"),-22}{Text(cell.Of(sample => use(sample).Microseconds(cell.NumTokens)), "0.0"),-22}");
        }

        rows.Line();
        foreach (ServingSeries cell in series)
        {
            if (cell is { Ratio: { } ratio, Cell.Bar: { } bar })
            {
                rows.Bar($"{cell.Cell.Name}: frontend's CPU time / nginx's", ratio.Median, bar);
            }
        }

        // Nanoseconds to microseconds, and all rounds' requests.
        static double Requests(ServingSeries cell) => 1e3 * cell.Cell.NumRequests * cell.Samples.Count;
    }

    /// <summary>Memory before the loads of a cluster and after them.</summary>
    public void Memory(MemorySample fresh, MemorySample loaded)
    {
        rows.Line("  Memory when fresh -> after these loads, MB: resident, private dirty, anonymous");
        Line("frontend", fresh.Frontend, loaded.Frontend);
        for (int i = 0; i < fresh.Workers.Count; i++)
        {
            Line($"mocker {i + 1}", fresh.Workers[i], loaded.Workers[i]);
        }

        rows.Row(new { cell = "memory", fresh, loaded });

        void Line(string name, ProcessMemory before, ProcessMemory after) => rows.Line(
            $"  {name,-12}{Change(before.Resident, after.Resident),-16}{Change(before.PrivateDirty, after.PrivateDirty),-16}{Change(before.Anonymous, after.Anonymous)}");

        static string Change(long before, long after) => $"{before / Megabyte:0} -> {after / Megabyte:0}";
    }

    /// <summary>The last lines.</summary>
    /// <returns>The program's exit code.</returns>
    public int End(ServingOptions options)
    {
        rows.Line();
        rows.Line($"load {LoadAverage()} at the end. Every answer was checked: status, tokens, end, and of {LoadCellRunner.NumAskedAgain} prompts a round that they give the same text again.");
        rows.Line(rows.Missed.Count == 0 ? "No bar was missed." : $"Bars missed: {string.Join("; ", rows.Missed)}.");
        if (options.JsonFile is { } path)
        {
            rows.Write(path);
        }

        return options.RequireBars && rows.Missed.Count > 0 ? 2 : 0;
    }

    private static string LoadAverage() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    private static string Text(Spread spread, string format) => $"{spread.Median.ToString(format)} ({spread.Min.ToString(format)}..{spread.Max.ToString(format)})";

    private static string Groups(CpuUse use, double divisor, string format) => string.Join(", ", use.Groups
        .Where(group => group.Value >= LeastShown * use.Nanoseconds)
        .OrderByDescending(static group => group.Value)
        .Select(group => $"{group.Key} {(group.Value / divisor).ToString(format)}"));
}
