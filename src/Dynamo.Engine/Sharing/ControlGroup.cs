namespace Dynamo.Engine.Sharing;

/// <summary>Where the limits of this process's control groups are to be read, in version 1 or 2 of the kernel's interface.</summary>
/// <param name="Root">Where the groups are mounted, <c>/sys/fs/cgroup</c>.</param>
/// <param name="Membership">Content of <c>/proc/self/cgroup</c>.</param>
/// <param name="Namespace">Tells equal paths of different containers apart.</param>
internal sealed record ControlGroup(string Root, string Membership, string Namespace)
{
    /// <summary>This process's.</summary>
    public static ControlGroup Own() => new(
        "/sys/fs/cgroup",
        File.Exists("/proc/self/cgroup") ? File.ReadAllText("/proc/self/cgroup") : "",
        File.ResolveLinkTarget("/proc/self/ns/cgroup", returnFinalTarget: false)?.Name ?? "");

    /// <summary>Folders of the group and all above it, the innermost first. A container sees only those from its own root on.</summary>
    /// <param name="controller">cpu or memory.</param>
    public IEnumerable<string> Folders(string controller)
    {
        foreach (string line in Membership.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // "0::/path" of version 2, "4:cpu,cpuacct:/path" of version 1.
            if (line.Split(':', 3) is not [string id, string controllers, string path] || !(id == "0" || controllers.Split(',').Contains(controller)))
            {
                continue;
            }

            string mount = id == "0" ? Root : Path.Combine(Root, controllers);
            mount = Directory.Exists(mount) ? mount : Path.Combine(Root, controller);
            string folder = Path.Join(mount, path);
            while (folder.Length > mount.Length)
            {
                folder = folder.TrimEnd('/');
                if (folder.Length > mount.Length && Directory.Exists(folder))
                {
                    yield return folder;
                }

                folder = Path.GetDirectoryName(folder)!;
            }

            if (Directory.Exists(mount))
            {
                yield return mount;
            }
        }
    }
}
