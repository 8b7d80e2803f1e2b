using System.Globalization;
using System.Text;
using L2tpd.Ppp.Cryptography;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Authentication;

/// <summary>Authenticates the peer: PAP (RFC 1334), CHAP (RFC 1994), MS-CHAPv2 (RFC 2759). The host decides on the proof.</summary>
internal sealed class Authenticator : IPeerAuthenticator
{
    internal const byte ChapChallenge = 1;
    internal const byte ChapResponse = 2;
    internal const byte ChapSuccess = 3;
    internal const byte ChapFailure = 4;
    internal const byte PapRequest = 1;
    internal const byte PapAck = 2;
    internal const byte PapNak = 3;

    private const int LargestMessage = 200;
    private const int LargestAnswer = 300;

    private readonly PppEndpoint _endpoint;
    private AuthenticationProtocol _protocol;
    private Phase _phase;
    private byte[] _challenge = [];
    private byte[] _answer = [];
    private byte _answerCode;
    private int _answeredId = -1;
    private byte _id;
    private byte _pendingId;
    private int _challengesLeft;
    private int _retriesLeft;
    private bool _established;
    private bool _silent;

    internal Authenticator(PppEndpoint endpoint)
    {
        _endpoint = endpoint;
    }

    private enum Phase : byte
    {
        Stopped,
        AwaitingPeer,
        AwaitingVerdict,
        Done,
        Refused,
    }

    public long Deadline { get; private set; } = long.MaxValue;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Challenge => _challenge;

    /// <inheritdoc/>
    public string? UserName { get; private set; }

    /// <inheritdoc/>
    public bool AwaitsVerdict => _phase == Phase.AwaitingVerdict;

    /// <inheritdoc/>
    public void Start(AuthenticationProtocol protocol, long now, IPppEffects effects)
    {
        Reset(protocol);
        if (protocol == AuthenticationProtocol.Pap)
        {
            _phase = Phase.AwaitingPeer;
            Deadline = now + _endpoint.Profile.AuthenticationTimeout;
        }
        else
        {
            StartChallenge(now, effects);
        }
    }

    /// <inheritdoc/>
    public bool TryStart(AuthenticationProtocol protocol, ProxyState proxy, IPppEffects effects)
    {
        // Our own challenge must have another identifier, so that a late response to the LAC's challenge does not match it.
        _id = proxy.Id ?? _id;

        // A CHAP response can be neither verified nor answered without its identifier.
        var challenge = proxy.Id is null ? 0 : proxy.Challenge?.Length ?? 0;
        var fits = proxy is { Name: not null, Response: not null } && (protocol, proxy.AuthenticationType) switch
        {
            (AuthenticationProtocol.Pap, 3) => true,
            (AuthenticationProtocol.ChapMd5, 2) => challenge > 0 && proxy.Response.Length == ChapMd5.ResponseLength,
            (AuthenticationProtocol.MsChapV2, 2) =>
                challenge == MsChapV2.ChallengeLength && proxy.Response.Length == MsChapV2.ResponseLength,
            _ => false,
        };
        if (!fits)
            return false;

        Reset(protocol);
        _challenge = protocol == AuthenticationProtocol.Pap ? [] : proxy.Challenge!;

        // A reply with another identifier would not match the subscriber's request. The subscriber will repeat it.
        _silent = proxy.Id is null;
        Ask(_id, proxy.Name!, proxy.Response!, proxied: true, effects);
        return true;
    }

    /// <inheritdoc/>
    public AuthenticatorSnapshot Snapshot(long now) => new(
        _protocol, UserName, _id, _answeredId, _answerCode, _answer,
        _phase != Phase.Done ? 0 : Deadline == long.MaxValue ? null : Math.Max(0, Deadline - now));

