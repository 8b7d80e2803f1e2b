using System.Buffers.Binary;
using L2tpd.Ppp.Negotiation;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Authentication;

/// <summary>
/// Authenticates the peer by EAP (RFC 3748) as a pass-through authenticator (RFC 3579): it asks for the identity and knows no method.
/// Responses go to the host and the requests in its answers go to the peer. Retransmission to the peer, identifiers, the number of rounds
/// and lengths are its concern.
/// </summary>
/// <remarks>
/// A response is accepted once, for the request that is outstanding. Known race: a repeated response that arrives when the next request has
/// been sent. Its identifier does not match, and it is discarded (RFC 3748 section 4.1).
/// </remarks>
internal sealed class EapAuthenticator(PppEndpoint endpoint) : IPeerAuthenticator
{
    /// <summary>Requests of one authentication, the first one for the identity included.</summary>
    internal const int MaxRounds = 50;

    /// <summary>
    /// Octets of the longest response: with it, a RADIUS packet of 4,096 octets still has room for the other attributes.
    /// </summary>
    internal const int LargestResponse = 3_000;

    /// <summary>
    /// Octets of the longest request that we ask the server for: with it, an answer of the server fits into an IP packet of 1,500 octets.
    /// </summary>
    internal const int LargestRequestWanted = 1_400;

    /// <summary>Octets of the longest identity: it becomes User-Name of RADIUS.</summary>
    internal const int LargestIdentity = 253;

    private const int IdentityRequestLength = 5;

    private Phase _phase;
    private byte[] _request = [];
    private byte[] _name = [];
    private byte[]? _state;
    private byte _id;
    private long _wait;
    private int _sendsLeft;
    private int _rounds;
    private bool _established;
    private EapCode _verdict;

    private enum Phase : byte
    {
        Stopped,
        AwaitingIdentity,
        AwaitingPeer,
        AwaitingServer,
        Done,
        Refused,
    }

    public long Deadline { get; private set; } = long.MaxValue;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Challenge => [];

    /// <inheritdoc/>
    public string? UserName { get; private set; }

    /// <inheritdoc/>
    public bool AwaitsVerdict => _phase == Phase.AwaitingServer;

    /// <inheritdoc/>
    public void Start(AuthenticationProtocol protocol, long now, IPppEffects effects)
    {
        _established = false;
        RequestIdentity(now, effects);
    }

    /// <inheritdoc/>
    /// <remarks>No AVP of a LAC carries EAP: the conversation begins with the subscriber itself.</remarks>
    public bool TryStart(AuthenticationProtocol protocol, ProxyState proxy, IPppEffects effects) => false;

    /// <inheritdoc/>
    public AuthenticatorSnapshot Snapshot(long now) => new(
        AuthenticationProtocol.Eap, UserName, _id, _id, (byte)EapCode.Success, [],
        _phase != Phase.Done ? 0 : Deadline == long.MaxValue ? null : Math.Max(0, Deadline - now));

    /// <inheritdoc/>
    public void Restore(AuthenticatorSnapshot snapshot, long now)
    {
        (_phase, _established, _verdict) = (Phase.Done, true, EapCode.Success);
        (UserName, _id) = (snapshot.Name, snapshot.Id);
        Deadline = snapshot.RechallengeLeft is { } left ? now + left : long.MaxValue;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _phase = Phase.Stopped;
        Deadline = long.MaxValue;
    }

    public void Expire(long now, IPppEffects effects)
    {
        if (now < Deadline)
            return;

        Deadline = long.MaxValue;
        if (_phase == Phase.Done)
            RequestIdentity(now, effects);
        else if (_phase is Phase.AwaitingIdentity or Phase.AwaitingPeer && _sendsLeft > 0)
            SendRequest(now, effects);
        else if (_phase is Phase.AwaitingIdentity or Phase.AwaitingPeer)
            endpoint.Fail(PppEnds.PeerSilent(AuthenticationProtocol.Eap), now, effects);
    }

    /// <inheritdoc/>
    public void Handle(PppProtocol protocol, in ControlPacket packet, long now, IPppEffects effects)
    {
        if (protocol != PppProtocol.Eap || packet.Code != (byte)EapCode.Response || packet.Id != _id || packet.Data.IsEmpty
            || packet.Whole.Length > LargestResponse)
        {
            return;
        }

        switch (_phase)
        {
            case Phase.AwaitingIdentity when packet.Data[0] == (byte)EapType.Identity && packet.Data.Length <= 1 + LargestIdentity:
                _name = packet.Data[1..].ToArray();
                Forward(packet, now, effects);
                break;
            case Phase.AwaitingPeer:
                Forward(packet, now, effects);
                break;
            case Phase.Done or Phase.Refused:
                // The peer repeats its last response: our verdict was lost.
                SendVerdict(effects);
                break;
        }
    }

