using System.Buffers.Binary;
using L2tpd.Ppp.Authentication;
using L2tpd.Ppp.Negotiation;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp;

/// <content>The phases of the link: what the layers' events lead to.</content>
public sealed partial class PppEndpoint
{
    /// <summary>Closes the link by LCP; the first reason counts.</summary>
    internal void Fail(PppEnd end, long now, IPppEffects effects)
    {
        if (Phase is PppPhase.Dead or PppPhase.Terminate or PppPhase.Ended)
            return;

        _end ??= end;
        Phase = PppPhase.Terminate;
        StopSetup();
        _lcp.Close(now, effects);
    }

    /// <summary>LCP came to Opened.</summary>
    internal void LinkOpened(long now, IPppEffects effects)
    {
        Phase = PppPhase.Authenticate;
        var proxy = _proxy;
        _proxy = null;
        effects.LinkUp(this, new LinkParameters(
            TransmitLimit, ReceiveLimit, _lcp.CompressProtocol, _lcp.CompressAddress, _lcp.FromPeer, _lcp.ToPeer, proxy is not null));
        _keepalive.Start(now);
        _gates = (_lcp.FromPeer == AuthenticationProtocol.None ? Gates.None : Gates.PeerProof)
            | (_lcp.ToPeer == AuthenticationProtocol.None ? Gates.None : Gates.OwnProof);
        if (_lcp.ToPeer != AuthenticationProtocol.None)
        {
            _claimant ??= new Claimant(this);
            _claimant.Start(_lcp.ToPeer, now, effects);
        }

        if (_lcp.FromPeer != AuthenticationProtocol.None)
        {
            ArmProof(now);
            _authenticator = AuthenticatorFor(_lcp.FromPeer);
            if (proxy is null || !_authenticator.TryStart(_lcp.FromPeer, proxy, effects))
                _authenticator.Start(_lcp.FromPeer, now, effects);
        }
        else
        {
            Authorisation = effects.AuthoriseWithoutProof(this);
            if (NeedsAddress)
                AskAddress(effects);
        }

        TryStartNetwork(now, effects);
    }

    /// <summary>LCP left Opened: the layers above go down, and the address is given back.</summary>
    internal void LinkClosed(long now, IPppEffects effects)
    {
        _keepalive.Stop();
        _authenticator?.Stop();
        _claimant?.Stop();
        foreach (var layer in _layers)
            layer.LinkDown(now, effects);

        _layers = [];
        _heldVerdict = null;
        _gates = Gates.None;
        _sessionDeadline = long.MaxValue;
        _idleDeadline = long.MaxValue;
        Authorisation = null;
        IsReauthenticating = false;
        _sessionStarted = false;
        if (_grant is { } grant)
        {
            _grant = null;
            effects.ReleaseAddress(this, grant);
        }

        if (_lcp.State is PppState.Closing or PppState.Stopping)
        {
            Phase = PppPhase.Terminate;
            StopSetup();
        }
        else if (Phase != PppPhase.Terminate)
        {
            // The peer renegotiates: back to the phase Establish (RFC 1661 section 3.4).
            Phase = PppPhase.Establish;
            if (_setupDeadline == long.MaxValue)
                ArmSetup(now);

            effects.LinkRestarted(this);
        }
    }

    /// <summary>LCP is Closed or Stopped, and stays so.</summary>
    internal void LinkFinished(long now, IPppEffects effects)
    {
        _end ??= PppEnds.LcpFailed(_lcp.PeerHeard);
        Finish(now, effects);
    }

    /// <summary>The peer's Terminate-Request came while LCP was Opened.</summary>
    internal void PeerTerminates(ReadOnlySpan<byte> text)
    {
        _end ??= PppEnds.ClosedByPeer(AuthenticationText.Printable(text));
        Phase = PppPhase.Terminate;
    }

    /// <summary>Passes the peer's proof to the host.</summary>
    internal void RequestVerdict(AuthenticationRequest request, IPppEffects effects)
    {
        _verdictAttempt = ++_attempts;
        effects.RequestAuthentication(this, _verdictAttempt, request);
    }

    /// <summary>The peer accepted our proof.</summary>
    internal void ClaimAccepted(long now, IPppEffects effects)
    {
        _gates &= ~Gates.OwnProof;
        TryStartNetwork(now, effects);
    }

    /// <summary>True if the challenge is our own: with our answer the peer could authenticate itself to us.</summary>
    internal bool IsOwnChallenge(ReadOnlySpan<byte> value) =>
        _authenticator is not null && !_authenticator.Challenge.IsEmpty && value.SequenceEqual(_authenticator.Challenge);

    internal void EchoAnswered() => _keepalive.Answered();

    internal bool EchoUnderstood => _lcp.EchoUnderstood;

    internal void SendEcho(IPppEffects effects) => _lcp.SendEcho(effects);

    /// <summary>The peer rejected a protocol (RFC 1661 section 5.7).</summary>
    internal void ProtocolRejected(PppProtocol protocol, long now, IPppEffects effects)
    {
        if (protocol is PppProtocol.Pap or PppProtocol.Chap or PppProtocol.Eap && Phase == PppPhase.Authenticate)
            Fail(PppEnds.AuthenticationUnacceptable(), now, effects);
        else
            _layers.FirstOrDefault(layer => layer.Protocol == protocol || layer.Carries(protocol))?.Rejected(now, effects);
    }

