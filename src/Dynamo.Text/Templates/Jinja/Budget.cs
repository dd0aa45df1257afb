namespace Dynamo.Text.Templates.Jinja;

/// <summary>
/// What one rendering may use: templates come with models and in requests, so they may loop, grow or recurse on purpose. A published template
/// on a long conversation stays two orders below.
/// </summary>
internal sealed class Budget
{
    /// <summary>Longest string, and longest output, in UTF-16 units.</summary>
    public const int MaxTextLength = 32 << 20;

    /// <summary>Nodes evaluated and items made.</summary>
    public const long MaxSteps = 5_000_000;

    /// <summary>Macros and recursive loops within each other.</summary>
    public const int MaxCallDepth = 100;

    private long _steps;
    private long _textMade;

    /// <summary>Counts work.</summary>
    public void Spend(long steps)
    {
        if ((_steps += steps) > MaxSteps)
        {
            throw new TemplateException($"the template takes more than {MaxSteps:N0} steps");
        }
    }

    /// <summary>Counts a string before it is made.</summary>
    public void SpendText(long length)
    {
        // Strings are short-lived; the bound on their sum keeps a loop that makes large ones from taking minutes.
        if (length > MaxTextLength || (_textMade += length) > 32L * MaxTextLength)
        {
            throw new TemplateException($"the template makes a text of more than {MaxTextLength:N0} characters");
        }
    }
}
