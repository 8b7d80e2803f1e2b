using System.Collections.Immutable;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;

namespace L2tpd.Engine.Dialling;

/// <summary>Keeps the configured tunnels and their sessions up: one <see cref="DialledTunnel"/> each.</summary>
internal sealed partial class Dialler(EngineContext context, TunnelTable tunnels, TunnelMachine machine, CallMachine calls)
{
    private readonly List<DialledTunnel> _dialled = [];
    private readonly Dictionary<SessionKey, DialledSession> _awaited = [];

    public EngineContext Context => context;

    public CallMachine Calls => calls;

    /// <summary>
    /// Starts new tunnels, changes those that can stay up, dials the other changed ones again, ends those that are no longer configured.
    /// </summary>
    public void Configure(ImmutableArray<LacTunnel> configured)
    {
        var wanted = new Dictionary<string, LacTunnel>();
        foreach (var tunnel in configured)
            wanted[tunnel.Name] = tunnel;
        foreach (var dialled in _dialled)
        {
            if (dialled.IsRetired)
                continue;
            // What stays is taken out of the table; what is left in it afterwards is new, or is dialled again.
            var name = dialled.Configuration.Name;
            if (!wanted.TryGetValue(name, out var tunnel))
                Retire(dialled, "the tunnel was removed from the configuration");
            else if (TunnelDifference.Between(dialled.Configuration, tunnel) is { NeedsRedial: { IsEmpty: false } keys })
                Retire(dialled, $"the tunnel was changed in the configuration ({string.Join(", ", keys)}): it is dialled again");
            else if (dialled.TryChange(tunnel))
                Keep(dialled, wanted);
            else
                Retire(dialled, "the tunnel was changed in the configuration: it is dialled again");
        }

        var former = new Dictionary<string, DialledTunnel>(StringComparer.Ordinal);
        foreach (var dialled in _dialled)
            former[dialled.Configuration.Name] = dialled;
        foreach (var tunnel in configured)
        {
            if (!wanted.Remove(tunnel.Name))
                continue;
            var dialled = new DialledTunnel(this, tunnel, _dialled.Count);
            dialled.TakeOver(former.GetValueOrDefault(tunnel.Name));
            _dialled.Add(dialled);
            dialled.Dial();
            dialled.AnnounceWaiting();
        }
    }

    /// <summary>The configured tunnel of that name; <c>null</c> if there is none.</summary>
    public DialledTunnel? Find(string name) => _dialled.FindLast(dialled => !dialled.IsRetired && dialled.Configuration.Name == name);

    /// <summary>Tunnels and sessions that are down because they may not be set up now.</summary>
    public IEnumerable<string> HeldDown => _dialled.Where(static dialled => !dialled.IsRetired).SelectMany(static one => one.HeldDown);

    /// <summary>Sessions that are down until a packet waits for them.</summary>
    public IEnumerable<string> WaitingForTraffic =>
        _dialled.Where(static dialled => !dialled.IsRetired).SelectMany(static one => one.WaitingForTraffic);

    /// <summary>Nothing is dialled any more.</summary>
    public void Stop()
    {
        foreach (var dialled in _dialled)
            dialled.Retire();
    }

    public void HandleResolved(HostResolved input)
    {
        if (input.Dial.Index < _dialled.Count)
            _dialled[input.Dial.Index].HandleResolved(input);
    }

    /// <summary>The PPP of a session that has ended has ended too.</summary>
    public void HandlePppEnded(SessionKey session)
    {
        if (_awaited.Remove(session, out var dialled))
            dialled.HandlePppEnded();
    }

    /// <summary>The PPP of a session that has ended was refused by the peer.</summary>
    public void HandlePppRefused(PppRefused refused) =>
        _awaited.GetValueOrDefault(refused.Session)?.HandlePppRefused(CallReasons.RefusalText(null, refused));

    /// <summary>A session of a dialled tunnel has ended, and its PPP has not yet: which session waits for that.</summary>
    public void AwaitPpp(SessionKey session, DialledSession dialled) => _awaited[session] = dialled;

