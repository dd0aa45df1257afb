namespace Dynamo.Text.Tokenizers;

/// <summary>A token that is cut out of the text before the model sees it.</summary>
public sealed record AddedToken
{
    /// <summary>Its id.</summary>
    public required int Id { get; init; }

    /// <summary>Its text.</summary>
    public required string Content { get; init; }

    /// <summary>Left out of decoded text when special tokens are skipped.</summary>
    public bool Special { get; init; }

    /// <summary>Matches only where no letter, mark, digit or connector touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Takes the white space before it along.</summary>
    public bool LeftStrip { get; init; }

    /// <summary>Takes the white space after it along.</summary>
    public bool RightStrip { get; init; }

    /// <summary>Is looked for in normalized text, not in the raw one.</summary>
    public bool Normalized { get; init; }
}
