using System.Security.Cryptography;
using System.Text;
using L2tpd.Ppp.Cryptography;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Authentication;

/// <summary>
/// Our proof to the peer: PAP, CHAP and MS-CHAPv2 in the role that RFC 1994 calls the peer. Responses are repeated until the
/// peer answers, as RFC 1994 section 4.2 expects on a lossy link.
/// </summary>
internal sealed class Claimant
{
    private const int LargestPacket = 2 + (2 * byte.MaxValue);

    private readonly PppEndpoint _endpoint;
    private AuthenticationProtocol _protocol;
    private byte[] _sent = [];
    private byte[] _answered = [];
    private string? _expected;
    private byte _id;
    private int _attemptsLeft;
    private bool _waiting;
    private bool _active;

    internal Claimant(PppEndpoint endpoint)
    {
        _endpoint = endpoint;
    }

    internal long Deadline { get; private set; } = long.MaxValue;

    private PppCredentials Credentials => _endpoint.Credentials!;

    /// <summary>LCP is open. The endpoint has credentials: LCP agrees to authentication only with them.</summary>
    internal void Start(AuthenticationProtocol protocol, long now, IPppEffects effects)
    {
        _protocol = protocol;
        _active = true;
        _waiting = true;
        _answered = [];
        _attemptsLeft = _endpoint.Profile.MaxConfigure;
        if (protocol == AuthenticationProtocol.Pap)
        {
            _id++;
            _sent = PapRequest();
            Repeat(now, effects);
        }
        else
        {
            _sent = [];
            Deadline = now + _endpoint.Profile.AuthenticationTimeout;
        }
    }

    /// <summary>The proof that was accepted.</summary>
    internal ClaimantSnapshot Snapshot() => new(_protocol, _id, _answered, _protocol == AuthenticationProtocol.Pap ? null : _sent);

    /// <summary>Goes on after a proof that was accepted.</summary>
    internal void Restore(ClaimantSnapshot snapshot)
    {
        (_protocol, _active, _waiting) = (snapshot.Protocol, true, false);
        (_id, _answered, _sent) = (snapshot.Id, snapshot.Challenge, snapshot.Response ?? []);
    }

    internal void Stop()
    {
        _active = false;
        Deadline = long.MaxValue;
    }

    internal void Expire(long now, IPppEffects effects)
    {
        if (now < Deadline)
            return;

        if (_sent.Length > 0 && _attemptsLeft > 0)
        {
            Repeat(now, effects);
        }
        else
        {
            Deadline = long.MaxValue;
            _endpoint.Fail(PppEnds.NoVerdict(_protocol), now, effects);
        }
    }

    internal void HandlePap(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (!_active || !_waiting || _protocol != AuthenticationProtocol.Pap || packet.Id != _id)
            return;

        if (packet.Code == Authenticator.PapAck)
        {
            Succeed(now, effects);
        }
        else if (packet.Code == Authenticator.PapNak)
        {
            Deadline = long.MaxValue;
            var message = packet.Data.IsEmpty ? [] : packet.Data[1..];
            _endpoint.Fail(PppEnds.WeFailed(_protocol, AuthenticationText.Printable(message)), now, effects);
        }
    }

    internal void HandleChap(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (!_active || _protocol is AuthenticationProtocol.Pap or AuthenticationProtocol.None)
            return;

        if (packet.Code == Authenticator.ChapChallenge)
            HandleChallenge(packet, now, effects);
        else if (_waiting && _sent.Length > 0 && packet.Id == _id)
            HandleVerdict(packet, now, effects);
    }

    private void HandleChallenge(in ControlPacket packet, long now, IPppEffects effects)
    {
        var data = packet.Data;
        if (data.IsEmpty || data[0] == 0 || data.Length < 1 + data[0])
            return;

        var value = data.Slice(1, data[0]);
        if (_endpoint.IsOwnChallenge(value)
            || (_protocol == AuthenticationProtocol.MsChapV2 && value.Length != MsChapV2.ChallengeLength))
        {
            // Answering our own challenge would prove the peer to us (reflection, RFC 1994 section 2).
            return;
        }

        var repeated = packet.Id == _id && value.SequenceEqual(_answered);
        if (!repeated)
        {
            _id = packet.Id;
            _answered = value.ToArray();
            _sent = _protocol == AuthenticationProtocol.ChapMd5 ? Md5Response(value) : MsChapResponse(value);
            _attemptsLeft = _endpoint.Profile.MaxConfigure;
            _waiting = true;
        }

        if (_waiting)
            Repeat(now, effects);
        else
            Send(effects);
    }

