using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>What LCP and the NCPs share: the automaton driven by packets and the restart timer (RFC 1661 sections 4 and 5).</summary>
internal abstract class ControlProtocol
{
    /// <summary>Longest packet that is read or built, octets; no implementation sends longer control packets.</summary>
    internal const int LargestPacket = 1500;

    // A Nak can be longer than the request: a suggested CHAP is one octet longer than PAP, and missing options are appended.
    private const int LargestReply = LargestPacket + (LargestPacket / 2);

    private const int LargestOwnRequest = 64;

    // How many requests before the acknowledged one may still be on their way.
    private const byte MostOvertaken = 16;

    private readonly PppEndpoint _endpoint;
    private int _restartCount;
    private int _naksSent;
    private int _naksReceived;
    private byte _lastId;
    private byte _requestId;
    private byte _nakedId;
    private byte _ackedId;
    private long _ackedAt;
    private bool _answered;

    protected ControlProtocol(PppEndpoint endpoint)
    {
        _endpoint = endpoint;
        // A layer that is made again must not use its former identifiers (RFC 1661 section 5.1): old packets may still be on their way.
        _lastId = (byte)(MostOvertaken * endpoint.Renegotiations.Taken);
    }

    /// <summary>The automaton's state.</summary>
    internal PppState State { get; private set; }

    /// <summary>When the restart timer expires; <see cref="long.MaxValue"/>: it does not run.</summary>
    internal long Deadline { get; private set; } = long.MaxValue;

    internal abstract PppProtocol Protocol { get; }

    /// <summary>True after the first well-formed packet of this protocol.</summary>
    internal bool PeerHeard { get; private set; }

    protected PppEndpoint Endpoint => _endpoint;

    protected PppProfile Profile => _endpoint.Profile;

    internal void Open(long now, IPppEffects effects) => Step(PppEvent.Open, now, effects);

    internal void Close(long now, IPppEffects effects) => Step(PppEvent.Close, now, effects);

    internal void Up(long now, IPppEffects effects) => Step(PppEvent.Up, now, effects);

    internal void Down(long now, IPppEffects effects) => Step(PppEvent.Down, now, effects);

    /// <summary>The restart timer may have expired.</summary>
    internal void Expire(long now, IPppEffects effects)
    {
        if (now >= Deadline)
            Step(_restartCount > 0 ? PppEvent.TimeoutRetry : PppEvent.TimeoutExhausted, now, effects);
    }

    /// <summary>The peer does not know this protocol, or one of the codes it needs.</summary>
    internal void Rejected(long now, IPppEffects effects) => Step(PppEvent.RejectFatal, now, effects);

    /// <summary>Takes a packet of this protocol.</summary>
    internal void Handle(ReadOnlySpan<byte> octets, long now, IPppEffects effects)
    {
        if (State <= PppState.Starting || octets.Length > LargestPacket || !ControlPacket.TryParse(octets, out var packet))
            return;

        PeerHeard = true;
        switch ((ControlCode)packet.Code)
        {
            case ControlCode.ConfigureRequest:
                HandleRequest(packet, now, effects);
                break;
            case ControlCode.ConfigureAck:
                HandleAck(packet, now, effects);
                break;
            case ControlCode.ConfigureNak:
                HandleNak(packet, now, effects);
                break;
            case ControlCode.ConfigureReject:
                HandleReject(packet, now, effects);
                break;
            case ControlCode.TerminateRequest:
                OnTerminateRequest(packet.Data);
                Step(PppEvent.TerminateRequest, now, effects, packet.Id);
                break;
            case ControlCode.TerminateAck:
                Step(PppEvent.TerminateAck, now, effects);
                break;
            case ControlCode.CodeReject:
                HandleCodeReject(packet, now, effects);
                break;
            default:
                if (!HandleOther(packet, now, effects))
                    Step(PppEvent.UnknownCode, now, effects, body: packet.Whole);

                break;
        }
    }

    /// <summary>Goes to Opened without a packet, as a LAC has done the negotiation. This bypasses the automaton's table.</summary>
    protected void Adopt(long now, IPppEffects effects)
    {
        State = PppState.Opened;
        PeerHeard = true;
        _answered = true;

        // A transition out of Opened does not initialise the restart counter (RFC 1661 section 4.1: RCR+ in Opened has no irc).
        _restartCount = Profile.MaxConfigure;
        LayerUp(now, effects);
    }

    /// <summary>The identifiers in use, for a layer in Opened.</summary>
    protected ControlProtocolSnapshot SnapshotControl() => new(_lastId, _requestId);

    /// <summary>Goes to Opened without a packet, for a layer that was open when the snapshot was taken.</summary>
    protected void Restore(ControlProtocolSnapshot snapshot)
    {
        (State, PeerHeard, _answered, _restartCount) = (PppState.Opened, true, true, Profile.MaxConfigure);
        (_lastId, _requestId) = (snapshot.LastId, snapshot.RequestId);
    }

    protected byte NextId() => ++_lastId;

