using System.Net;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.DataPlanes;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Loop;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Processes;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.Pppd;

/// <summary>What all pppd processes share.</summary>
/// <param name="Events">The loop that watches it.</param>
/// <param name="Timers">For timeouts.</param>
/// <param name="Faults">Receives exceptions of handlers.</param>
/// <param name="Sink">Receives results.</param>
/// <param name="Starter">Starts processes, on a thread of its own.</param>
/// <param name="Ledger">Records child processes; <c>null</c>: they are not recorded.</param>
/// <param name="StopWait">Time between SIGTERM and SIGKILL.</param>
/// <param name="Log">For its output.</param>
/// <param name="Sources">Drops packets of subscribers with a source address that is not theirs; <c>null</c>: no check.</param>
public sealed record PppdServices(
    EventLoop Events, LoopTimers Timers, FaultLog Faults, IInputSink Sink, WorkQueue Starter, IChildLedger? Ledger, TimeSpan StopWait,
    ILogger Log,
    SourceRules? Sources = null)
{
    /// <summary>Keeps tunnels out of their own sessions; <c>null</c>: tunnels are not guarded, and sessions get no default route.</summary>
    public BuiltIn.RouteGuards? Guards { get; init; }

    /// <summary>What the paths of tunnels carry; <c>null</c>: pppd is given the profile's sizes.</summary>
    public PathLimits? Paths { get; init; }
}

/// <summary>One pppd per session, on the session's PPPoL2TP socket.</summary>
public sealed class PppdBackend(PppdServices services, IDataPlane dataPlane, PppProfiles profiles) : IPppBackend
{
    private readonly Dictionary<SessionKey, PppdProcess> _running = [];

    /// <inheritdoc/>
    public int Running => _running.Count;

    /// <summary>Peers that failed to authenticate themselves to a pppd.</summary>
    public long AuthenticationsFailed { get; private set; }

    /// <summary>Called for each of them with the session and a text.</summary>
    public Action<Session, string, string?>? AuthenticationFailed { get; set; }

    /// <inheritdoc/>
    public void Start(SessionKey session, PppRequest request)
    {
        if (!profiles.TryGet(request.Profile, out var profile, out var pool))
        {
            Refuse(session, PppdExit.NotStarted($"there is no PPP profile {request.Profile}"));
            return;
        }

        if (dataPlane.PppSockets?.Borrow(session) is not { } socket)
        {
            // On the null data plane the session stays up without PPP. On the others it is refused.
            if (dataPlane.Traffic is not null)
            {
                Refuse(session, PppdExit.NotStarted(
                    $"pppd needs a session in the kernel, and the {dataPlane.Name} data plane has none for this one"));
            }

            return;
        }

        pool = request.Server && profile.Remote is null ? pool : null;
        var address = pool?.Take();
        if (pool is not null && address is null)
        {
            dataPlane.PppSockets.Return(session);
            Refuse(session, new PppdExit(4, new PppDisconnectCause(PppDisconnectCode.AddressNotPermitted, 0x8021, 2),
                $"the address pool of PPP profile {profile.Name} has no free address ({pool.InUse} of {pool.Capacity} in use)"));
            return;
        }

        var network = new PppdNetwork(profile, request, services.Guards, services.Sink);
        var process = new PppdProcess(services, session, Printable.Of(request.Session.Name), ForPath(profile, request), socket, network)
        {
            IsSourceChecked = request.Server && profile.SourceCheck,
        };
        Watch(process, session, request, address, pool);
        process.Start(Describe(request, address));
    }

    private void Watch(PppdProcess process, SessionKey session, PppRequest request, IPAddress? address, AddressPool? pool)
    {
        _running[session] = process;
        // pppd is started with the address, but the peer has it only when it has authenticated itself.
        var isAssigned = false;
        process.PeerKnown += () =>
        {
            isAssigned = address is not null;
            TellAssigned(request.Session, address, request.Profile);
        };
        process.Ended += exit =>
        {
            _running.Remove(session);
            if (address is not null)
                pool!.GiveBack(address);
            if (isAssigned)
                Tell(new AddressReleased(request.Session, address!.ToString()));
            dataPlane.PppSockets!.Return(session);
            if (exit.IsPeerRefused)
                OnAuthenticationFailed(request.Session, exit.Reason);
            services.Sink.Submit(new PppEnded(session, exit.CdnResult, exit.Cause, exit.Reason));
        };
    }

    /// <inheritdoc/>
    public bool Stop(SessionKey session)
    {
        if (!_running.TryGetValue(session, out var process))
            return false;
        process.Stop();
        return true;
    }

    private void TellAssigned(Session session, IPAddress? address, string profile)
    {
        if (address is not null)
            Tell(new AddressAssigned(session, address.ToString(), $"from the pool of the profile {profile}"));
    }

    private void Tell(SubscriberEvent happened) => services.Sink.Submit(new SubscriberReport(happened));

    /// <summary>Kills what still runs.</summary>
    public void Dispose()
    {
        foreach (var process in _running.Values)
            process.Dispose();
        _running.Clear();
    }

    private void OnAuthenticationFailed(Session session, string text)
    {
        AuthenticationsFailed++;
        AuthenticationFailed?.Invoke(session, text, null);
    }

    private static PppdSession Describe(PppRequest request, IPAddress? address) => new()
    {
        SocketDescriptor = PppdProcess.SocketInChild,
        TunnelId = request.Session.Tunnel.LocalId,
        SessionId = request.Parameters.LocalId,
        Server = request.Server,
        SendSequence = request.Parameters.SendSequence,
        RequireSequence = request.Parameters.RequireSequence,
        ReorderTimeout = request.Parameters.ReorderTimeout,
        AllocatedRemote = address,
        Name = Printable.Of(request.Session.Name),
        Variables = SessionVariables.Of(request.Session).Variables,
    };

    /// <summary>The profile with sizes that the path carries.</summary>
    private PppProfile ForPath(PppProfile profile, PppRequest request)
    {
        if (services.Paths?.Of(request, profile).Payload is not (> 0 and var carried) || carried >= Math.Max(profile.Mtu, profile.Mru))
            return profile;
        var path = BuiltInProfile.UsablePath(profile, carried);
        return profile with { Mtu = Math.Min(profile.Mtu, path), Mru = Math.Min(profile.Mru, path) };
    }

    private void Refuse(SessionKey session, PppdExit exit) =>
        services.Sink.Submit(new PppEnded(session, exit.CdnResult, exit.Cause, exit.Reason));
}
