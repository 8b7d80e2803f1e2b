using System.Net;
using L2tpd.Ipsec.Vici;

namespace L2tpd.Ipsec.Associations;

/// <summary>
/// The CHILD_SAs that strongSwan has, kept by its events and by its list after a connect. A CHILD_SA that is rekeyed is replaced, which is
/// neither a start nor an end.
/// </summary>
/// <param name="clock">Returns milliseconds, for <see cref="SecurityAssociation.Since"/>; <c>null</c>: it is 0.</param>
public sealed class SecurityAssociations(Func<long>? clock = null)
{
    /// <summary>SAs beyond that number are not kept. Each of them belongs to a peer that IKE authenticated.</summary>
    public const int MaxAssociations = 65_536;

    private readonly Dictionary<uint, SecurityAssociation> _byId = [];
    private readonly Dictionary<IPAddress, List<SecurityAssociation>> _byPeer = [];
    private Dictionary<uint, SecurityAssociation>? _listed;

    public int Count => _byId.Count;

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<SecurityAssociation> All => _byId.Values;

    /// <summary>A CHILD_SA is there that was not there before. It is in the table already.</summary>
    public Action<SecurityAssociation>? Started { get; set; }

    /// <summary>
    /// A CHILD_SA is not there any more, and none has replaced it. It is not in the table any more. With <c>true</c>, strongSwan did not
    /// say so: it was started again without it.
    /// </summary>
    public Action<SecurityAssociation, bool>? Ended { get; set; }

    /// <summary>
    /// The newest SA that protects datagrams of that address and port; otherwise the only SA of that address if it has a mark, because with
    /// `nat-zones` L2TP sees a port that is not the selector's. <c>null</c> if there is none, or it is not certain which one it is.
    /// </summary>
    /// <param name="address">The peer's address.</param>
    /// <param name="port">The peer's UDP port; 0 over IP.</param>
    /// <param name="mark">
    /// The SA's mark of outgoing packets, which alone decides: with `nat-zones` the port is not the selector's. 0 if it is not known.
    /// </param>
    public SecurityAssociation? Find(IPAddress address, ushort port, uint mark = 0)
    {
        if (!_byPeer.TryGetValue(address, out var list))
            return null;
        for (var i = list.Count - 1; i >= 0; i--)
        {
            if (mark == 0 ? list[i].Covers(address, port) : list[i].MarkOut == mark)
                return list[i];
        }

        return mark == 0 && list is [{ MarkOut: not 0 } only] ? only : null;
    }

    /// <summary>Whether an SA of that address may protect datagrams of that port, and of that mark unless it is 0 (not known).</summary>
    public bool MayCover(IPAddress address, ushort port, uint mark = 0) => At(address).Any(
        sa => mark == 0 ? sa.MarkOut != 0 || sa.Covers(address, port) : sa.MarkOut == mark);

    /// <summary>All SAs with a peer address.</summary>
    public IReadOnlyList<SecurityAssociation> At(IPAddress address) => _byPeer.TryGetValue(address, out var list) ? list : [];

    /// <summary>
    /// Whether the IKE_SA may have a CHILD_SA other than that one. By the peer's address and port, because the number of the IKE_SA is that
    /// of the time when the CHILD_SA was made: its CHILD_SAs may have passed to another since (reauthentication).
    /// </summary>
    public bool MayHaveSibling(SecurityAssociation association) => At(association.Remote).Any(
        other => other.EncapsulationPort == association.EncapsulationPort && other.ChildId != association.ChildId);

    /// <summary>The numbers of CHILD_SAs that an SA has replaced (<see cref="SecurityAssociation.Replaced"/>), each given once.</summary>
    public IReadOnlyList<uint> TakeReplaced(SecurityAssociation association)
    {
        if (!_byId.TryGetValue(association.ChildId, out var known) || known.Replaced.IsEmpty)
            return [];
        var list = _byPeer[known.Remote];
        list[list.IndexOf(known)] = _byId[known.ChildId] = known with { Replaced = [] };
        return known.Replaced;
    }

    /// <summary>A list begins: what it does not name has ended.</summary>
    public void BeginList() => _listed = [];

    /// <summary>An event list-sa.</summary>
    public void AddListed(ViciSection message)
    {
        foreach (var association in Read(message).Where(static one => one.IsCurrent))
            _listed?.TryAdd(association.ChildId, association);
    }

    /// <summary>The list is complete.</summary>
    public void EndList()
    {
        if (_listed is not { } listed)
            return;
        _listed = null;
        // First what is there: a tunnel whose SA was rekeyed meanwhile has not lost it.
        foreach (var association in listed.Values)
            Start(association);
        foreach (var known in _byId.Values.Where(known => !listed.ContainsKey(known.ChildId)).ToArray())
            End(known, isLost: true);
    }

    /// <summary>An event child-updown.</summary>
    public void TakeUpDown(ViciSection message)
    {
        foreach (var association in Read(message))
        {
            if (message.IsSet("up"))
                Start(association);
            else if (_byId.TryGetValue(association.ChildId, out var known))
                End(known, isLost: false);
            _listed?.Remove(association.ChildId);
            if (message.IsSet("up"))
                _listed?.TryAdd(association.ChildId, association);
        }
    }

    /// <summary>An event child-rekey: the new SA takes the place of the old one.</summary>
    public void TakeRekey(ViciSection message)
    {
        foreach (var (connection, ike) in message.Sections)
        {
            foreach (var (_, child) in ike.Section("child-sas")?.Sections ?? [])
            {
                if (child.Section("new") is not { } renewed || SecurityAssociation.Read(connection, ike, renewed) is not { } association)
                    continue;
                if (child.Section("old") is { } former && SecurityAssociation.Read(connection, ike, former) is { } old)
                {
                    association = association.InPlaceOf(_byId.GetValueOrDefault(old.ChildId) ?? old);
                    Remove(old.ChildId);
                    _listed?.Remove(old.ChildId);
                }

                Add(association);
                _listed?.TryAdd(association.ChildId, association);
            }
        }
    }

    /// <summary>The CHILD_SAs of a list-sa or child-updown event.</summary>
    private static IEnumerable<SecurityAssociation> Read(ViciSection message)
    {
        foreach (var (connection, ike) in message.Sections)
        {
            foreach (var (_, child) in ike.Section("child-sas")?.Sections ?? [])
            {
                if (SecurityAssociation.Read(connection, ike, child) is { } association)
                    yield return association;
            }
        }
    }

    private void Start(SecurityAssociation association)
    {
        var former = _byId.GetValueOrDefault(association.ChildId);
        if (former?.IsSameAs(association) == true || !Add(association))
            return;
        Started?.Invoke(_byId[association.ChildId]);
        if (former is not null)
            Ended?.Invoke(former, true);
    }

    private void End(SecurityAssociation association, bool isLost)
    {
        Remove(association.ChildId);
        Ended?.Invoke(association, isLost);
    }

    private bool Add(SecurityAssociation association)
    {
        Remove(association.ChildId);
        if (_byId.Count >= MaxAssociations)
            return false;
        association = association with { Since = clock?.Invoke() ?? 0 };
        _byId[association.ChildId] = association;
        if (!_byPeer.TryGetValue(association.Remote, out var list))
            _byPeer[association.Remote] = list = [];
        list.Add(association);
        return true;
    }

    private void Remove(uint childId)
    {
        if (!_byId.Remove(childId, out var association) || !_byPeer.TryGetValue(association.Remote, out var list))
            return;
        list.Remove(association);
        if (list.Count == 0)
            _byPeer.Remove(association.Remote);
    }
}