    /// <summary>Applies one event: takes the transition from the table and carries out its actions.</summary>
    /// <param name="pppEvent">The event.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="effects">Where frames go.</param>
    /// <param name="id">Identifier of the packet, for replies.</param>
    /// <param name="body">Options of the reply, the packet to reject, or the data to echo.</param>
    /// <param name="reply">Configure-Nak or -Reject.</param>
    protected void Step(
        PppEvent pppEvent, long now, IPppEffects effects, byte id = 0, ReadOnlySpan<byte> body = default,
        ControlCode reply = ControlCode.ConfigureAck)
    {
        var transition = PppAutomaton.Next(State, pppEvent);
        if (transition.CannotHappen)
            return;

        State = transition.Next;
        var actions = transition.Actions;
        if (State is < PppState.Closing or PppState.Opened)
            Deadline = long.MaxValue;

        if (actions.HasFlag(PppActions.LayerDown))
            LayerDown(now, effects);

        PrepareRestart(actions, now);
        Transmit(actions, pppEvent, now, effects, id, body, reply);
        Tell(actions, pppEvent, now, effects);
    }

    /// <summary>Writes the options of our requests: the same ones until an answer changes them.</summary>
    protected abstract void OwnOptions(ref PacketWriter writer);

    /// <summary>Reviews the peer's options and keeps them for <see cref="CommitPeerOptions"/>.</summary>
    /// <returns>False if the link ends because of them.</returns>
    protected abstract bool ReviewPeerOptions(ReadOnlySpan<byte> options, ref OptionReview review, long now, IPppEffects effects);

    /// <summary>A Configure-Ack for the options reviewed last goes out.</summary>
    protected abstract void CommitPeerOptions();

    /// <summary>Handles a suggestion of the peer; false if the link ends because of it.</summary>
    protected abstract bool TakeNak(ReadOnlySpan<byte> option, long now, IPppEffects effects);

    /// <summary>Stops asking for an option; false if the link ends because of it.</summary>
    protected abstract bool TakeReject(byte type, long now, IPppEffects effects);

    protected abstract void LayerUp(long now, IPppEffects effects);

    protected abstract void LayerDown(long now, IPppEffects effects);

    protected abstract void LayerFinished(PppEvent pppEvent, long now, IPppEffects effects);

    /// <summary>Handles codes above 7; false if the code is unknown.</summary>
    protected virtual bool HandleOther(in ControlPacket packet, long now, IPppEffects effects) => false;

    /// <summary>Before a Terminate-Request goes to the automaton.</summary>
    protected virtual void OnTerminateRequest(ReadOnlySpan<byte> data)
    {
    }

    /// <summary>Whether losing a code is fatal; codes 1 to 7 are.</summary>
    protected virtual bool IsVital(byte code) => code is >= 1 and <= 7;

    private void HandleRequest(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (!OptionReader.IsWellFormed(packet.Data))
            return;

        // The layer would go down and come up again, and addresses, interfaces and hooks with it.
        if (IsOvertaken(packet.Id, now) || (State is PppState.Opened or PppState.Stopped && !_endpoint.Renegotiations.TryTake(now)))
            return;

        Span<byte> nak = stackalloc byte[LargestReply];
        Span<byte> reject = stackalloc byte[LargestPacket];
        var review = new OptionReview(nak, reject, _naksSent >= Profile.MaxFailure);
        if (!ReviewPeerOptions(packet.Data, ref review, now, effects))
            return;

        if (!review.Rejected.IsEmpty)
            Step(PppEvent.RequestBad, now, effects, packet.Id, review.Rejected, ControlCode.ConfigureReject);
        else if (!review.Naked.IsEmpty)
            Step(PppEvent.RequestBad, now, effects, packet.Id, review.Naked, ControlCode.ConfigureNak);
        else
            Step(PppEvent.RequestGood, now, effects, packet.Id, packet.Data);
    }

    // L2TP may reorder and duplicate, which RFC 1661 does not expect: a late copy of an earlier request would undo the newer one that we
    // acknowledged, and the ends would open with different options. A peer that started again repeats its request, and is then heard.
    private bool IsOvertaken(byte id, long now) =>
        State == PppState.AckSent && now - _ackedAt < Profile.RestartTimer && (byte)(_ackedId - id) is > 0 and <= MostOvertaken;

    // A repeated request means that our Nak was lost, not that the negotiation fails to converge.
    private void CountNak(byte id, ControlCode reply)
    {
        if (reply == ControlCode.ConfigureNak && (_naksSent == 0 || id != _nakedId))
        {
            _naksSent++;
            _nakedId = id;
        }
    }

    private void HandleAck(in ControlPacket packet, long now, IPppEffects effects)
    {
        Span<byte> room = stackalloc byte[LargestOwnRequest];
        if (IsAnswer(packet.Id) && packet.Data.SequenceEqual(Request(room)))
        {
            _answered = true;
            Step(PppEvent.Ack, now, effects);
        }
    }

    private void HandleNak(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (!IsAnswer(packet.Id) || !OptionReader.IsWellFormed(packet.Data))
            return;

        // Each Nak renews the restart counter: a peer that only sends Naks would keep us in Req-Sent forever.
        var asReject = ++_naksReceived > Profile.MaxFailure;
        Answered(packet.Data, asReject, now, effects);
    }

