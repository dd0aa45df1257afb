using Dynamo.Cluster.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Dynamo.Serving.Generation;

/// <summary>Active silos with the frontend's role, by membership.</summary>
internal sealed class FrontendPeers(IClusterMembershipService membership, ISiloMetadataCache metadata, ILocalSiloDetails self) : IFrontendPeers
{
    public bool Any => membership.CurrentSnapshot.Members.Values.Any(member =>
        member.Status == SiloStatus.Active
        && !member.SiloAddress.Equals(self.SiloAddress)
        && SiloRolesMetadata.Includes(metadata.GetSiloMetadata(member.SiloAddress).Metadata.GetValueOrDefault(SiloRolesMetadata.Key), SiloRoles.Frontend));
}
