using System.Globalization;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Models;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Reads Dynamo's headers, which win over the body: those that say where a request may run, for gateways set them, and the one that asks for ids of a stream's
/// events, for clients that cannot change the body. An empty one counts as absent.
/// </summary>
internal static class DynamoHeaders
{
    private const string Tenant = "x-tenant-id";
    private const string Rank = "x-dynamo-dp-rank";
    private const string EventIds = "x-dynamo-event-ids";
    private static readonly string Only = ParallelLayout.HeadRank.ToString(CultureInfo.InvariantCulture);

    // A worker both prefills and decodes.
    private static readonly string[] Workers = ["x-dynamo-worker-instance-id", "x-dynamo-prefill-instance-id"];

    /// <summary>Puts them into a plan.</summary>
    /// <exception cref="ApiException">Names the header.</exception>
    public static GenerationPlan Apply(IHeaderDictionary headers, GenerationPlan plan)
    {
        if (headers[Tenant].ToString() is { Length: > 0 } tenant)
        {
            plan = plan with { CacheSalt = AnswerFields.CheckSalt(Tenant, tenant) };
        }

        if (headers[Rank].ToString() is { Length: > 0 } rank && rank != Only)
        {
            throw ApiException.BadParameter(Rank, $"'{Rank}' must be {Only}, a worker has one rank; is '{Shortened.To(60, rank)}'.", "invalid_value");
        }

        if (Pinned(headers) is { } worker)
        {
            plan = plan with { Extensions = plan.Extensions with { Pinned = worker } };
        }

        return WantsEventIds(headers) is { } wanted ? plan with { Extensions = plan.Extensions with { EventIds = wanted } } : plan;
    }

    private static bool? WantsEventIds(IHeaderDictionary headers) =>
        headers[EventIds].ToString() is not { Length: > 0 } text ? null
        : bool.TryParse(text, out bool wanted) ? wanted
        : throw ApiException.BadParameter(EventIds, $"'{EventIds}' must be true or false, is '{Shortened.To(60, text)}'.", "invalid_value");

    private static WorkerId? Pinned(IHeaderDictionary headers)
    {
        WorkerId? pinned = null;
        foreach (string name in Workers)
        {
            if (headers[name].ToString() is not { Length: > 0 } text)
            {
                continue;
            }

            WorkerId worker = ExtensionsReader.ParseWorker(text)
                ?? throw ApiException.BadParameter(
                    name, $"'{name}' must be a worker's id, 16 hexadecimal digits as in /admin/workers, is '{Shortened.To(60, text)}'.", "invalid_value");
            pinned = pinned is null || pinned == worker
                ? worker
                : throw ApiException.BadParameter(name, $"'{name}' names another worker than '{Workers[0]}'; a worker both prefills and decodes.", "invalid_value");
        }

        return pinned;
    }
}
