using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>The administrator's part of a frontend's HTTP surface.</summary>
internal static class Admin
{
    /// <summary>The workers that a frontend knows; <see langword="null"/> when the frontend does not tell.</summary>
    public static async Task<IReadOnlyList<WorkerStatus>?> WorkersAsync(HttpClient http, Uri frontend)
    {
        using HttpResponseMessage response = await http.GetAsync(new Uri(frontend, "admin/workers"));
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        JsonNode body = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        return [.. body["workers"]!.AsArray().Select(static worker => WorkerStatus.Of(worker!))];
    }

    /// <summary>Asks for a worker to be drained.</summary>
    public static async Task DrainAsync(HttpClient http, Uri frontend, string workerId)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync(new Uri(frontend, "admin/drain"), new JsonObject { ["worker"] = workerId });
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"POST /admin/drain: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }
}

/// <summary>A worker as a frontend knows it.</summary>
/// <param name="Id">What it is called in requests about it.</param>
/// <param name="Address">Where its silo is.</param>
/// <param name="State">In its life cycle.</param>
/// <param name="IsSafeToDelete">Whether nothing runs on it that would be missed.</param>
internal sealed record WorkerStatus(string Id, string Address, string State, bool IsSafeToDelete)
{
    /// <summary>Whether it takes requests.</summary>
    public bool IsReady => string.Equals(State, "ready", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads one entry of the list.</summary>
    public static WorkerStatus Of(JsonNode worker) => new(
        worker["id"]!.ToString(), worker["address"]!.ToString(), worker["state"]!.ToString(), (bool?)worker["safe_to_delete"] ?? false);
}