    /// <summary>Sends a control packet: LCP with FF 03, other protocols without it if the peer asked for that.</summary>
    internal void SendControl(PppProtocol protocol, byte code, byte id, ReadOnlySpan<byte> data, IPppEffects effects)
    {
        const int Overhead = 8;
        Span<byte> frame = stackalloc byte[Overhead + (2 * ControlProtocol.LargestPacket)];
        frame[0] = 0xff;
        frame[1] = 0x03;
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)protocol);
        frame[4] = code;
        frame[5] = id;
        BinaryPrimitives.WriteUInt16BigEndian(frame[6..], (ushort)(ControlPacket.HeaderLength + data.Length));
        data.CopyTo(frame[Overhead..]);
        var bare = protocol != PppProtocol.Lcp && _lcp.CompressAddress;
        effects.SendFrame(this, frame[(bare ? 2 : 0)..(Overhead + data.Length)]);
    }

    /// <summary>Cuts data so that its control packet does not exceed the peer's MRU or our buffers.</summary>
    internal ReadOnlySpan<byte> Truncate(ReadOnlySpan<byte> data, int overhead = 0)
    {
        var room = Math.Min((int)_lcp.PeerMru, ControlProtocol.LargestPacket) - ControlPacket.HeaderLength - overhead;
        return data[..Math.Min(data.Length, room)];
    }

    // The former one goes on with its identifiers, so that a late answer to an earlier challenge does not match.
    private IPeerAuthenticator AuthenticatorFor(AuthenticationProtocol protocol) =>
        protocol == AuthenticationProtocol.Eap
            ? _authenticator as EapAuthenticator ?? new EapAuthenticator(this)
            : _authenticator as Authenticator ?? (IPeerAuthenticator)new Authenticator(this);

    private void AskAddress(IPppEffects effects)
    {
        _gates |= Gates.Address;
        _addressAttempt = ++_attempts;
        effects.RequestAddress(this, _addressAttempt, Authorisation);
    }

    private void PeerProven(AuthenticationResult result, long now, IPppEffects effects)
    {
        _gates &= ~Gates.PeerProof;
        _proofDeadline = long.MaxValue;
        _authenticator!.Conclude(result, now, effects);
        TryStartNetwork(now, effects);
    }

    private PppEnd SetupFailure() => Phase switch
    {
        PppPhase.Authenticate when _gates.HasFlag(Gates.PeerProof) && _authenticator is { AwaitsVerdict: true } =>
            PppEnds.NoBackend(_lcp.FromPeer),
        PppPhase.Authenticate when _gates.HasFlag(Gates.PeerProof) => PppEnds.PeerSilent(_lcp.FromPeer),
        PppPhase.Authenticate when _gates.HasFlag(Gates.OwnProof) => PppEnds.NoVerdict(_lcp.ToPeer),
        PppPhase.Authenticate => PppEnds.NoAddress(),
        PppPhase.Network => PppEnds.NetworkTimeout(_layers.FirstOrDefault()?.Protocol ?? PppProtocol.None),
        _ => PppEnds.LcpFailed(_lcp.PeerHeard),
    };

    private void ArmSetup(long now) => _setupDeadline = Profile.SetupTimeout > 0 ? now + Profile.SetupTimeout : long.MaxValue;

    private void ArmProof(long now)
    {
        if (_proofDeadline == long.MaxValue && Profile.AuthenticationTimeout > 0)
            _proofDeadline = now + Profile.AuthenticationTimeout;
    }

    private void ExpireProof(long now, IPppEffects effects)
    {
        _proofDeadline = long.MaxValue;

        // The peer is not to blame for a slow back end; the set-up timeout bounds that wait.
        if (_authenticator is not { AwaitsVerdict: true })
            Fail(PppEnds.PeerSilent(_lcp.FromPeer), now, effects);
    }

    private void StopSetup() => (_setupDeadline, _proofDeadline) = (long.MaxValue, long.MaxValue);

    private void ArmTimeouts(long session, long idle, long now)
    {
        _lastTraffic = now;
        _idleTimeout = idle;
        _sessionDeadline = session > 0 ? now + session : long.MaxValue;
        _idleDeadline = idle > 0 ? now + idle : long.MaxValue;
    }

    private void ExpireIdle(long now, IPppEffects effects)
    {
        // A data packet changes only the time of the last packet; the deadline is moved here.
        _idleDeadline = _lastTraffic + _idleTimeout;
        if (now >= _idleDeadline)
        {
            _idleDeadline = long.MaxValue;
            Fail(PppEnds.IdleTimeout(), now, effects);
        }
    }

    private void Finish(long now, IPppEffects effects)
    {
        if (Phase == PppPhase.Ended)
            return;

        LinkClosed(now, effects);
        Phase = PppPhase.Ended;
        StopSetup();
        effects.Ended(this, _end!);
    }
}
