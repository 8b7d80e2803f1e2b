using System.Diagnostics.CodeAnalysis;
using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Data;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// The data plane of this process, over the tunnels' own sockets. Of the kernel it needs TUN and TAP only.
/// <para>It owns the tunnels and sessions of the data path, the sockets' output (<see cref="DataOutbox"/>) and the TAP interfaces
/// (<see cref="EthernetSessions"/>). A PPP session has no port until the owner of PPP sets <see cref="UserspaceSession.Port"/>. An Ethernet
/// session has a TAP interface.</para>
/// <para>Everything runs on the loop's thread, without allocation per packet, except that the worker <c>l2tpd-tap</c> makes, configures and
/// closes interfaces, and that counters are read from any thread through the loop.</para>
/// <para>States: a tunnel or session exists from its creation to its destruction; an Ethernet session also stays in <see cref="Remaining"/>
/// until its interface is closed.</para>
/// <para>Known races: frames arrive before PPP has set the port (the first one is kept); a session is destroyed while its interface is
/// being made; another program deletes the interface; on IP protocol 115 the listener and a tunnel's own raw socket both receive each
/// packet.</para>
/// </summary>
public sealed class UserspaceDataPlane : IDataPlane, ISessionPorts, IDataMessages, ITrafficCounters, IIpDataHandler, IEventObserver
{
    /// <summary>Longest data message in octets, L2TP header included.</summary>
    public const int LongestPacket = 9_728;

    internal const string Word = "userspace";

    private const int LeastMtu = 576;
    private const int UsualMtu = 1500;

    /// <summary>Packets held for reordering, of all sessions together.</summary>
    private const int MostHeld = 4_096;

    private readonly IInputSink _sink;
    private readonly Transports _transports;
    private readonly ReorderWatch _reorder;
    private readonly EthernetSessions _ethernet;
    private readonly DataOutbox _outbox = new();
    private readonly PacketPool _held = new(MostHeld, LongestPacket);
    private readonly Dictionary<TunnelKey, UserspaceTunnel> _tunnels = [];
    private readonly Dictionary<SessionKey, UserspaceSession> _sessions = [];
    private readonly Dictionary<uint, UserspaceSession> _byIdsV2 = [];
    private readonly Dictionary<SessionId, UserspaceSession> _byIdV3 = [];

    public UserspaceDataPlane(IInputSink sink, Transports transports, DescriptorBudget budget, LoopTimers timers, RtNetlink links,
        bool offloads, ILogger log)
    {
        (_sink, _transports) = (sink, transports);
        Buffers = new PacketBuffers(offloads);
        _reorder = new ReorderWatch(timers);
        _ethernet = new EthernetSessions(sink, timers, budget, links, Buffers, log);
    }

    /// <inheritdoc/>
    /// <remarks>From here on it takes the data messages of raw sockets.</remarks>
    public void Start(EventLoop events, FaultLog faults)
    {
        _ethernet.Start(events, faults);
        _transports.IpData = this;
        _transports.CarryData(Buffers.UseOffloads);
    }

    /// <inheritdoc/>
    public DataPlaneChoice Choice => DataPlaneChoice.Userspace;

    /// <inheritdoc/>
    public string Name => Word;

    /// <inheritdoc/>
    public ISessionPorts Ports => this;

    /// <inheritdoc/>
    public IDataMessages Messages => this;

    /// <inheritdoc/>
    public ITrafficCounters Traffic => this;

    /// <inheritdoc/>
    public IEventObserver Events => this;

    /// <inheritdoc/>
    public int Remaining => _tunnels.Count + _sessions.Count + _ethernet.Remaining;

    /// <summary>Buffers that all interfaces share.</summary>
    public PacketBuffers Buffers { get; }

    /// <summary>Dropped data messages with the ids of a session but a source address or port that is not its peer's.</summary>
    public long WrongSource { get; private set; }

    /// <summary>Finds a session by its key, as long as it exists.</summary>
    public bool TryFindSession(SessionKey session, [NotNullWhen(true)] out UserspaceSession? found) =>
        _sessions.TryGetValue(session, out found);

