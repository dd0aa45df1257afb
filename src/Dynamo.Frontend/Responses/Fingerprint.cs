using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dynamo.Abstractions.Instances;
using Dynamo.Serving.Catalog;

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

    // One for each set of classes that a model of this cluster ever had.
    private static readonly ConcurrentDictionary<NameList, string> Known = new();

    /// <summary>Version of the product, without the revision of its sources, which is nobody's business on an open path.</summary>
    public static string Version { get; } = Build.Split('+')[0];

    /// <summary>The fingerprint of a model as it is served now.</summary>
    public static string Of(ServedModel model) => Known.GetOrAdd(model.NumericsClasses, Of);

    private static string Of(NameList classes)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [Build, .. classes.Names])));
        return string.Create(CultureInfo.InvariantCulture, $"dynamo-{Version}-{Convert.ToHexStringLower(hash.AsSpan(0, NumHashBytes))}");
    }
}
