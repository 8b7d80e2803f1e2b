using L2tpd.Engine.Addressing;
using L2tpd.Engine.Admission;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Statics;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine;

/// <summary>
/// The protocol engine: no I/O, no clock, no threads. Inputs come in through <c>Handle</c>, effects go out through <see cref="IEffects"/>;
/// the host calls again at <see cref="NextDeadline"/>. Times are those of any monotonic clock. The same state, inputs and randomness
/// give the same effects, octet for octet. At the end of each input the tunnels that it touched are settled once
/// (<see cref="TunnelMachine.Settle()"/>).
/// </summary>
public sealed partial class L2tpEngine
{
    private readonly EngineContext _context;
    private readonly TunnelTable _tunnels;
    private readonly CallMachine _calls;
    private readonly TunnelMachine _machine;
    private readonly TunnelReceiver _receiver;
    private readonly HalfOpenRequests _requests;
    private readonly HalfOpenReceiver _halfOpen;
    private readonly UnprovenBudget _unproven;
    private readonly SeenRequests _seen;
    private readonly SccrqGate _gate;
    private readonly InputReceiver _inputs;
    private readonly Dialler _dialler;
    private readonly StaticTunnels _statics;

    public L2tpEngine(EngineConfiguration configuration, IRandomSource random)
    {
        _context = new EngineContext(configuration, random);
        _tunnels = new TunnelTable(_context);
        _calls = new CallMachine(_context);
        _machine = new TunnelMachine(_context, _tunnels, _calls);
        _receiver = new TunnelReceiver(_context, _tunnels, _machine, new CallReceiver(_context, _calls));
        _requests = new HalfOpenRequests(configuration.Limits.MaxHalfOpen, _context.RandomUInt64());
        _unproven = new UnprovenBudget(_context);
        _seen = new SeenRequests(_context.RandomUInt64());
        _halfOpen = new HalfOpenReceiver(_context, _tunnels, _requests, _machine, _receiver, _unproven);
        var ids = new RequestIds(_context, _tunnels, _requests);
        var answers = new SccrqAnswers(_context, _tunnels, _machine, _requests, _halfOpen, ids, _unproven);
        var judge = new SccrqJudge(_context, _tunnels, ids);
        _gate = new SccrqGate(_context, _tunnels, _machine, _receiver, _requests, judge, answers, _seen);
        _inputs = new InputReceiver(_context, _machine, _calls);
        _dialler = new Dialler(_context, _tunnels, _machine, _calls);
        _statics = new StaticTunnels(_context, _tunnels, _machine, _calls);
    }

    /// <summary>When to call with <see cref="DeadlineReached"/>; <see cref="Instant.Never"/> for never. May be early, never late.</summary>
    public Instant NextDeadline => _context.Deadlines.NextDeadline;

    /// <summary>
    /// Full names of configured tunnels and sessions that are down because nobody opened them, or the operator keeps them down.
    /// </summary>
    public IEnumerable<string> HeldDown => _dialler.HeldDown.Concat(_statics.HeldDown);

    /// <summary>Full names of sessions that are down until a packet waits for them (<c>dial: on-traffic</c>).</summary>
    public IEnumerable<string> WaitingForTraffic => _dialler.WaitingForTraffic;

    /// <summary>What the operator drains.</summary>
    public Drain Drain => _context.Drain;

    public EngineCounters Counters => _context.Counters;

    public EngineConfiguration Configuration => _context.Configuration;

    /// <summary>Tunnels whose state machine runs: half-open ones included, closing and lingering ones not.</summary>
    public IReadOnlyCollection<Tunnel> Tunnels => _tunnels.Alive;

    public int SessionCount => _calls.Count;

    /// <summary>
    /// Control connections that peers asked for and have not completed: requests without a tunnel, and half-open tunnels.
    /// </summary>
    public int HalfOpenTunnels => _requests.Count + _tunnels.HalfOpen.Count;

    /// <summary>Octets of memory that half-open requests take.</summary>
    public long HalfOpenMemory => _requests.Memory;

    /// <summary>After <see cref="ShutDown"/>: whether every StopCCN is acknowledged or given up.</summary>
    public bool IsQuiet => _tunnels.Alive.Count == 0 && _tunnels.Closing == 0;

    /// <summary>The running tunnel of that key; <c>null</c> if it has ended.</summary>
    public Tunnel? FindTunnel(TunnelKey key) => _tunnels.Find(key);