    /// <inheritdoc/>
    public void Restore(AuthenticatorSnapshot snapshot, long now)
    {
        Reset(snapshot.Protocol);
        (_phase, _established) = (Phase.Done, true);
        (UserName, _id, _answeredId) = (snapshot.Name, snapshot.Id, snapshot.AnsweredId);
        (_answerCode, _answer) = (snapshot.AnswerCode, snapshot.Answer);
        Deadline = snapshot.RechallengeLeft is { } left && !IsPap ? now + left : long.MaxValue;
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
            StartChallenge(now, effects);
        else if (_phase == Phase.AwaitingPeer && _protocol != AuthenticationProtocol.Pap && _challengesLeft > 0)
            SendChallenge(now, effects);
        else if (_phase == Phase.AwaitingPeer)
            _endpoint.Fail(PppEnds.PeerSilent(_protocol), now, effects);
    }

    /// <inheritdoc/>
    public void Handle(PppProtocol protocol, in ControlPacket packet, long now, IPppEffects effects)
    {
        if (protocol == PppProtocol.Pap)
            HandlePap(packet, effects);
        else if (protocol == PppProtocol.Chap)
            HandleResponse(packet, effects);
    }

    private void HandlePap(in ControlPacket packet, IPppEffects effects)
    {
        if (_protocol != AuthenticationProtocol.Pap || _phase == Phase.Stopped || packet.Code != PapRequest)
            return;

        var data = packet.Data;
        if (data.IsEmpty || data.Length < data[0] + 2 || data.Length < data[0] + 2 + data[data[0] + 1])
            return;

        var repeated = packet.Id == _answeredId;
        if (_phase is Phase.Done or Phase.Refused || (repeated && _phase == Phase.AwaitingPeer))
        {
            _endpoint.SendControl(PppProtocol.Pap, _answerCode, packet.Id, _answer, effects);
        }
        else if (_phase == Phase.AwaitingPeer)
        {
            var name = data.Slice(1, data[0]).ToArray();
            var password = data.Slice(data[0] + 2, data[data[0] + 1]).ToArray();
            Ask(packet.Id, name, password, proxied: false, effects);
        }
        else
        {
            // The answer must carry the identifier of the latest request: a peer may increment it with each repetition.
            _pendingId = packet.Id;
        }
    }

    private void HandleResponse(in ControlPacket packet, IPppEffects effects)
    {
        if (_protocol is not (AuthenticationProtocol.ChapMd5 or AuthenticationProtocol.MsChapV2) || _phase == Phase.Stopped)
            return;

        if (packet.Id == _answeredId)
        {
            // RFC 1994 section 4.2: the same answer for the same identifier, without another verification.
            _endpoint.SendControl(PppProtocol.Chap, _answerCode, packet.Id, _answer, effects);
            return;
        }

        var data = packet.Data;
        var expected = _protocol == AuthenticationProtocol.ChapMd5 ? ChapMd5.ResponseLength : MsChapV2.ResponseLength;
        if (_phase == Phase.AwaitingPeer && packet.Id == _id && data.Length > expected && data[0] == expected
            && data.Length - 1 - expected <= byte.MaxValue)
        {
            Ask(packet.Id, data[(1 + expected)..].ToArray(), data.Slice(1, expected).ToArray(), proxied: false, effects);
        }
    }

    /// <inheritdoc/>
    public bool TryChallenge(long now, IPppEffects effects)
    {
        if (IsPap || !_established)
            return false;

        // A repeated challenge may be under way: its answer counts.
        if (_phase == Phase.Done)
            StartChallenge(now, effects);

        return _phase is Phase.AwaitingPeer or Phase.AwaitingVerdict;
    }

    /// <inheritdoc/>
    public void Conclude(AuthenticationResult result, long now, IPppEffects effects)
    {
        if (_phase != Phase.AwaitingVerdict)
            return;

        if (result.Accepted)
            Accept(result, now, effects);
        else
            Refuse(result, now, effects);
    }

    private bool IsPap => _protocol == AuthenticationProtocol.Pap;

    private void Reset(AuthenticationProtocol protocol)
    {
        _protocol = protocol;
        _established = false;
        _silent = false;
        _answeredId = -1;
        _retriesLeft = _endpoint.Profile.AuthenticationRetries;
        Deadline = long.MaxValue;
    }

