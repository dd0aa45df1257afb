using Dynamo.Abstractions.Serving;
using Orleans.Runtime.Services;

namespace Dynamo.ClusterTests.Security;

/// <summary>Where a silo's frontend service is, as an attacker would find out.</summary>
internal sealed class FrontendIds(IServiceProvider services) : GrainServiceClient<IFrontendService>(services)
{
    public GrainId Of(SiloAddress silo) => GetGrainService(silo).GetGrainId();
}
