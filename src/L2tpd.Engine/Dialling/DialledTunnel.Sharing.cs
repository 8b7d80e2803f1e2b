using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;

namespace L2tpd.Engine.Dialling;

/// <content>
/// One tunnel for the sessions of several configured tunnels, where a server gives them the same Tunnel-Assignment-ID (RFC 2868 section
/// 3.6). The one that dialled owns the tunnel: its rules count, and the tunnel ends with it. The others are its guests: they see the tunnel
/// come up and end as if it were theirs, and close only their own sessions.
/// </content>
internal sealed partial class DialledTunnel
{
    /// <summary>The peer's StopCCN of the tunnel that serves is kept, by the one that owns the tunnel.</summary>
    private bool IsHeld => (_dialler.Find(Current)?.Dialled ?? this)._heldStop.IsHeld;

    /// <summary>What a server said of the LNS of a tunnel that serves this one; <c>null</c>: the LNS is configured.</summary>
    public LnsCandidate? CandidateIn(Tunnel tunnel) => tunnel.Dialled == this ? tunnel.Candidate : Selected.At(tunnel.Path.Remote);

    /// <summary>Whether sessions of the other one may be in the tunnel, which this one owns.</summary>
    public bool MayTakeIn(DialledTunnel other, Tunnel tunnel, Endpoint remote) =>
        other.Selected.At(remote) is { AssignmentId: { } id } wanted && tunnel.Dialled == this && !IsRetired && !IsHeld
        && tunnel.Candidate is { } candidate && candidate.AssignmentId == id && tunnel.Path.Remote.WithoutPort == remote.WithoutPort
        && candidate.LocalHostName == wanted.LocalHostName && Equals(candidate.LocalAddress, wanted.LocalAddress)
        && DialFromTheSamePlace(Configuration, other.Configuration);

    /// <summary>
    /// Whether the configuration dials both from the same place. Only L2TPv2: sessions of L2TPv3 have names, which belong to one configured
    /// tunnel.
    /// </summary>
    private static bool DialFromTheSamePlace(LacTunnel one, LacTunnel other) =>
        one.Peer.Protocol == ProtocolPreference.V2 && other.Peer.Protocol == ProtocolPreference.V2
        && (one.LocalAddress, one.SourcePort, one.Carrier, one.Peer.LocalHostName, one.Peer.BindDevice, one.Peer.FwMark)
        == (other.LocalAddress, other.SourcePort, other.Carrier, other.Peer.LocalHostName, other.Peer.BindDevice, other.Peer.FwMark);

    private void TryNextAddress(string reason)
    {
        if (_addresses.Count == 0)
        {
            ResolveNext(reason);
            return;
        }

        var remote = _addresses[0];
        _addresses.RemoveAt(0);
        _dialledAt = remote.WithoutPort;
        if (_dialler.Share(this, remote) is { } shared)
            Join(shared);
        else if (_dialler.BeginAttempt(this, remote) is { } tunnel)
            Current = tunnel.Key;
        else
            Retry("no tunnel id or tunnel slot is free");
        UpdateDeadline();
    }

    private void Join(Tunnel tunnel)
    {
        Current = tunnel.Key;
        Context.Notify(new TunnelShared(Configuration.Name, tunnel));
        if (tunnel.State == TunnelState.Established)
            HandleTunnelUp(tunnel);
    }
}
