using System.Security.Authentication;
using NATS.Client.Core;

namespace Dynamo.Cluster.Settings;

/// <summary>Tells a NATS server that answers and does not let one in from one that does not answer.</summary>
public static class NatsRefusal
{
    /// <summary>What it refuses and what to do, to follow the server's name in a sentence; <see langword="null"/> when it does not answer.</summary>
    /// <param name="fault">What came of connecting.</param>
    public static string? Of(Exception fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case NatsServerException { IsAuthError: true }:
                    return $"refuses the credentials given, or asks for some: check user and password or token in {ClusterSettingsReader.NatsVariable}, or {NatsAddressReader.UserVariable}, "
                        + $"{NatsAddressReader.PasswordVariable}, {NatsAddressReader.TokenVariable}, {NatsAddressReader.CredentialsFileVariable}";
                case AuthenticationException:
                    return $"is not trusted ({cause.Message.ReplaceLineEndings(" ")}): give the certificate of who signed its own in {NatsAddressReader.CAFileVariable}";
            }
        }

        return null;
    }
}
