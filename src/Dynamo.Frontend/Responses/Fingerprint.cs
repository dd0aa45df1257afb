using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dynamo.Cluster.Serving;

namespace Dynamo.Frontend.Responses;

/// <summary>
/// OpenAI's <c>system_fingerprint</c>: while it stays the same, so does the answer to a request with a seed. It changes with the build and with the
/// numerics classes of the model's ready workers, and is formed as vLLM's: name, version, eight hexadecimal digits.
/// </summary>
internal static class Fingerprint
{
    private const int NumHashBytes = 4;

    private static readonly string Build =
        typeof(Fingerprint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Version of the product, without the revision of its sources, which is nobody's business on an open path.</summary>
    public static string Version { get; } = Build.Split('+')[0];

    /// <summary>The fingerprint of a model as it is served now.</summary>
    public static string Of(ServedModel model)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [Build, .. model.NumericsClasses.Names])));
        return string.Create(CultureInfo.InvariantCulture, $"dynamo-{Version}-{Convert.ToHexStringLower(hash.AsSpan(0, NumHashBytes))}");
    }
}
