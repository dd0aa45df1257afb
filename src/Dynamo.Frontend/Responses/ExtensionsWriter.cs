using System.Text.Json;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Requests;
using Dynamo.Protocol.Models;

namespace Dynamo.Frontend.Responses;

/// <summary>Writes <c>nvext</c> of an answer: what its request asked to be told.</summary>
internal static class ExtensionsWriter
{
    /// <summary>Writes the object; nothing when nothing was asked for.</summary>
    /// <param name="json">Inside the answer's or chunk's object.</param>
    /// <param name="fields">What was asked for.</param>
    /// <param name="choice">The choice it is about.</param>
    public static void Write(Utf8JsonWriter json, ExtraFields fields, Choice choice)
    {
        if (fields == ExtraFields.None)
        {
            return;
        }

        json.WriteStartObject("nvext"u8);
        if (fields.HasFlag(ExtraFields.WorkerId) && choice.Route is { } route)
        {
            string worker = route.Worker.ToString();
            json.WriteStartObject("worker_id"u8);
            json.WriteString("prefill_worker_id"u8, worker);
            json.WriteNumber("prefill_dp_rank"u8, ParallelLayout.HeadRank);
            json.WriteString("decode_worker_id"u8, worker);
            json.WriteNumber("decode_dp_rank"u8, ParallelLayout.HeadRank);
            json.WriteEndObject();
        }

        if (fields.HasFlag(ExtraFields.Overlap))
        {
            json.WriteStartObject("overlap"u8);
            json.WriteNumber("predicted_tokens"u8, choice.Route?.NumOverlapTokens ?? 0);
            json.WriteNumber("cached_tokens"u8, choice.NumCachedTokens);
            json.WriteEndObject();
        }

        if (fields.HasFlag(ExtraFields.Timing))
        {
            json.WriteStartObject("timing"u8);
            json.WriteNumber("held_ms"u8, Milliseconds(choice.Route?.HeldMilliseconds ?? 0));
            if (choice.FirstTokenAfter is { } first)
            {
                json.WriteNumber("ttft_ms"u8, Milliseconds(first.TotalMilliseconds));
            }

            if (choice.PerToken is { } perToken)
            {
                json.WriteNumber("itl_ms"u8, Milliseconds(perToken.TotalMilliseconds));
            }

            if (choice.EndAfter is { } end)
            {
                json.WriteNumber("total_time_ms"u8, Milliseconds(end.TotalMilliseconds));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static double Milliseconds(double value) => Math.Round(value, 3);
}
