using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>
/// A v3 peer that a test plays by hand. It signs, verifies and keeps sequence numbers by itself, apart from the engine's code.
/// </summary>
internal sealed class PeerV3(EngineUnderTest engine)
{
    public static readonly byte[] Secret = "l2tpd-secret"u8.ToArray();
    public const uint Id = 0x22222222;

    private static readonly byte[] OwnNonce = Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");

    private readonly EngineUnderTest _engine = engine;
    private byte[] _engineNonce = [];
    private int _taken;

    public Endpoint Endpoint { get; set; } = Endpoint.From(IPAddress.Parse("192.0.2.2"), 1701);

    /// <summary>Keys to sign with and expect; null: no authentication.</summary>
    public ControlMessageKeys? Keys { get; set; }

    public DigestType Digest { get; set; } = DigestType.HmacSha1;

    public uint EngineId { get; set; }

    public ushort Ns { get; set; }

    public ushort Nr { get; set; }

    public byte[]? HidingKey { get; set; }

    /// <summary>Keys of a second digest; null: one digest.</summary>
    public ControlMessageKeys? SecondKeys { get; set; }

    /// <summary>Key of what the engine hides; null: that of <see cref="Keys"/>.</summary>
    public byte[]? UnhidingKey { get; set; }

    public string HostName { get; set; } = "peer.example";

    private byte[]? Nonce => Keys is { IsIntegrityOnly: false } ? OwnNonce : null;

    public Sccrq Sccrq => new()
    {
        HostName = HostName, RouterId = 2, AssignedTunnelId = new(Id), ReceiveWindowSize = 8, Nonce = Nonce,
        PseudowireCapabilities = [PseudowireType.Ethernet, PseudowireType.Ppp],
    };

    public Sccrp Sccrp => new()
    {
        HostName = HostName, RouterId = 2, AssignedTunnelId = new(Id), ReceiveWindowSize = 8, Nonce = Nonce,
        PseudowireCapabilities = [PseudowireType.Ethernet, PseudowireType.Ppp],
    };

    public static PeerV3 Authenticated(EngineUnderTest engine, DigestType digest = DigestType.HmacSha1) =>
        new(engine) { Keys = ControlMessageKeys.FromSecret(Secret), Digest = digest };

    public static Icrq Icrq(uint id, PseudowireOptions? options = null, string endId = "pw") => new()
    {
        LocalSessionId = new(id), CallSerialNumber = id, PseudowireType = PseudowireType.Ethernet,
        RemoteEndId = System.Text.Encoding.UTF8.GetBytes(endId),
        Pseudowire = options ?? new PseudowireOptions
        {
            CircuitStatus = CircuitStatus.Active | CircuitStatus.New,
            Sublayer = L2SpecificSublayer.Default,
        },
    };

    public byte[] Encode(ControlMessage message, ushort ns, ProtocolVersion version = ProtocolVersion.V3)
    {
        var buffer = new byte[1460];
        var options = new EncodeOptions(
            HidingKey, HidingKey is null ? null : new byte[16], Keys is null ? null : Digest, SecondKeys is null ? null : Digest);
        var length = MessageCodec.Encode(message, version, new TunnelId(EngineId), options, buffer);
        ControlHeader.PatchSequence(buffer, ns, Nr);
        if (Keys is { } keys)
            MessageDigest.Seal(buffer.AsSpan(0, length), keys, OwnNonce, _engineNonce, SecondKeys);
        return buffer[..length];
    }

    public void Send(ControlMessage message) => SendBytes(Encode(message, Ns++));

    public void SendBytes(byte[] bytes) => _engine.Deliver(Endpoint, bytes);

    public void Acknowledge() => SendBytes(Encode(Ack.Instance, Ns));

    public void Zlb()
    {
        var zlb = new byte[ControlHeader.Size];
        _ = MessageCodec.EncodeZlb(ProtocolVersion.V3, new TunnelId(EngineId), Ns, Nr, zlb);
        SendBytes(zlb);
    }

