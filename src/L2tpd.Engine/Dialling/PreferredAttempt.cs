using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Dialling;

/// <summary>
/// The way back to an LNS that comes earlier in the list than the one that serves: dialled in addition to the running tunnel once that has
/// been up for <see cref="Configuration.LacTunnel.PreferBack"/>, so that nothing is lost where the preferred LNS is still away.
/// </summary>
internal sealed class PreferredAttempt(DialledTunnel owner)
{
    private readonly Queue<Endpoint> _addresses = new();
    private uint _attempt;
    private int _remote;
    private int _serving;

    /// <summary>When it begins; <see cref="Instant.Never"/> if it is not planned.</summary>
    public Instant At { get; private set; } = Instant.Never;

    /// <summary>The tunnel of the attempt under way; none while there is none.</summary>
    public TunnelKey Current { get; private set; }

    /// <summary>The LNS being tried.</summary>
    public int Remote => _remote;

    /// <summary>The address being tried.</summary>
    public Endpoint DialledAt { get; private set; }

    /// <summary>The tunnel is up at another LNS than the first.</summary>
    /// <param name="serving">Its index; 0 if there is no LNS to go back to.</param>
    public void Plan(int serving)
    {
        Cancel();
        _serving = serving;
        if (serving > 0 && owner.Configuration is { Persist: true } and { PreferBack: { Ticks: > 0 } wait })
            At = owner.Now + wait;
    }

    /// <summary>The wait is configured otherwise; an attempt under way goes on.</summary>
    public void Replan(TimeSpan wait)
    {
        if (At != Instant.Never || (_serving > 0 && Current.IsNone && _attempt == 0))
            At = wait > TimeSpan.Zero ? owner.Now + wait : Instant.Never;
    }

    /// <summary>Nothing is tried any more. The tunnel of an attempt under way is the caller's to close.</summary>
    public void Cancel()
    {
        _attempt = 0;
        _addresses.Clear();
        (At, Current) = (Instant.Never, default);
    }

    public void Begin()
    {
        At = Instant.Never;
        _remote = -1;
        ResolveNext();
    }

    /// <summary>Takes the answer if the question was asked here.</summary>
    public bool TryHandleResolved(HostResolved input)
    {
        if (_attempt == 0 || input.Dial.Attempt != _attempt)
            return false;
        _attempt = 0;
        foreach (var address in input.Addresses)
            _addresses.Enqueue(owner.Configuration.EndpointOf(address, owner.Configuration.Remotes[_remote].Port));
        TryNextAddress();
        return true;
    }

    /// <summary>The peer's own tunnel won the tie and serves for the attempt.</summary>
    public void Adopt(TunnelKey tunnel) => (At, Current) = (Instant.Never, tunnel);

    /// <summary>The attempt failed.</summary>
    public void HandleEnded(EndReason reason)
    {
        Current = default;
        // In a tie the peer's tunnel may be adopted; a limit of ours is the same for every address.
        if (reason.Cause is EndCause.TieBreaker or EndCause.LimitReached)
            Plan(_serving);
        else
            TryNextAddress();
    }

    public void Restore(PreferredAttemptSnapshot snapshot, SnapshotTime time)
    {
        (Current, _attempt, _remote, _serving) = (snapshot.Current, snapshot.Attempt, snapshot.Remote, snapshot.Serving);
        (At, DialledAt) = (time.AbsoluteDeadline(snapshot.At), snapshot.DialledAt);
        foreach (var address in snapshot.Addresses)
            _addresses.Enqueue(address);
    }

    public PreferredAttemptSnapshot ToSnapshot(SnapshotTime time) =>
        new(Current, _attempt, _remote, _serving, time.RelativeDeadline(At), DialledAt, [.. _addresses]);

    private void ResolveNext()
    {
        if (++_remote >= _serving)
            Plan(_serving);
        else
            _attempt = owner.Resolve(_remote);
    }

    private void TryNextAddress()
    {
        if (!_addresses.TryDequeue(out var address))
        {
            ResolveNext();
            return;
        }

        DialledAt = address.WithoutPort;
        if (owner.BeginAttempt(address) is { } tunnel)
            Current = tunnel.Key;
        else
            Plan(_serving);
    }
}