    /// <inheritdoc/>
    public void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters)
    {
        var error = _transports.FindForData(tunnel, parameters, out var transport, out var isConnected);
        if (!error.IsNone)
        {
            _sink.Submit(new TunnelFailed(tunnel, $"no socket for the tunnel: {error}"));
            return;
        }

        // If the path MTU is not known, the usual MTU is assumed; the headers must fit even the smallest one.
        var mark = parameters.Path.Remote.Mark != 0 ? parameters.Path.Remote.Mark : parameters.FwMark;
        var isKnown = PathMtu.TryGet(parameters.Path.Remote.ToSockAddr(), parameters.BindDevice, mark, out var mtu).IsNone;
        var pathMtu = isKnown ? Math.Clamp(mtu, LeastMtu, LongestPacket) : UsualMtu;
        var output = new TunnelOutput(_outbox.Take(transport!), parameters.Path, isConnected, pathMtu);
        _tunnels[tunnel] = new UserspaceTunnel(tunnel, parameters, parameters.Path.Remote.Carrier, output)
        {
            PathMtu = pathMtu,
            HasOwnSocket = transport!.Kind != TransportKind.Listener,
        };
        _sink.Submit(new TunnelCreated(tunnel));
    }

    /// <inheritdoc/>
    public void DestroyTunnel(TunnelKey tunnel)
    {
        if (!_tunnels.Remove(tunnel, out var found))
            return;
        foreach (var session in found.Sessions.ToArray())
            Remove(session);
        _outbox.Release(found.Output.Socket);
    }

    /// <inheritdoc/>
    public void CloseTransport(TunnelKey tunnel)
    {
        DestroyTunnel(tunnel);
        _transports.Close(tunnel);
    }

    /// <inheritdoc/>
    public void CreateSession(SessionKey session, SessionParameters parameters)
    {
        if (!_tunnels.TryGetValue(session.Tunnel, out var tunnel))
        {
            _sink.Submit(new SessionFailed(session, "the session's tunnel has ended"));
            return;
        }

        var made = new UserspaceSession(session, parameters, tunnel, _held, _reorder);
        _sessions[session] = made;
        tunnel.Sessions.Add(made);
        if (tunnel.Parameters.Version == ProtocolVersion.V3)
            _byIdV3[parameters.LocalId] = made;
        else
            _byIdsV2[IdsV2(tunnel.Parameters.LocalId, parameters.LocalId)] = made;
        if (parameters.Pseudowire == PseudowireType.Ppp)
            _sink.Submit(new SessionCreated(session));
        else
            _ethernet.Add(made);
    }

    /// <inheritdoc/>
    public void DestroySession(SessionKey session)
    {
        if (_sessions.TryGetValue(session, out var found))
            Remove(found);
    }

    /// <inheritdoc/>
    public bool TryReceive(DataCarrier carrier, in Endpoint source, ReadOnlySpan<byte> packet)
    {
        if (carrier == DataCarrier.Udp && packet.Length > 1 && (packet[1] & 0x0f) == (int)ProtocolVersion.V2)
            return TryReceiveV2(source, packet);
        if (!DataHeaderV3.TryReadSessionId(packet, carrier, out var sessionId, out _) || !_byIdV3.TryGetValue(sessionId, out var session))
            return false;
        if (IsFrom(session, source))
            session.ReceiveV3(packet);
        return true;
    }

    /// <inheritdoc/>
    public void OnData(in Path path, TunnelKey owner, ReadOnlySpan<byte> packet)
    {
        if (!DataHeaderV3.TryReadSessionId(packet, DataCarrier.Ip, out var sessionId, out _)
            || !_byIdV3.TryGetValue(sessionId, out var session))
        {
            return;
        }
        // A raw listener and a tunnel's own raw socket each receive a copy: the tunnel's own copy counts.
        if (owner == (session.Tunnel.HasOwnSocket ? session.Tunnel.Key : default) && IsFrom(session, path.Remote))
            session.ReceiveV3(packet);
    }

    /// <inheritdoc/>
    public void SetLink(SessionKey session, bool up) => _ethernet.SetLink(session, up);

    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent) => _ethernet.Observe(engineEvent);

    /// <inheritdoc/>
    public void Flush()
    {
        _outbox.FlushAll();
        Buffers.EndTurn();
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<(TunnelId Tunnel, SessionId Session),
    TrafficCounters>> ReadAsync(IReadOnlyCollection<(TunnelId Tunnel, SessionId Session)> sessions)
    {
        var answer = new TaskCompletionSource<IReadOnlyDictionary<(TunnelId Tunnel, SessionId Session),
        TrafficCounters>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _sink.Post(() => answer.SetResult(ReadCounters(sessions)));
        return answer.Task;
    }

    /// <inheritdoc/>
    public Task<TrafficCounters?> ReadLastAsync(SessionKey session) => Task.FromResult(
        _tunnels.TryGetValue(session.Tunnel, out var tunnel) ? Find(tunnel, session.LocalId)?.Statistics : null);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tunnel in _tunnels.Keys.ToArray())
            DestroyTunnel(tunnel);
        _ethernet.Dispose();
        _outbox.Dispose();
    }

    private static uint IdsV2(TunnelId tunnel, SessionId session) => (tunnel.Value << 16) | session.Value;

    private bool TryReceiveV2(in Endpoint source, ReadOnlySpan<byte> packet)
    {
        if (!DataHeaderV2.TryRead(packet, out var header, out _)
            || !_byIdsV2.TryGetValue(IdsV2(header.TunnelId, header.SessionId), out var session))
        {
            return false;
        }

        if (IsFrom(session, source))
            session.Receive(header, packet);
        return true;
    }

    private bool IsFrom(UserspaceSession session, in Endpoint source)
    {
        if (session.Tunnel.IsFrom(source))
            return true;
        WrongSource++;
        return false;
    }

    private void Remove(UserspaceSession session)
    {
        if (!_sessions.Remove(session.Key))
            return;
        session.Tunnel.Sessions.Remove(session);
        _ethernet.Remove(session.Key);
        _reorder.Remove(session);
        if (session.Tunnel.Parameters.Version == ProtocolVersion.V3)
            _byIdV3.Remove(session.Parameters.LocalId);
        else
            _byIdsV2.Remove(IdsV2(session.Tunnel.Parameters.LocalId, session.Parameters.LocalId));
        session.Close();
    }

    private Dictionary<(TunnelId Tunnel, SessionId Session), TrafficCounters> ReadCounters(
        IReadOnlyCollection<(TunnelId Tunnel, SessionId Session)> wanted)
    {
        var counters = new Dictionary<(TunnelId Tunnel, SessionId Session), TrafficCounters>();
        Dictionary<TunnelId, UserspaceTunnel>? tunnels = null;
        foreach (var (tunnelId, sessionId) in wanted)
        {
            if (!sessionId.IsNone)
            {
                if (Find(tunnelId, sessionId) is { } session)
                    counters[(tunnelId, sessionId)] = session.Statistics;
                continue;
            }

            // Of many tunnels only where one is asked for: lists of sessions are read in parts.
            tunnels ??= _tunnels.Values.ToDictionary(static tunnel => tunnel.Parameters.LocalId);
            if (tunnels.TryGetValue(tunnelId, out var tunnel))
                counters[(tunnelId, SessionId.None)] = tunnel.Counters.Snapshot();
        }

        return counters;
    }

    private UserspaceSession? Find(TunnelId tunnel, SessionId session)
    {
        if (_byIdsV2.TryGetValue(IdsV2(tunnel, session), out var found) && found.Tunnel.Parameters.LocalId == tunnel)
            return found;
        return _byIdV3.TryGetValue(session, out found) && found.Tunnel.Parameters.LocalId == tunnel ? found : null;
    }

    private UserspaceSession? Find(UserspaceTunnel tunnel, SessionId sessionId) => tunnel.Parameters.Version == ProtocolVersion.V3
        ? _byIdV3.GetValueOrDefault(sessionId) is { } found && found.Tunnel == tunnel ? found : null
        : _byIdsV2.GetValueOrDefault(IdsV2(tunnel.Parameters.LocalId, sessionId));
}