    /// <summary>The next datagram the engine sent; null when there is none.</summary>
    public byte[]? NextBytes() => _taken < _engine.Unclaimed.Count ? _engine.Unclaimed[_taken++].Bytes : null;

    /// <summary>All that came and was not looked at.</summary>
    public int Waiting => _engine.Unclaimed.Count - _taken;

    public void Forget() => _taken = _engine.Unclaimed.Count;

    /// <summary>The next message that is no acknowledgement, its digest checked.</summary>
    public T Expect<T>()
        where T : ControlMessage
    {
        while (NextBytes() is { } bytes)
        {
            Assert.True(MessageCodec.TryDecodeHeader(bytes, out var header, out _));
            if (header.IsZlb || MessageTypePeek.Read(bytes) == MessageType.Ack || (short)(header.Ns - Nr) < 0)
                continue;
            return Take<T>(bytes);
        }

        Assert.Fail($"no {typeof(T).Name} came");
        return null!;
    }

    /// <summary>Checks and decodes one message in sequence.</summary>
    public T Take<T>(byte[] bytes)
        where T : ControlMessage
    {
        Assert.True(MessageCodec.TryDecodeHeader(bytes, out var header, out _));
        Assert.Equal(Nr++, header.Ns);
        var decoded = MessageCodec.Decode(header, bytes, new DecodeOptions(UnhidingKey ?? Keys?.HidingKey));
        Assert.Equal(DecodeErrorKind.None, decoded.Error.Kind);
        var message = Assert.IsType<T>(decoded.Message);
        if (message is StartControlConnection introduction)
        {
            var offered = header.Version == ProtocolVersion.V2 ? introduction.DualControlConnectionId : null;
            EngineId = (offered ?? introduction.AssignedTunnelId).Value;
            _engineNonce = introduction.Nonce ?? [];
        }

        AssertSigned(bytes);
        return message;
    }

    public void AssertSigned(byte[] bytes)
    {
        if (Keys is { } keys)
            Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(bytes, [keys], OwnNonce, _engineNonce));
        else
            Assert.Equal(DigestVerdict.Absent, MessageDigest.Verify(bytes, [ControlMessageKeys.IntegrityOnly], default, default));
    }

    /// <summary>The engine's SCCRP never arrived: what it said is not known.</summary>
    public void ForgetReply() => (_engineNonce, EngineId) = ([], 0);

    public PeerV3 Dial()
    {
        Send(Sccrq);
        Expect<Sccrp>();
        Send(new Scccn());
        return this;
    }

    public PeerV3 Answer()
    {
        Expect<Sccrq>();
        Send(Sccrp);
        Expect<Scccn>();
        Acknowledge();
        return this;
    }

    /// <summary>An incoming call that this peer brings, all the way; the engine's session id.</summary>
    public uint Call(uint id, PseudowireOptions? options = null) => Call(Icrq(id, options));

    /// <summary>The same for a request of the test's own.</summary>
    public uint Call(Icrq request)
    {
        var id = request.LocalSessionId;
        Send(request);
        var reply = Expect<Icrp>();
        Send(new Iccn { LocalSessionId = id, RemoteSessionId = reply.LocalSessionId });
        return reply.LocalSessionId.Value;
    }
}

/// <summary>Configurations the v3 exchanges need.</summary>
internal static class GivenV3
{
    public static PeerProfile Open => new() { Name = "any", Protocol = ProtocolPreference.V3, AcceptOutgoingCalls = true };

    public static PeerProfile Signed => Open with { Secret = PeerV3.Secret };

    public static LacSession Ethernet(string name = "pw", CallDirection direction = CallDirection.Incoming) =>
        new() { Name = name, Direction = direction };

    public static EngineUnderTest Responder(PeerProfile peer)
    {
        var engine = new EngineUnderTest(Given.Lns(peer));
        engine.Start();
        return engine;
    }

    public static EngineUnderTest Initiator(PeerProfile peer, params LacSession[] sessions)
    {
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(peer, sessions)) with { Peers = [peer] });
        engine.Start();
        return engine;
    }
}
