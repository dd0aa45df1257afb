namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's sorted(): stable, also in reverse.</summary>
internal static class Sorting
{
    /// <summary>The items in the order of their keys.</summary>
    /// <exception cref="TemplateException">Two keys have no order.</exception>
    public static List<T> Stable<T>(Budget budget, IEnumerable<T> items, Func<T, object?> key, bool reverse)
    {
        // Merging by hand: a comparison that throws passes through List.Sort wrapped, and one that is not transitive (nan) must not confuse it.
        List<(T Item, object? Key)> list = [.. items.Select(item => (item, key(item)))];
        budget.Spend(list.Count);
        (T Item, object? Key)[] from = [.. list];
        (T Item, object? Key)[] to = new (T, object?)[from.Length];
        for (int width = 1; width < from.Length; width *= 2)
        {
            for (int start = 0; start < from.Length; start += 2 * width)
            {
                Merge(budget, from, to, start, Math.Min(start + width, from.Length), Math.Min(start + (2 * width), from.Length), reverse);
            }

            (from, to) = (to, from);
        }

        return [.. from.Select(static entry => entry.Item)];
    }

    private static void Merge<T>(Budget budget, (T Item, object? Key)[] from, (T Item, object? Key)[] to, int start, int middle, int end, bool reverse)
    {
        int left = start;
        int right = middle;
        for (int at = start; at < end; at++)
        {
            bool takesRight = left == middle
                || (right < end && (reverse ? PythonEquality.Order(budget, from[left].Key, from[right].Key) < 0 : PythonEquality.Order(budget, from[right].Key, from[left].Key) < 0));
            to[at] = takesRight ? from[right++] : from[left++];
        }
    }
}
