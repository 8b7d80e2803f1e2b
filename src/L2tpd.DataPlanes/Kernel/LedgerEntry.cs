using L2tpd.Protocol;
using L2tpd.Runtime.Processes;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>A kernel tunnel of a ledger.</summary>
/// <param name="LocalId">Our id.</param>
/// <param name="PeerId">The peer's id.</param>
public readonly record struct LedgerTunnel(TunnelId LocalId, TunnelId PeerId);

/// <summary>
/// The boot and the network namespace in which a ledger was written. After a reboot or in another namespace its entries are void.
/// </summary>
/// <param name="BootId"><c>/proc/sys/kernel/random/boot_id</c>.</param>
/// <param name="NetworkNamespace">Target of <c>/proc/self/ns/net</c>, <c>net:[4026531840]</c>.</param>
public sealed record LedgerPlace(string BootId, string NetworkNamespace);

/// <summary>The entries of a ledger.</summary>
/// <param name="Place">Where it was written; <c>null</c> if the file was empty or unreadable.</param>
/// <param name="Writer">The daemon that wrote it.</param>
/// <param name="Tunnels">Kernel tunnels that are not struck out.</param>
/// <param name="Children">pppd processes that are not struck out.</param>
public sealed record LedgerContents(
    LedgerPlace? Place, ProcessIdentity Writer, IReadOnlyCollection<LedgerTunnel> Tunnels, IReadOnlyCollection<ProcessIdentity> Children)
{
    public static LedgerContents Empty { get; } = new(null, default, [], []);
}
