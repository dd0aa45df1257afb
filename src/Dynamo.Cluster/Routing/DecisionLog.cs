using System.Text.Json;
using System.Text.Json.Serialization;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Routing;

namespace Dynamo.Cluster.Routing;

/// <summary>The newest decisions of a router, told as JSON with every term. Not thread-safe.</summary>
internal sealed class DecisionLog(int capacity, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new WorkerIdConverter(), new RequestIdConverter() },
    };

    private readonly Queue<Entry> _entries = new(capacity);

    /// <summary>Remembers a decision, and forgets the oldest when there are too many.</summary>
    /// <param name="name">What the client calls the response.</param>
    /// <param name="decision">What was decided.</param>
    public void Add(string name, ExplainedDecision decision)
    {
        if (_entries.Count == capacity)
        {
            _entries.Dequeue();
        }

        _entries.Enqueue(new Entry(time.GetUtcNow(), name, decision));
    }

    /// <summary>The newest of all, or those of one sequence or response.</summary>
    public string ToJson(string? request, int limit) =>
        JsonSerializer.Serialize(_entries.Reverse().Where(entry => request is null || IsOf(entry, request)).Take(limit), Json);

    private static bool IsOf(Entry entry, string request) => entry.Response == request || entry.Decision.Request.ToString() == request;

    private sealed record Entry(DateTimeOffset Time, string Response, ExplainedDecision Decision);

    private sealed class WorkerIdConverter : JsonConverter<WorkerId>
    {
        public override WorkerId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, WorkerId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    private sealed class RequestIdConverter : JsonConverter<RequestId>
    {
        public override RequestId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, RequestId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
