using L2tpd.Runtime.Processes;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>A kernel tunnel as it was asked for.</summary>
/// <param name="LocalId">Our id.</param>
/// <param name="PeerId">The peer's id.</param>
public readonly record struct LedgerTunnel(uint LocalId, uint PeerId);

/// <summary>Where a ledger was written: what it says means nothing after a reboot or in another network namespace.</summary>
/// <param name="BootId"><c>/proc/sys/kernel/random/boot_id</c>.</param>
/// <param name="NetworkNamespace">Target of <c>/proc/self/ns/net</c>, <c>net:[4026531840]</c>.</param>
public sealed record LedgerPlace(string BootId, string NetworkNamespace);

/// <summary>What a ledger says is there.</summary>
/// <param name="Place">Where it was written; null: the file was empty or unreadable.</param>
/// <param name="Writer">The daemon that wrote it.</param>
/// <param name="Tunnels">Kernel tunnels not known to be gone.</param>
/// <param name="Children">pppd processes not known to be gone.</param>
public sealed record LedgerContents(
    LedgerPlace? Place, ProcessIdentity Writer, IReadOnlyCollection<LedgerTunnel> Tunnels, IReadOnlyCollection<ProcessIdentity> Children)
{
    public static LedgerContents Empty { get; } = new(null, default, [], []);
}
