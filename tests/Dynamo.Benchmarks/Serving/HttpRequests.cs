using System.Text;
using System.Text.Json;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Requests as they are sent.</summary>
internal static class HttpRequests
{
    /// <summary>A GET.</summary>
    public static byte[] Get(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");

    /// <summary>A chat completion.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="prompt">What the user says.</param>
    /// <param name="numTokens">Tokens that are asked for.</param>
    /// <param name="isStream">Whether they are to come one by one.</param>
    public static byte[] Chat(string path, string prompt, int numTokens, bool isStream)
    {
        Dictionary<string, object> body = new()
        {
            ["model"] = ServingCluster.ModelName,
            ["messages"] = new[] { new { role = "user", content = prompt } },
            ["max_tokens"] = numTokens,

            // A model may say in its folder that tokens are drawn; the same are drawn again.
            ["seed"] = 1,
        };
        if (isStream)
        {
            body["stream"] = true;
            body["stream_options"] = new { include_usage = true };
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(body);
        return [.. Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n"), .. json];
    }
}
