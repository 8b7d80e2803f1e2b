using L2tpd.Engine.Addressing;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Dialling;

/// <summary>
/// The order in which the LNSs of a tunnel and their addresses are tried: as configured, but those that were lost recently last, so that a
/// tunnel that needs another LNS does not wait for the dead one first.
/// </summary>
/// <param name="remotes">How many LNSs there are.</param>
/// <param name="preferBack">How long a loss counts; with zero until the LNS serves again.</param>
internal sealed class LnsOrder(int remotes, TimeSpan preferBack)
{
    /// <summary>Losses of addresses remembered: a name may resolve to others each time.</summary>
    private const int MostAddresses = 64;

    /// <summary>How long a loss counts; with zero until the LNS serves again.</summary>
    public TimeSpan PreferBack { get; set; } = preferBack;

    private readonly Instant?[] _lostAt = new Instant?[remotes];
    private readonly List<(Endpoint Address, Instant At)> _lostAddresses = [];

    /// <summary>The indexes of the LNSs in the order of this round.</summary>
    public int[] Remotes(Instant now) => [.. Enumerable.Range(0, _lostAt.Length).OrderBy(i => Rank(_lostAt[i], now))];

    /// <summary>The addresses of one LNS in the order of this round.</summary>
    public IEnumerable<Endpoint> Addresses(IEnumerable<Endpoint> addresses, Instant now) =>
        addresses.OrderBy(address => Rank(LostAt(address), now));

    /// <summary>The LNS did not answer at this address, or no longer does.</summary>
    public void Lose(int remote, Endpoint address, Instant now)
    {
        _lostAt[remote] = now;
        _lostAddresses.RemoveAll(lost => lost.Address == address.WithoutPort);
        if (_lostAddresses.Count == MostAddresses)
            _lostAddresses.RemoveAt(0);
        _lostAddresses.Add((address.WithoutPort, now));
    }

    /// <summary>The tunnel is up at this address.</summary>
    public void Serve(int remote, Endpoint address)
    {
        _lostAt[remote] = null;
        _lostAddresses.RemoveAll(lost => lost.Address == address.WithoutPort);
    }

    /// <summary>
    /// Takes over the losses of a snapshot. The LNSs may have been configured otherwise since: then only the addresses count.
    /// </summary>
    public void Restore(LnsOrderSnapshot snapshot, SnapshotTime time)
    {
        for (var i = 0; i < _lostAt.Length && snapshot.LostAt.Length == _lostAt.Length; i++)
            _lostAt[i] = time.AbsoluteEvent(snapshot.LostAt[i]);
        foreach (var lost in snapshot.LostAddresses)
            _lostAddresses.Add((lost.Address, time.Absolute(lost.At)));
    }

    public LnsOrderSnapshot ToSnapshot(SnapshotTime time) => new(
        [.. _lostAt.Select(at => time.RelativeEvent(at))],
        [.. _lostAddresses.Select(lost => new LostAddressSnapshot(lost.Address, time.Relative(lost.At)))]);

    private Instant? LostAt(Endpoint address)
    {
        foreach (var lost in _lostAddresses)
        {
            // Losses are those of hosts: an attempt notes them without the port.
            if (lost.Address == address.WithoutPort)
                return lost.At;
        }

        return null;
    }

    /// <summary>
    /// <c>null</c>, the first in order, if it does not count as lost. Of two that are lost, the one that was lost first has had more time
    /// to come back.
    /// </summary>
    private Instant? Rank(Instant? lostAt, Instant now) =>
        lostAt is { } at && (PreferBack == TimeSpan.Zero || now - at < PreferBack) ? at : null;
}
