namespace Dynamo.Text.Templates.Jinja;

/// <summary>
/// What one rendering may use: templates come with models and in requests, so they may loop, grow or recurse on purpose. A published template
/// on a long conversation stays two orders below.
/// </summary>
internal sealed class Budget
{
    /// <summary>Longest string, and longest output, in UTF-16 units.</summary>
    public const int MaxTextLength = 8 << 20;

    /// <summary>Nodes evaluated and items made.</summary>
    public const long MaxSteps = 5_000_000;

    /// <summary>Macros and recursive loops within each other.</summary>
    public const int MaxCallDepth = 100;

    // All strings together, kept or not: 512 MiB.
    private const long MaxTextMade = 32L * MaxTextLength;

    // Going through this much text, or making a changed copy character by character, costs as much as one step.
    private const int CharactersReadPerStep = 64;
    private const int CharactersMappedPerStep = 4;

    private long _steps;
    private long _textMade;

    /// <summary>Counts work.</summary>
    public void Spend(long steps)
    {
        if (steps > MaxSteps || (_steps += steps) > MaxSteps)
        {
            throw new TemplateException($"the template takes more than {MaxSteps:N0} steps");
        }
    }

    /// <summary>Counts work on a text of this length.</summary>
    public void SpendReading(long length) => Spend(length / CharactersReadPerStep);

    /// <summary>Counts work that looks at each character of a text and makes something of it.</summary>
    public void SpendMapping(long length) => Spend(length / CharactersMappedPerStep);

    /// <summary>Counts a string before it is made.</summary>
    public void SpendText(long length)
    {
        if (length > MaxTextLength || (_textMade += length) > MaxTextMade)
        {
            throw new TemplateException($"the template makes a text of more than {(length > MaxTextLength ? MaxTextLength : MaxTextMade):N0} characters");
        }

        SpendReading(length);
    }
}
