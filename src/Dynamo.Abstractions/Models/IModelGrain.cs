using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Routing;
using Orleans.Concurrency;

namespace Dynamo.Abstractions.Models;

/// <summary>One deployment of one model (key: its name): who offers GPUs to it, which instances it has; forms instances and replaces failed ones.</summary>
[Alias("dynamo.IModelGrain")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Renews a silo's offer. May form an instance; does not wait for it.</summary>
    [Alias("Offer")]
    Task OfferAsync(SiloOffer offer);

    /// <summary>Tells how an instance is: at every change, and each second.</summary>
    [Alias("ReportInstance")]
    Task ReportInstanceAsync(InstanceReport report);

    /// <summary>Sets when workers are too busy; what is left open stays as it is. Outlives every process, and routers hear of it at once.</summary>
    /// <param name="limits">What to set; <see langword="null"/> to have all as the routers' own flags say.</param>
    /// <exception cref="InvalidOperationException">It could not be written; nothing has changed.</exception>
    [Alias("SetBusyLimits")]
    Task SetBusyLimitsAsync(BusyLimits? limits);

    /// <summary>The deployment now.</summary>
    /// <remarks>Interleaves: a router that is being told something by this grain may ask for the whole at the same time.</remarks>
    [Alias("GetView"), AlwaysInterleave]
    Task<ModelView> GetViewAsync();
}
