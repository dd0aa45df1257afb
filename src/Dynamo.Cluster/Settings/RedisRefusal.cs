using System.Security.Authentication;
using StackExchange.Redis;

namespace Dynamo.Cluster.Settings;

/// <summary>Tells a Redis that answers and will not be used so from one that does not answer.</summary>
public static class RedisRefusal
{
    /// <summary>What it refuses and what to do, as a sentence that follows "Redis at … cannot be used:"; <see langword="null"/> when waiting may help.</summary>
    /// <param name="fault">What came of connecting, or of a command.</param>
    /// <param name="access">How it was spoken to.</param>
    public static string? Of(Exception fault, RedisAccess access)
    {
        string said = "";
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            said += $" {cause.Message}";
            if (cause is AuthenticationException)
            {
                return access.IsEncrypted
                    ? $"its TLS connection is not trusted ({cause.Message.ReplaceLineEndings(" ").TrimEnd('.')}). Give the certificate of who signed its own in {RedisAddressReader.CAFileVariable}, and name the host as that certificate does."
                    : $"it refuses the connection ({cause.Message.ReplaceLineEndings(" ").TrimEnd('.')}).";
            }
        }

        if (said.Contains("NOAUTH", StringComparison.Ordinal) || (!access.HasPassword && IsAuthentication(fault)))
        {
            return access.HasPassword
                ? $"it wants another way to log in than the password given. {Advice}"
                : $"it asks for a password. {Advice}";
        }

        if (said.Contains("WRONGPASS", StringComparison.Ordinal) || said.Contains("invalid username-password", StringComparison.Ordinal)
            || said.Contains("without any password configured", StringComparison.Ordinal) || IsAuthentication(fault))
        {
            return $"it refuses the password given for {(access.User is { } user ? $"user '{user}'" : "its default user")}. {Advice}";
        }

        if (said.Contains("NOPERM", StringComparison.Ordinal))
        {
            return $"the user {access.User ?? "default"} may not do what a cluster needs. Allow it '~dynamo/* +@all -@admin' (ACL SETUSER).";
        }

        return fault is RedisServerException && !fault.Message.StartsWith("LOADING", StringComparison.Ordinal) ? $"it answers '{fault.Message}'." : null;
    }

    private static string Advice =>
        $"Give user and password in {ClusterSettingsReader.RedisVariable} (redis://user:password@host:port), or in {RedisAddressReader.UserVariable} and {RedisAddressReader.PasswordVariable} or {RedisAddressReader.PasswordFileVariable}.";

    private static bool IsAuthentication(Exception fault) => fault is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure };
}
