using System.Runtime.CompilerServices;
using Dynamo.Cluster.Placement;
using Dynamo.Frontend;
using Dynamo.Frontend.Models;
using Dynamo.Serving;

namespace Dynamo.Hosting;

/// <summary>What a process with a frontend has.</summary>
internal static class FrontendPart
{
    /// <summary>Adds it to a host.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names all of them.</exception>
    public static void AddTo(IHostApplicationBuilder builder, DynamoFrontendOptions options)
    {
        builder.Services.AddFrontend(options.Frontend);
        HostSilo.Of(builder).Add(builder, SiloRoles.Frontend, options.Cluster, options.Telemetry, silo =>
        {
            silo.AddFrontendRole(options.Migration, options.Router);
            silo.Services.AddRequestDrainer(options.ShutdownTimeout);
        });
    }

    /// <summary>Whether <c>/health</c> says that a model is served, or what is wrong with its files.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Serves(IServiceProvider services, string model)
    {
        ModelTexts texts = services.GetRequiredService<ModelTexts>();
        return texts.Models.Any(served => served.IsReady && served.Name == model && (texts.IsLoaded(served) || texts.Fault(served) is not null));
    }
}
