using System.Buffers;
using System.Text.Json;
using Dynamo.Cluster.Membership;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Models;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Catalog;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Endpoints;

/// <summary><c>GET /health</c> and <c>/ping</c>: whether at least one model can answer. <c>GET /live</c>: whether the process does.</summary>
/// <param name="models">The models.</param>
/// <param name="state">Where the process is in its life.</param>
/// <param name="cluster">What is wrong with the control plane, by its parts; none in a cluster of one process.</param>
/// <param name="admin">The workers, of which notes tell whose answers may differ.</param>
internal sealed class HealthEndpoint(ModelTexts models, NodeState state, IEnumerable<IClusterHealth> cluster, IClusterAdmin admin)
{
    /// <summary>200 when at least one model is ready, else 503, as while the process starts or leaves; both with the state of each model.</summary>
    public Task HealthAsync(HttpContext context)
    {
        ArrayBufferWriter<byte> body = new(512);
        NodePhase phase = state.Phase;
        bool isHealthy = false;
        using (Utf8JsonWriter json = JsonOutput.CreateWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("models");
            foreach (ServedModel model in models.Models)
            {
                string? fault = models.Fault(model);
                bool isReady = IsReady(model);
                isHealthy |= isReady;
                json.WriteStartObject();
                json.WriteString("id", model.Name);
                json.WriteString("status", isReady ? "ready" : fault is null ? "not ready" : "broken");
                json.WriteString("fault", fault);
                json.WriteEndObject();
            }

            json.WriteEndArray();

            // Serving goes on meanwhile, so neither these nor notes make it unhealthy.
            json.WriteStartArray("faults");
            foreach (string fault in cluster.SelectMany(static part => part.Faults))
            {
                json.WriteStringValue(fault);
            }

            json.WriteEndArray();
            json.WriteStartArray("notes");
            foreach (string note in NumericsNotes.Of(admin.Workers))
            {
                json.WriteStringValue(note);
            }

            json.WriteEndArray();
            isHealthy &= phase == NodePhase.Serving;
            json.WriteString("status", phase == NodePhase.Starting ? "starting" : phase == NodePhase.Leaving ? "draining" : isHealthy ? "healthy" : "not ready");
            json.WriteEndObject();
        }

        context.Response.StatusCode = isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return JsonOutput.RespondAsync(context.Response, body.WrittenMemory);
    }

    /// <summary><c>GET</c> or <c>POST /ping</c>, as SageMaker asks: the status of <c>/health</c> without a body.</summary>
    public Task PingAsync(HttpContext context)
    {
        context.Response.StatusCode = state.Phase == NodePhase.Serving && models.Models.Any(IsReady) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    /// <summary>Always 200.</summary>
    public static Task LiveAsync(HttpContext context) => JsonOutput.RespondAsync(context.Response, """{"status":"live"}"""u8.ToArray());

    private bool IsReady(ServedModel model) => model.IsReady && models.Fault(model) is null;
}