    private void HandleReject(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (IsAnswer(packet.Id) && OptionReader.IsWellFormed(packet.Data) && IsPartOfRequest(packet.Data))
            Answered(packet.Data, asReject: true, now, effects);
    }

    private void Answered(ReadOnlySpan<byte> options, bool asReject, long now, IPppEffects effects)
    {
        _answered = true;
        if (State is not (PppState.Closing or PppState.Stopping or PppState.Closed or PppState.Stopped))
        {
            var reader = new OptionReader(options);
            while (reader.MoveNext())
            {
                var goOn = asReject ? TakeReject(reader.Type, now, effects) : TakeNak(reader.Option, now, effects);
                if (!goOn)
                    return;
            }
        }

        Step(PppEvent.NakOrReject, now, effects);
    }

    private void HandleCodeReject(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (packet.Data.IsEmpty)
            return;

        var code = packet.Data[0];
        OnCodeRejected(code);
        Step(IsVital(code) ? PppEvent.RejectFatal : PppEvent.RejectTolerable, now, effects);
    }

    /// <summary>The peer does not know a code.</summary>
    protected virtual void OnCodeRejected(byte code)
    {
    }

    // A second answer to the same request is a duplicate. It would close an open layer (RFC 1661 section 4.3, RCA).
    private bool IsAnswer(byte id) => id == _requestId && !_answered;

    private ReadOnlySpan<byte> Request(Span<byte> room)
    {
        var writer = new PacketWriter(room);
        OwnOptions(ref writer);
        return room[..writer.Length];
    }

    private bool IsPartOfRequest(ReadOnlySpan<byte> rejected)
    {
        Span<byte> room = stackalloc byte[LargestOwnRequest];
        var sent = new OptionReader(Request(room));
        var reader = new OptionReader(rejected);
        while (reader.MoveNext())
        {
            do
            {
                if (!sent.MoveNext())
                    return false;
            }
            while (!sent.Option.SequenceEqual(reader.Option));
        }

        return true;
    }

    private void PrepareRestart(PppActions actions, long now)
    {
        if (actions.HasFlag(PppActions.InitializeRestartCount))
            _restartCount = actions.HasFlag(PppActions.SendTerminateRequest) ? Profile.MaxTerminate : Profile.MaxConfigure;

        if (actions.HasFlag(PppActions.ZeroRestartCount))
        {
            _restartCount = 0;
            Deadline = now + Profile.RestartTimer;
        }
    }

    private void Transmit(
        PppActions actions, PppEvent pppEvent, long now, IPppEffects effects, byte id, ReadOnlySpan<byte> body, ControlCode reply)
    {
        if (actions.HasFlag(PppActions.SendConfigureRequest))
            SendRequest(pppEvent == PppEvent.TimeoutRetry, now, effects);

        if (actions.HasFlag(PppActions.SendConfigureAck))
        {
            _naksSent = 0;
            (_ackedId, _ackedAt) = (id, now);
            CommitPeerOptions();
            Send(ControlCode.ConfigureAck, id, body, effects);
        }

        if (actions.HasFlag(PppActions.SendConfigureNakOrReject))
        {
            CountNak(id, reply);
            Send(reply, id, body, effects);
        }

        if (actions.HasFlag(PppActions.SendTerminateRequest))
        {
            _restartCount--;
            Deadline = now + Profile.RestartTimer;
            Send(ControlCode.TerminateRequest, NextId(), default, effects);
        }

        if (actions.HasFlag(PppActions.SendTerminateAck))
            Send(ControlCode.TerminateAck, id, default, effects);

        if (actions.HasFlag(PppActions.SendCodeReject))
            Send(ControlCode.CodeReject, NextId(), _endpoint.Truncate(body), effects);

        if (actions.HasFlag(PppActions.SendEchoReply))
            SendEchoReply(id, body, effects);
    }

    protected virtual void SendEchoReply(byte id, ReadOnlySpan<byte> data, IPppEffects effects)
    {
    }

    protected void Send(ControlCode code, byte id, ReadOnlySpan<byte> data, IPppEffects effects) =>
        _endpoint.SendControl(Protocol, (byte)code, id, data, effects);

    private void SendRequest(bool again, long now, IPppEffects effects)
    {
        if (!again)
            _requestId = NextId();

        _answered = false;
        _restartCount--;
        Deadline = now + Profile.RestartTimer;
        Span<byte> room = stackalloc byte[LargestOwnRequest];
        Send(ControlCode.ConfigureRequest, _requestId, Request(room), effects);
    }

    private void Tell(PppActions actions, PppEvent pppEvent, long now, IPppEffects effects)
    {
        if (actions.HasFlag(PppActions.LayerUp))
        {
            _naksSent = 0;
            _naksReceived = 0;
            LayerUp(now, effects);
        }
        else if (actions.HasFlag(PppActions.LayerFinished))
        {
            LayerFinished(pppEvent, now, effects);
        }
    }
}