    private void Ask(byte id, byte[] name, byte[] response, bool proxied, IPppEffects effects)
    {
        _phase = Phase.AwaitingVerdict;
        _pendingId = id;
        Deadline = long.MaxValue;
        var request = new AuthenticationRequest
        {
            Protocol = _protocol,
            Name = name,
            Id = id,
            Challenge = _challenge,
            Response = response,
            Proxied = proxied,
            Repeated = _established,
        };
        UserName = request.UserName;
        _endpoint.RequestVerdict(request, effects);
    }

    private void Accept(AuthenticationResult result, long now, IPppEffects effects)
    {
        var text = _protocol == AuthenticationProtocol.MsChapV2
            ? $"{result.AuthenticatorResponse} M={result.Message}"
            : result.Message ?? string.Empty;
        _phase = Phase.Done;
        _established = true;
        Answer(IsPap ? PapAck : ChapSuccess, text, effects);
        var interval = _endpoint.Profile.RechallengeInterval;
        Deadline = interval > 0 && !IsPap ? now + interval : long.MaxValue;
    }

    private void Refuse(AuthenticationResult result, long now, IPppEffects effects)
    {
        var again = _retriesLeft > 0 && result.MayRetry && !_established && !_silent && _protocol != AuthenticationProtocol.ChapMd5;
        var message = result.Message ?? "Authentication failed";
        if (_protocol == AuthenticationProtocol.MsChapV2)
        {
            _challenge = result.RetryChallenge is { Length: MsChapV2.ChallengeLength } given ? given : NewChallenge();
            message = string.Create(
                CultureInfo.InvariantCulture,
                $"E={result.MsChapError} R={(again ? 1 : 0)} C={Convert.ToHexString(_challenge)} V=3 M={message}");
        }

        Answer(IsPap ? PapNak : ChapFailure, message, effects);
        if (again)
        {
            _retriesLeft--;
            _phase = Phase.AwaitingPeer;
            _id = (byte)(_pendingId + 1);

            // The Failure carries the next challenge. It is repeated only when the peer repeats its response.
            _challengesLeft = 0;
            Deadline = now + _endpoint.Profile.AuthenticationTimeout;
            return;
        }

        _phase = Phase.Refused;
        _endpoint.Fail(PppEnds.PeerFailed(_protocol, result.Reason ?? "refused"), now, effects);
    }

    private void Answer(byte code, string text, IPppEffects effects)
    {
        Span<byte> room = stackalloc byte[LargestAnswer];
        var start = IsPap ? 1 : 0;
        var limit = _protocol == AuthenticationProtocol.MsChapV2 ? LargestAnswer : LargestMessage;
        Encoding.UTF8.GetEncoder().Convert(text, room[start..limit], flush: true, out _, out var length, out _);
        room[0] = IsPap ? (byte)length : room[0];
        _answer = room[..(start + length)].ToArray();
        _answerCode = code;
        _answeredId = _pendingId;
        if (!_silent)
            _endpoint.SendControl(IsPap ? PppProtocol.Pap : PppProtocol.Chap, code, _pendingId, _answer, effects);
    }

    private void StartChallenge(long now, IPppEffects effects)
    {
        _phase = Phase.AwaitingPeer;
        _challenge = NewChallenge();
        _id = (byte)(_id + 1);
        if (_id == _answeredId)
            _answeredId = -1;

        _challengesLeft = _endpoint.Profile.MaxConfigure;
        SendChallenge(now, effects);
    }

    private void SendChallenge(long now, IPppEffects effects)
    {
        _challengesLeft--;
        Deadline = now + _endpoint.Profile.RestartTimer;
        Span<byte> room = stackalloc byte[1 + MsChapV2.ChallengeLength + byte.MaxValue];
        var writer = new PacketWriter(room);
        writer.Byte((byte)_challenge.Length);
        writer.Bytes(_challenge);
        writer.Bytes(AuthenticationText.Octets(_endpoint.Profile.LocalName));
        _endpoint.SendControl(PppProtocol.Chap, ChapChallenge, _id, writer.Written, effects);
    }

    private byte[] NewChallenge()
    {
        var challenge = new byte[MsChapV2.ChallengeLength];
        _endpoint.Random.Fill(challenge);
        return challenge;
    }
}