    /// <summary>Makes the tunnel object of an attempt and asks for its socket.</summary>
    /// <returns><c>null</c> if no tunnel is available.</returns>
    public Tunnel? BeginAttempt(DialledTunnel dialled, Endpoint remote)
    {
        var configuration = dialled.Configuration;
        var candidate = dialled.Selected.At(remote);
        var profile = candidate?.Apply(configuration.Peer) ?? configuration.Peer;
        var dialect = ControlDialect.ForDialling(context, profile, remote);
        var id = tunnels.Counted < context.Configuration.Limits.MaxTunnels ? tunnels.DrawId(dialect.Version) : TunnelId.None;
        var wideId = dialect is DualDialect ? tunnels.DrawId(ProtocolVersion.V3) : TunnelId.None;
        if (id.IsNone || (wideId.IsNone && dialect is DualDialect))
            return null;

        var key = new TunnelKey(id, context.NextGeneration());
        var origin = new TunnelOrigin.Dialled(dialled, dialled.KnownPeerAt(remote), wideId) { Candidate = candidate };
        var tunnel = new Tunnel(
            context, key, profile, new Path(0, default, remote), origin,
            new TunnelPhase.Dialling(Tunnel.SetupDeadline(context, profile, dialect)), dialect);
        tunnels.Add(tunnel);
        context.Notify(new Events.Dialling(configuration.Name, remote));
        context.Effects.OpenTransport(key, new TransportRequest(
            remote, candidate?.LocalAddress?.ToString() ?? configuration.LocalAddress, configuration.SourcePort,
            configuration.Peer.BindDevice, configuration.Peer.FwMark) { Name = configuration.Name, Ipsec = profile.Ipsec });
        return tunnel;
    }

    /// <summary>
    /// The tunnel of another configured tunnel that is up or being dialled and that a server lets this one share; it is among the guests of
    /// that tunnel then. <c>null</c>: there is none.
    /// </summary>
    public Tunnel? Share(DialledTunnel dialled, Endpoint remote)
    {
        foreach (var other in _dialled)
        {
            if (other != dialled && tunnels.Find(other.Current) is { } tunnel && other.MayTakeIn(dialled, tunnel, remote))
            {
                ((TunnelOrigin.Dialled)tunnel.Origin).Guests.Add(dialled);
                return tunnel;
            }
        }

        return null;
    }

    /// <summary>Ends a tunnel with a StopCCN.</summary>
    public void Close(Tunnel tunnel, EndReason reason) => machine.Close(tunnel, reason);

    /// <summary>The peer's StopCCN, which was kept, takes effect.</summary>
    public void EndHeld(Tunnel tunnel, EndReason reason) => machine.Apply(tunnel, TunnelEvent.StopCcn, reason);

    /// <summary>The tunnel that serves a dialled one and runs, or null.</summary>
    public Tunnel? Find(TunnelKey key) => tunnels.Find(key);

    /// <summary>Ends a session of a dialled tunnel that is no longer configured as it is.</summary>
    public void Close(Tunnel tunnel, DialledSession dialled)
    {
        var key = dialled.Current;
        dialled.Retire();
        if (tunnel.TryGetSession(key.LocalId, out var session) && session.Key == key)
        {
            calls.Close(session, new EndReason
            {
                Cause = EndCause.Administrative,
                Text = "the session was removed from the configuration or changed in it",
            });
        }
    }

    private static void Keep(DialledTunnel dialled, Dictionary<string, LacTunnel> wanted)
    {
        wanted.Remove(dialled.Configuration.Name);
        dialled.ForgetRefusals();
    }

    private void Retire(DialledTunnel dialled, string why)
    {
        if (tunnels.Find(dialled.Current) is { Origin: TunnelOrigin.Dialled origin } shared && origin.Guests.Remove(dialled))
        {
            foreach (var session in dialled.Sessions)
                Close(shared, session);
            dialled.Retire();
            return;
        }

        dialled.Retire();
        foreach (var key in new[] { dialled.Preferred, dialled.Current })
        {
            if (tunnels.Find(key) is { } tunnel)
            {
                machine.Close(tunnel, new EndReason
                {
                    Cause = EndCause.Administrative,
                    Text = why,
                });
            }
        }
    }
}
