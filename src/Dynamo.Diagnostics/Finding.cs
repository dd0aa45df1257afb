namespace Dynamo.Diagnostics;

/// <summary>How bad a finding is.</summary>
public enum FindingStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works now and may not always.</summary>
    Warning,

    /// <summary>Something will not work.</summary>
    Failure,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Status">How bad it is.</param>
/// <param name="Check">What was looked at: redis, nats, mesh …</param>
/// <param name="Subject">Which one: an address, a variable, a file.</param>
/// <param name="Value">What was found, in one line.</param>
/// <param name="Advice">What to do, in one line; <see langword="null"/> when nothing is to be done.</param>
public sealed record Finding(FindingStatus Status, string Check, string Subject, string Value, string? Advice = null)
{
    /// <summary>As it should be.</summary>
    public static Finding Ok(string check, string subject, string value) => new(FindingStatus.Ok, check, subject, value);

    /// <summary>It works now and may not always.</summary>
    public static Finding Warn(string check, string subject, string value, string advice) => new(FindingStatus.Warning, check, subject, value, advice);

    /// <summary>Something will not work.</summary>
    public static Finding Fail(string check, string subject, string value, string advice) => new(FindingStatus.Failure, check, subject, value, advice);
}
