using L2tpd.Engine.Addressing;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Dialling;

/// <summary>
/// In which order the LNSs of a tunnel and their addresses are tried: as configured, but those that were lost not long ago last, so that a tunnel
/// that needs another LNS does not first wait for the dead one again.
/// </summary>
/// <param name="remotes">How many LNSs there are.</param>
/// <param name="preferBack">How long a loss counts; zero: until the LNS serves again.</param>
internal sealed class LnsOrder(int remotes, TimeSpan preferBack)
{
    /// <summary>Losses of addresses remembered: a name may resolve to others each time.</summary>
    private const int MostAddresses = 64;

    /// <summary>How long a loss counts; zero: until the LNS serves again.</summary>
    public TimeSpan PreferBack { get; set; } = preferBack;

    private readonly long?[] _lostAt = new long?[remotes];
    private readonly List<(Endpoint Address, long At)> _lostAddresses = [];

    /// <summary>The indexes of the LNSs in the order of this round.</summary>
    public int[] Remotes(long now) => [.. Enumerable.Range(0, _lostAt.Length).OrderBy(i => Rank(_lostAt[i], now))];

    /// <summary>The addresses of one LNS in the order of this round.</summary>
    public IEnumerable<Endpoint> Addresses(IEnumerable<Endpoint> addresses, long now) => addresses.OrderBy(address => Rank(LostAt(address), now));

    /// <summary>The LNS did not answer at this address, or no longer does.</summary>
    public void Lose(int remote, Endpoint address, long now)
    {
        _lostAt[remote] = now;
        _lostAddresses.RemoveAll(lost => lost.Address == address);
        if (_lostAddresses.Count == MostAddresses)
            _lostAddresses.RemoveAt(0);
        _lostAddresses.Add((address, now));
    }

    /// <summary>The tunnel is up at this address.</summary>
    public void Serve(int remote, Endpoint address)
    {
        _lostAt[remote] = null;
        _lostAddresses.RemoveAll(lost => lost.Address == address);
    }

    /// <summary>Takes over the losses of a snapshot. The LNSs may have been configured otherwise since: then only the addresses count.</summary>
    public void Restore(LnsOrderSnapshot snapshot, SnapshotTime time)
    {
        for (var i = 0; i < _lostAt.Length && snapshot.LostAt.Length == _lostAt.Length; i++)
            _lostAt[i] = snapshot.LostAt[i] is { } at ? time.Absolute(at) : null;
        foreach (var lost in snapshot.LostAddresses)
            _lostAddresses.Add((lost.Address, time.Absolute(lost.At)));
    }

    public LnsOrderSnapshot ToSnapshot(SnapshotTime time) => new(
        [.. _lostAt.Select(at => at is { } value ? time.Relative(value) : (long?)null)],
        [.. _lostAddresses.Select(lost => new LostAddressSnapshot(lost.Address, time.Relative(lost.At)))]);

    private long? LostAt(Endpoint address)
    {
        foreach (var lost in _lostAddresses)
        {
            if (lost.Address == address)
                return lost.At;
        }

        return null;
    }

    /// <summary>Of two that are lost, the one that was lost first has had more time to come back.</summary>
    private long Rank(long? lostAt, long now) =>
        lostAt is { } at && (PreferBack == TimeSpan.Zero || now - at < (long)PreferBack.TotalMilliseconds) ? at : long.MinValue;
}
