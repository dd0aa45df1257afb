namespace Dynamo.Frontend.Json;

/// <summary>Finds what a misspelt name was perhaps meant to be.</summary>
internal static class NearName
{
    /// <summary>Longest name that is compared; no known one is longer.</summary>
    private const int MaxLength = 40;

    /// <summary>The known name that the fewest letters set apart from this one, if that is at most a third of them.</summary>
    public static string? Of(string name, ReadOnlySpan<string> known)
    {
        if (name.Length > MaxLength)
        {
            return null;
        }

        string? nearest = null;
        int least = (name.Length / 3) + 1;
        foreach (string candidate in known)
        {
            int distance = Distance(name, candidate);
            if (distance < least)
            {
                (nearest, least) = (candidate, distance);
            }
        }

        return nearest;
    }

    // Levenshtein's, a row at a time.
    private static int Distance(string a, string b)
    {
        Span<int> row = stackalloc int[MaxLength + 1];
        row = row[..(a.Length + 1)];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = i;
        }

        foreach (char letter in b)
        {
            int diagonal = row[0]++;
            for (int i = 1; i < row.Length; i++)
            {
                int changed = diagonal + (a[i - 1] == letter ? 0 : 1);
                diagonal = row[i];
                row[i] = Math.Min(changed, Math.Min(row[i], row[i - 1]) + 1);
            }
        }

        return row[a.Length];
    }
}
