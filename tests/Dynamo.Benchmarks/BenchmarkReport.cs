using System.Text.Json;

namespace Dynamo.Benchmarks;

/// <summary>Prints rows as they come, remembers them for JSON, and which bars were missed.</summary>
/// <param name="output">Where to.</param>
internal sealed class BenchmarkReport(TextWriter output)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<object> _rows = [];

    /// <summary>Bars that were missed.</summary>
    public List<string> Missed { get; } = [];

    /// <summary>Whether a row was kept.</summary>
    public bool HasRows => _rows.Count > 0;

    /// <summary>Prints a line.</summary>
    public void Line(string text = "") => output.WriteLine(text);

    /// <summary>Keeps a row.</summary>
    public void Row(object row) => _rows.Add(row);

    /// <summary>Judges a figure.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="value">The figure.</param>
    /// <param name="bar">What is asked.</param>
    /// <param name="atLeast">Whether more is better.</param>
    public void Bar(string name, double value, double bar, bool atLeast = false)
    {
        bool good = atLeast ? value >= bar : value <= bar;
        Line($"  {(good ? "ok" : "NO"),-3} {name}: {value:0.00}, asked {(atLeast ? ">=" : "<=")} {bar:0.00}");
        _rows.Add(new { bar = name, value, asked = bar, atLeast, good });
        if (!good)
        {
            Missed.Add(name);
        }
    }

    /// <summary>Writes all rows.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(
        new
        {
            time = DateTimeOffset.UtcNow,
            host = Environment.MachineName,
            processors = Environment.ProcessorCount,
            runtime = Environment.Version.ToString(),
            rows = _rows,
        },
        Indented));
}