    /// <inheritdoc/>
    public bool TryChallenge(long now, IPppEffects effects)
    {
        if (!_established)
            return false;

        // A repeated conversation may be under way: its end counts.
        if (_phase == Phase.Done)
            RequestIdentity(now, effects);

        return _phase is Phase.AwaitingIdentity or Phase.AwaitingPeer or Phase.AwaitingServer;
    }

    /// <inheritdoc/>
    public void Conclude(AuthenticationResult result, long now, IPppEffects effects)
    {
        if (_phase != Phase.AwaitingServer)
            return;

        if (result.Accepted)
        {
            (_phase, _established, _verdict) = (Phase.Done, true, EapCode.Success);
            SendVerdict(effects);
            var interval = endpoint.Profile.RechallengeInterval;
            Deadline = interval > 0 ? now + interval : long.MaxValue;
        }
        else if (result.Challenge is not { } challenge)
        {
            Refuse(result.Reason ?? "refused", now, effects);
        }
        else if (Objection(challenge.Packet) is { } objection)
        {
            Refuse(objection, now, effects);
        }
        else
        {
            _phase = Phase.AwaitingPeer;
            (_request, _state, _id) = (challenge.Packet, challenge.State, challenge.Packet[1]);
            _wait = Math.Max(endpoint.Profile.RestartTimer, Math.Min(challenge.Timeout, endpoint.Profile.AuthenticationTimeout));
            _sendsLeft = endpoint.Profile.MaxConfigure;
            SendRequest(now, effects);
        }
    }

    private int TransmitLimit => Math.Min((int)endpoint.TransmitLimit, ControlProtocol.LargestPacket);

    /// <summary>Why a request of the server cannot be sent; <c>null</c>: it can.</summary>
    private string? Objection(ReadOnlySpan<byte> request)
    {
        if (request.Length <= ControlPacket.HeaderLength || request[0] != (byte)EapCode.Request
            || BinaryPrimitives.ReadUInt16BigEndian(request[2..]) != request.Length)
        {
            return "the server's challenge is not an EAP request";
        }

        return request.Length <= TransmitLimit
            ? null
            : $"the server's EAP request has {request.Length} octets and the link carries {TransmitLimit}: "
                + "lower the server's fragment size";
    }

    private void RequestIdentity(long now, IPppEffects effects)
    {
        _id++;
        (_phase, _rounds, _state) = (Phase.AwaitingIdentity, 0, null);
        _request = [(byte)EapCode.Request, _id, 0, IdentityRequestLength, (byte)EapType.Identity];
        (_wait, _sendsLeft) = (endpoint.Profile.RestartTimer, endpoint.Profile.MaxConfigure);
        SendRequest(now, effects);
    }

    private void SendRequest(long now, IPppEffects effects)
    {
        _sendsLeft--;
        Deadline = now + _wait;
        endpoint.SendControl(PppProtocol.Eap, _request[0], _request[1], _request.AsSpan(ControlPacket.HeaderLength), effects);
    }

    private void SendVerdict(IPppEffects effects) => endpoint.SendControl(PppProtocol.Eap, (byte)_verdict, _id, [], effects);

    private void Forward(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (++_rounds > MaxRounds)
        {
            Refuse($"the EAP conversation has more than {MaxRounds} rounds", now, effects);
            return;
        }

        _phase = Phase.AwaitingServer;
        Deadline = long.MaxValue;
        var request = new AuthenticationRequest
        {
            Protocol = AuthenticationProtocol.Eap,
            Name = _name,
            Id = packet.Id,
            Response = packet.Whole.ToArray(),
            State = _state,
            LinkMtu = (ushort)Math.Min(TransmitLimit, LargestRequestWanted),
            Repeated = _established,
        };
        UserName = request.UserName;
        endpoint.RequestVerdict(request, effects);
    }

    private void Refuse(string reason, long now, IPppEffects effects)
    {
        (_phase, _verdict) = (Phase.Refused, EapCode.Failure);
        Deadline = long.MaxValue;
        SendVerdict(effects);
        endpoint.Fail(PppEnds.PeerFailed(AuthenticationProtocol.Eap, reason), now, effects);
    }
}