    private void HandleVerdict(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (packet.Code == Authenticator.ChapFailure)
        {
            Deadline = long.MaxValue;
            _endpoint.Fail(PppEnds.WeFailed(_protocol, AuthenticationText.Printable(packet.Data)), now, effects);
        }
        else if (packet.Code == Authenticator.ChapSuccess && (_expected is null || IsProven(packet.Data)))
        {
            Succeed(now, effects);
        }
        else if (packet.Code == Authenticator.ChapSuccess)
        {
            Deadline = long.MaxValue;
            _endpoint.Fail(PppEnds.PeerFailed(_protocol, "its authenticator response is wrong"), now, effects);
        }
    }

    private bool IsProven(ReadOnlySpan<byte> message)
    {
        // Some peers send the hexadecimal digits in lower case.
        var length = _expected!.Length;
        if (message.Length < length)
            return false;

        Span<char> upper = stackalloc char[length];
        Encoding.ASCII.GetString(message[..length]).AsSpan().ToUpperInvariant(upper);
        return CryptographicOperations.FixedTimeEquals(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes<char>(upper),
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(_expected.AsSpan()));
    }

    private void Succeed(long now, IPppEffects effects)
    {
        _waiting = false;
        Deadline = long.MaxValue;
        _endpoint.ClaimAccepted(now, effects);
    }

    private void Repeat(long now, IPppEffects effects)
    {
        _attemptsLeft--;
        Deadline = now + _endpoint.Profile.RestartTimer;
        Send(effects);
    }

    private void Send(IPppEffects effects)
    {
        var pap = _protocol == AuthenticationProtocol.Pap;
        _endpoint.SendControl(
            pap ? PppProtocol.Pap : PppProtocol.Chap, pap ? Authenticator.PapRequest : Authenticator.ChapResponse, _id, _sent, effects);
    }

    private byte[] PapRequest()
    {
        Span<byte> room = stackalloc byte[LargestPacket];
        var writer = new PacketWriter(room);
        var name = AuthenticationText.Octets(Credentials.UserName);
        var password = AuthenticationText.Octets(Credentials.Password);
        writer.Byte((byte)name.Length);
        writer.Bytes(name);
        writer.Byte((byte)password.Length);
        writer.Bytes(password);
        return writer.Written.ToArray();
    }

    private byte[] Md5Response(ReadOnlySpan<byte> challenge)
    {
        Span<byte> value = stackalloc byte[ChapMd5.ResponseLength];
        ChapMd5.Response(_id, Encoding.UTF8.GetBytes(Credentials.Password), challenge, value);
        _expected = null;
        return Response(value);
    }

    private byte[] MsChapResponse(ReadOnlySpan<byte> challenge)
    {
        Span<byte> value = stackalloc byte[MsChapV2.ResponseLength];
        value.Clear();
        var peerChallenge = value[..MsChapV2.ChallengeLength];
        var ntResponse = value.Slice(MsChapV2.NtResponseOffset, MsChapV2.NtResponseLength);
        var name = AuthenticationText.Octets(Credentials.UserName);
        var password = Encoding.UTF8.GetBytes(Credentials.Password);
        _endpoint.Random.Fill(peerChallenge);
        MsChapV2.NtResponse(challenge, peerChallenge, name, password, ntResponse);
        _expected = MsChapV2.AuthenticatorResponse(password, ntResponse, peerChallenge, challenge, name);
        return Response(value);
    }

    private byte[] Response(ReadOnlySpan<byte> value)
    {
        Span<byte> room = stackalloc byte[LargestPacket];
        var writer = new PacketWriter(room);
        writer.Byte((byte)value.Length);
        writer.Bytes(value);
        writer.Bytes(AuthenticationText.Octets(Credentials.UserName));
        return writer.Written.ToArray();
    }
}
