using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.Benchmarks.Llama;

/// <summary>What llama.cpp logs: kept, so that the line about its KV cache can be read back and errors be shown.</summary>
internal static unsafe class LlamaLog
{
    private static readonly StringBuilder Kept = new();

    /// <summary>Everything logged so far.</summary>
    public static string Text
    {
        get
        {
            lock (Kept)
            {
                return Kept.ToString();
            }
        }
    }

    /// <summary>Takes over a library's log.</summary>
    public static void Capture(LlamaApi api) => api.LogSet(&Append, null);

    /// <summary>Lines that contain a text.</summary>
    public static IEnumerable<string> LinesWith(string text) =>
        Text.Split('\n').Where(line => line.Contains(text, StringComparison.Ordinal)).Select(static line => line.Trim());

    [UnmanagedCallersOnly]
    private static void Append(int level, byte* text, void* argument)
    {
        lock (Kept)
        {
            Kept.Append(Marshal.PtrToStringUTF8((nint)text));
        }
    }
}
