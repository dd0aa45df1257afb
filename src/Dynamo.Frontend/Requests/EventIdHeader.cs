using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Requests;

/// <summary>Reads the header that asks for ids of a stream's events, for clients that cannot change the body; it wins over <c>nvext.event_ids</c>. An empty one counts as absent.</summary>
internal static class EventIdHeader
{
    private const string Name = "x-dynamo-event-ids";

    /// <summary>Puts it into a plan.</summary>
    /// <exception cref="ApiException">It is neither true nor false.</exception>
    public static GenerationPlan Apply(IHeaderDictionary headers, GenerationPlan plan)
    {
        if (headers[Name].ToString() is not { Length: > 0 } text)
        {
            return plan;
        }

        return bool.TryParse(text, out bool wanted)
            ? plan with { Extensions = plan.Extensions with { EventIds = wanted } }
            : throw ApiException.BadParameter(Name, $"'{Name}' must be true or false, is '{Shortened.To(60, text)}'.", "invalid_value");
    }
}
