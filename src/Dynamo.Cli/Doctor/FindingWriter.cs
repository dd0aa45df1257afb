using System.Text.Json;
using System.Text.Json.Nodes;
using Dynamo.Diagnostics;

namespace Dynamo.Cli.Doctor;

/// <summary>Prints findings: a line each as they come, or all as one JSON document at the end.</summary>
internal sealed class FindingWriter(TextWriter output, bool isJson)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly JsonArray _findings = [];
    private int _numWarnings;

    /// <summary>Failures so far.</summary>
    public int NumFailures { get; private set; }

    public void Write(Finding finding)
    {
        NumFailures += finding.Status == FindingStatus.Failure ? 1 : 0;
        _numWarnings += finding.Status == FindingStatus.Warning ? 1 : 0;
        if (!isJson)
        {
            output.WriteLine($"{Word(finding.Status),-4} {finding.Check,-11} {finding.Subject}: {finding.Value}{(finding.Advice is null ? "" : $" -> {finding.Advice}")}");
            return;
        }

        _findings.Add(new JsonObject
        {
            ["status"] = Word(finding.Status).ToLowerInvariant(),
            ["check"] = finding.Check,
            ["subject"] = finding.Subject,
            ["value"] = finding.Value,
            ["advice"] = finding.Advice,
        });
    }

    public void Finish()
    {
        if (isJson)
        {
            output.WriteLine(new JsonObject { ["failures"] = NumFailures, ["warnings"] = _numWarnings, ["findings"] = _findings }.ToJsonString(Indented));
        }
        else
        {
            output.WriteLine(NumFailures + _numWarnings == 0 ? "all is well" : $"{NumFailures} failed, {_numWarnings} warned");
        }
    }

    private static string Word(FindingStatus status) => status switch { FindingStatus.Ok => "ok", FindingStatus.Warning => "WARN", _ => "FAIL" };
}