    /// <summary>The tunnel with that id of ours, those that end included; <c>null</c> if there is none.</summary>
    public Tunnel? FindTunnelById(TunnelId localId) => _tunnels.TryGet(localId, out var tunnel) ? tunnel : null;

    /// <summary>The session of that key; <c>null</c> if it has ended.</summary>
    public Session? FindSession(SessionKey key) =>
        _tunnels.Find(key.Tunnel) is { } tunnel && tunnel.TryGetSession(key.LocalId, out var session) && session.Key == key
            ? session
            : null;

    /// <summary>A datagram arrived.</summary>
    public void Handle(in Datagram datagram, Instant now, IEffects effects)
    {
        Enter(now, effects);
        Receive(datagram);
        _machine.Settle();
    }

    private void Receive(in Datagram datagram)
    {
        _context.Counters.DatagramsReceived++;
        switch (MessageCodec.Classify(datagram.Bytes))
        {
            case PacketKind.Data:
                _context.Counters.DataDropped++;
                return;
            case PacketKind.Unknown:
                _context.Counters.UnknownVersion++;
                return;
        }

        if (!MessageCodec.TryDecodeHeader(datagram.Bytes, out var header, out _))
            _context.Counters.MalformedHeaders++;
        else if (datagram.Path.Remote.IsOverIp && header.Version != ProtocolVersion.V3)
            _context.Counters.UnknownVersion++;
        else if (header.TunnelId.IsNone)
            ReceiveUnaddressed(header, datagram);
        else
            ReceiveAddressed(header, datagram);
    }

    /// <summary>A message with an id of ours: of a tunnel of that peer, or of a half-open request.</summary>
    private void ReceiveAddressed(in ControlHeader header, in Datagram datagram)
    {
        var isKnown = _tunnels.TryGet(header.TunnelId, out var tunnel);
        if (isKnown && tunnel.Path.Remote == datagram.Path.Remote)
            ReceiveInTunnel(tunnel, header, datagram);
        else if (_halfOpen.Receive(header, datagram))
            return;
        else if (isKnown)
            ReceiveInTunnel(tunnel, header, datagram);
        else if (MessageTypePeek.Read(datagram.Bytes[..header.Length]) == MessageType.StopCcn)
            ReceiveStrayStop(header, datagram);
        else
            _context.Counters.UnknownTunnel++;
    }

    /// <summary>Any other input.</summary>
    public void Handle(EngineInput input, Instant now, IEffects effects)
    {
        Enter(now, effects);
        Receive(input);
        _machine.Settle();
    }

    private void Receive(EngineInput input)
    {
        switch (input)
        {
            case DeadlineReached:
                HandleDeadlines();
                break;
            case Start:
                MessageSecurity.WarmUp(_context.Configuration);
                Configure(_context.Configuration);
                break;
            case ShutDown:
                HandleShutDown();
                break;
            case Reconfigure { Configuration: var configuration }:
                TakeOver(configuration);
                break;
            case OperatorInput command:
                Receive(command);
                break;
            case TrafficWaits waits when !_context.IsShuttingDown:
                _dialler.Find(waits.Tunnel)?.HandleTraffic(waits.Session);
                break;
            case RequestBacklog backlog:
                _seen.SetBacklog(backlog.IsThere, _context.Now);
                break;
            case HostResolved resolved:
                _dialler.HandleResolved(resolved);
                break;
            case CloseTunnel { Tunnel: var key } close when _tunnels.Find(key) is { } tunnel:
                _inputs.Close(tunnel, close);
                break;
            case TunnelInput tunnelInput when _tunnels.Find(tunnelInput.Tunnel) is { } tunnel:
                _inputs.Receive(tunnel, tunnelInput);
                break;
            case SessionInput sessionInput when FindSession(sessionInput.Session) is { } session:
                _inputs.Receive(session, sessionInput);
                break;
            case SubscriberReport report:
                _context.Notify(report.Happened);
                break;
            case PppEnded ended:
                _dialler.HandlePppEnded(ended.Session);
                break;
            case PppRefused refused:
                _dialler.HandlePppRefused(refused);
                break;
        }
    }

    /// <summary>
    /// The responder may answer the SCCRQ from another port, and with a quirk from another address (RFC 2661 section 8.1).
    /// </summary>
    private static bool MayMove(Tunnel tunnel, Endpoint source) =>
        tunnel is { IsInitiator: true, State: TunnelState.WaitCtlReply } && tunnel.Path.Remote.Carrier == source.Carrier
        && (tunnel.Path.Remote.WithoutPort == source.WithoutPort || tunnel.Profile.Quirks.HasFlag(PeerQuirks.AcceptReplyFromAnyAddress));

