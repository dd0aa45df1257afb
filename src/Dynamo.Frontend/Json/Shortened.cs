namespace Dynamo.Frontend.Json;

/// <summary>Texts of clients in messages: their beginning says enough.</summary>
internal static class Shortened
{
    /// <summary>A text, or its first characters and an ellipsis.</summary>
    public static string To(int length, string text) =>
        text.Length <= length ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");
}
