using System.Text.Json;
using Dynamo.Cluster.Settings;

namespace Dynamo.Diagnostics;

/// <summary>One silo's row in the membership table.</summary>
/// <param name="Silo">Its address and generation.</param>
/// <param name="Status">What the table says of it.</param>
/// <param name="GatewayPort">Port for Orleans clients; 0 for none.</param>
/// <param name="HostName">Name of its host.</param>
/// <param name="Started">When it started, by its own clock.</param>
/// <param name="LastSeen">When it renewed the row last, by its own clock; every 30 s.</param>
public sealed record MembershipRow(SiloAddress Silo, SiloStatus Status, int GatewayPort, string HostName, DateTimeOffset Started, DateTimeOffset LastSeen)
{
    // Where Orleans' Redis provider keeps the table: {ServiceId}/members/{ClusterId}, a field for each silo and one for the version.
    private const string VersionField = "Version";

    /// <summary>Key of a cluster's table.</summary>
    public static string TableKey(string clusterId) => $"{RedisOptions.ServiceId}/members/{clusterId}";

    /// <summary>Whether a field of the table is a silo's row.</summary>
    public static bool IsRow(string field) => field != VersionField;

    /// <summary>Reads a row as Orleans writes it.</summary>
    /// <returns><see langword="null"/> when it is not of that form.</returns>
    public static MembershipRow? Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement row = document.RootElement;
            return new MembershipRow(
                SiloAddress.FromParsableString(row.GetProperty("SiloAddress").GetProperty("SiloAddress").GetString()!),
                (SiloStatus)row.GetProperty("Status").GetInt32(),
                row.GetProperty("ProxyPort").GetInt32(),
                row.GetProperty("HostName").GetString() ?? "",
                row.GetProperty("StartTime").GetDateTimeOffset(),
                row.GetProperty("IAmAliveTime").GetDateTimeOffset());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