    private void Enter(Instant now, IEffects effects)
    {
        _context.Now = now;
        _context.Effects = effects;
    }

    /// <summary>Tunnel ID 0: an SCCRQ, or the StopCCN of a peer that never learned our id. No other message may have it.</summary>
    private void ReceiveUnaddressed(in ControlHeader header, in Datagram datagram)
    {
        switch (MessageTypePeek.Read(datagram.Bytes[..header.Length]))
        {
            case MessageType.Sccrq:
                _gate.Receive(header, datagram);
                break;
            case MessageType.StopCcn:
                ReceiveStrayStop(header, datagram);
                break;
            default:
                _context.Counters.UnknownTunnel++;
                break;
        }
    }

    private void ReceiveStrayStop(in ControlHeader header, in Datagram datagram)
    {
        var decoded = MessageCodec.Decode(header, datagram.Bytes, default);
        if (decoded.Message is StopCcn stop && _tunnels.FindByPeerEnd(datagram.Path.Remote, stop.AssignedTunnelId) is { } tunnel)
            _receiver.ReceiveStray(tunnel, stop, header, datagram.Bytes[..header.Length]);
        else if (decoded.Message is not StopCcn early || !_halfOpen.AcknowledgeStop(early, header, datagram))
            _context.Counters.UnknownTunnel++;
    }

    private void ReceiveInTunnel(Tunnel tunnel, in ControlHeader header, in Datagram datagram)
    {
        if (tunnel.Path.Remote != datagram.Path.Remote && !MayMove(tunnel, datagram.Path.Remote))
        {
            tunnel.Counters.WrongSource++;
            _context.Counters.WrongSource++;
            // Its association may have been replaced by one with another mark: the peer is asked at once.
            if (tunnel.Path.Remote.WithoutMark == datagram.Path.Remote.WithoutMark)
                _machine.TryProbe(tunnel);
            return;
        }

        if (tunnel.Static is { } line)
            line.Receive(header, datagram.Bytes[..header.Length]);
        else
            _receiver.Receive(tunnel, header, datagram);
    }

    private void HandleDeadlines()
    {
        while (_context.Deadlines.NextDeadline <= _context.Now)
        {
            switch (_context.Deadlines.Peek())
            {
                case Tunnel tunnel:
                    // It is filed again when it is settled.
                    _context.Deadlines.Remove(tunnel);
                    _machine.HandleDeadline(tunnel);
                    break;
                case DialledTunnel dialled:
                    dialled.HandleDeadline();
                    break;
                case StaticLine line:
                    line.HandleDeadline();
                    break;
                case HalfOpenRequests:
                    _halfOpen.Expire();
                    break;
            }
        }
    }

    private void HandleShutDown()
    {
        _context.IsShuttingDown = true;
        _halfOpen.Clear();
        _dialler.Stop();
        _statics.Stop(new EndReason { Cause = EndCause.ShutDown, Text = "this daemon is shutting down" });
        foreach (var tunnel in _tunnels.Alive.ToArray())
        {
            _machine.Close(tunnel, new EndReason
            {
                Cause = EndCause.ShutDown,
                Text = "this daemon is shutting down",
                Result = new ResultCode(StopCcnResult.ShuttingDown),
            });
        }
    }

    private void Receive(OperatorInput command)
    {
        if (command is DrainPeers drain)
            _context.Drain.Set(drain.Peer, drain.IsDrained);
        if (command is not ControlConfigured control || _context.IsShuttingDown)
            return;
        if (_dialler.Find(control.Tunnel) is { } dialled)
            dialled.Receive(control);
        else
            _statics.Find(control.Tunnel)?.Receive(control);
    }

    private void TakeOver(EngineConfiguration configuration)
    {
        var former = _context.Configuration.Limits;
        _context.TakeOver(configuration);
        _unproven.Configure(former);
        _requests.SetMost(configuration.Limits.MaxHalfOpen);
        if (!_context.IsShuttingDown)
            Configure(configuration);
    }

    private void Configure(EngineConfiguration configuration)
    {
        // First: a static tunnel has a configured id, which no other tunnel may draw before.
        _statics.Configure(configuration.StaticTunnels);
        _dialler.Configure(configuration.Tunnels);
    }
}
