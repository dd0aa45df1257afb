using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Configuration;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Dynamo.Frontend;

/// <summary>The options as ASP.NET Core's policy.</summary>
internal static class CrossOriginPolicy
{
    // As long as vLLM lets browsers remember the answer to a preflight.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    // What programs in a page want to read of an answer, besides the few headers that they always may.
    private static readonly string[] ExposedHeaders = [RequestIds.Header, "Retry-After"];

    /// <summary>The policy.</summary>
    public static CorsPolicy Of(CrossOriginOptions options)
    {
        CorsPolicyBuilder policy = new();
        bool anyOrigin = options.Origins.Contains(CrossOriginOptions.Any);
        if (options.Origins.Count == 0)
        {
            return policy.Build();
        }

        if (anyOrigin && options.AllowCredentials)
        {
            // Browsers take no * together with credentials: the origin itself is named.
            policy.SetIsOriginAllowed(static _ => true);
        }
        else if (anyOrigin)
        {
            policy.AllowAnyOrigin();
        }
        else
        {
            policy.WithOrigins([.. options.Origins]);
        }

        _ = options.Methods.Contains(CrossOriginOptions.Any) ? policy.AllowAnyMethod() : policy.WithMethods([.. options.Methods]);
        _ = options.Headers.Contains(CrossOriginOptions.Any) ? policy.AllowAnyHeader() : policy.WithHeaders([.. options.Headers]);
        _ = options.AllowCredentials ? policy.AllowCredentials() : policy.DisallowCredentials();
        return policy.WithExposedHeaders(ExposedHeaders).SetPreflightMaxAge(MaxAge).Build();
    }
}
