namespace Dynamo.Hosting.Telemetry;

/// <summary>Values of labels are equal one by one.</summary>
internal sealed class LabelsComparer : IEqualityComparer<string[]>
{
    public static LabelsComparer Instance { get; } = new();

    public bool Equals(string[]? x, string[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(string[] obj)
    {
        HashCode hash = default;
        foreach (string label in obj)
        {
            hash.Add(label, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
