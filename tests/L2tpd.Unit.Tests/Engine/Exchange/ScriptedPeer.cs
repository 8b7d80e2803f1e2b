using System.Buffers.Binary;
using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Protocol;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>One datagram from the engine.</summary>
internal sealed record Arrived(long At, ControlHeader Header, MessageType Type, ControlMessage? Message, byte[] Bytes)
{
    public bool IsZlb => Header.IsZlb;
}

/// <summary>
/// A peer that a test plays by hand: real encoded messages both ways, sequence numbers kept unless the test gives its own.
/// </summary>
internal sealed class ScriptedPeer
{
    public static readonly byte[] Secret = "l2tpd-secret"u8.ToArray();

    private readonly EngineUnderTest _engine;
    private readonly Queue<Arrived> _arrived = [];

    public ScriptedPeer(EngineUnderTest engine, string address = "192.0.2.2", ushort port = 1701, ushort tunnelId = 0x1234,
        uint mark = 0)
    {
        _engine = engine;
        Endpoint = Endpoint.From(IPAddress.Parse(address), port) with { Mark = mark };
        TunnelId = tunnelId;
        engine.Add(this);
    }

    /// <summary>A client with tunnel id 1 at an address of its own, in IPsec or not.</summary>
    public static ScriptedPeer Client(EngineUnderTest engine, bool isProtected = true, ushort port = 1701, uint mark = 0)
    {
        var peer = new ScriptedPeer(engine, "198.51.100.7", port, tunnelId: 1, mark: mark);
        peer.Endpoint = peer.Endpoint with { IsProtected = isProtected };
        engine.AddAlias(peer.Endpoint, peer);
        return peer;
    }

    public Endpoint Endpoint { get; set; }

    /// <summary>The peer's own tunnel id.</summary>
    public ushort TunnelId { get; set; }

    /// <summary>The engine's id of the tunnel, learned from SCCRQ or SCCRP; 0 before.</summary>
    public uint EngineId { get; set; }

    public ushort Ns { get; set; }

    public ushort Nr { get; set; }

    public byte[]? SecretToUse { get; set; }

    /// <summary>All that ever came, in order.</summary>
    public List<Arrived> All { get; } = [];

    public EncodeOptions Hiding { get; set; }

    public Sccrq Sccrq => new()
    {
        HostName = "peer.example",
        AssignedTunnelId = new(TunnelId),
        FramingCapabilities = FramingTypes.Synchronous | FramingTypes.Asynchronous,
        BearerCapabilities = BearerTypes.Digital | BearerTypes.Analog,
        ReceiveWindowSize = 8,
    };

    public Sccrp Sccrp => new()
    {
        HostName = "peer.example",
        AssignedTunnelId = new(TunnelId),
        FramingCapabilities = FramingTypes.Synchronous | FramingTypes.Asynchronous,
        BearerCapabilities = BearerTypes.Digital | BearerTypes.Analog,
        ReceiveWindowSize = 8,
    };

    public void Take(long at, byte[] datagram)
    {
        Assert.True(MessageCodec.TryDecodeHeader(datagram, out var header, out var error), error.ToString());
        Assert.Equal(header.Length, datagram.Length);
        var decoded = MessageCodec.Decode(header, datagram, new DecodeOptions(SecretToUse));
        Assert.True(decoded.Error.Kind == DecodeErrorKind.None, $"{decoded.Type}: {decoded.Error.Describe()}");
        var arrived = new Arrived(at, header, decoded.Type, decoded.Message, datagram);
        All.Add(arrived);
        _arrived.Enqueue(arrived);
    }

    /// <summary>The next message that is no ZLB and not a repetition; the peer then acknowledges it with whatever it sends next.</summary>
    public T Expect<T>()
        where T : ControlMessage
    {
        while (_arrived.TryDequeue(out var arrived))
        {
            if (arrived.IsZlb || (short)(arrived.Header.Ns - Nr) < 0)
                continue;
            Assert.Equal(Nr, arrived.Header.Ns);
            Nr++;
            var message = Assert.IsType<T>(arrived.Message);
            if (message is StartControlConnection { AssignedTunnelId: var id })
                EngineId = id.Value;
            return message;
        }

        Assert.Fail($"no {typeof(T).Name} came");
        return null!;
    }

    /// <summary>The next datagram, whatever it is.</summary>
    public Arrived Next() => _arrived.TryDequeue(out var arrived) ? arrived : throw new InvalidOperationException("nothing came");

    /// <summary>Nothing came since, acknowledgements aside.</summary>
    public void ExpectNoMessage() => Assert.DoesNotContain(_arrived, a => !a.IsZlb && (short)(a.Header.Ns - Nr) >= 0);

    /// <summary>Nothing at all came since.</summary>
    public void ExpectSilence() => Assert.Empty(_arrived);

    public void Forget() => _arrived.Clear();

    public byte[] Encode(ControlMessage message, ushort ns, uint? tunnelId = null)
    {
        var bytes = Wire.Encode(message, tunnelId ?? EngineId, Hiding);
        ControlHeader.PatchSequence(bytes, ns, Nr);
        return bytes;
    }

    public void Send(ControlMessage message) => SendBytes(Encode(message, Ns++));

    public void SendBytes(byte[] bytes, Endpoint? from = null) => _engine.Deliver(from ?? Endpoint, bytes);

    /// <summary>Sends a message with AVPs added behind its own.</summary>
    public void SendWith(ControlMessage message, params byte[][] avps) => SendBytes(Append(Encode(message, Ns++), avps));

    public void Acknowledge() => Acknowledge(EngineId, Ns, Nr);

    /// <summary>Acknowledges in a tunnel that may be a former one of this peer.</summary>
    public void Acknowledge(uint engineId, ushort ns, ushort nr)
    {
        var zlb = new byte[ControlHeader.Size];
        _ = MessageCodec.EncodeZlb(ProtocolVersion.V2, new TunnelId(engineId), ns, nr, zlb);
        SendBytes(zlb);
    }

    public static byte[] Append(byte[] message, params byte[][] avps)
    {
        byte[] all = [.. message, .. avps.SelectMany(a => a)];
        BinaryPrimitives.WriteUInt16BigEndian(all.AsSpan(2), (ushort)all.Length);
        return all;
    }

    public static byte[] Avp(bool mandatory, ushort vendor, ushort type, params byte[] value)
    {
        var avp = new byte[6 + value.Length];
        BinaryPrimitives.WriteUInt16BigEndian(avp, (ushort)((mandatory ? 0x8000 : 0) | avp.Length));
        BinaryPrimitives.WriteUInt16BigEndian(avp.AsSpan(2), vendor);
        BinaryPrimitives.WriteUInt16BigEndian(avp.AsSpan(4), type);
        value.CopyTo(avp, 6);
        return avp;
    }

    /// <summary>All state is lost but the id is chosen again.</summary>
    public void Restart()
    {
        Ns = Nr = 0;
        EngineId = 0;
        Forget();
    }

    /// <summary>Dials the engine; both end with an established tunnel without authentication.</summary>
    public ScriptedPeer Dial(Sccrq? request = null)
    {
        Send(request ?? Sccrq);
        Expect<Sccrp>();
        Send(new Scccn());
        return this;
    }

    /// <summary>Answers the engine's SCCRQ.</summary>
    public ScriptedPeer Answer(Sccrp? reply = null)
    {
        Expect<Sccrq>();
        Send(reply ?? Sccrp);
        Expect<Scccn>();
        Acknowledge();
        return this;
    }

    /// <summary>Sets up an incoming call that this peer brings; the engine's session id.</summary>
    public uint Call(ushort sessionId)
    {
        Send(new Icrq { LocalSessionId = new(sessionId), CallSerialNumber = sessionId });
        var engineSession = Expect<Icrp>().LocalSessionId;
        Send(new Iccn { RemoteSessionId = engineSession, TxConnectSpeed = 1, FramingType = FramingTypes.Synchronous });
        return engineSession.Value;
    }
}

/// <summary>Configurations the exchanges need.</summary>
internal static class Given
{
    public static PeerProfile AnyPeer => new() { Name = "any", AcceptOutgoingCalls = true };

    public static PeerProfile WithSecret => AnyPeer with { Secret = ScriptedPeer.Secret };

    public static EngineConfiguration Lns(PeerProfile? peer = null, EngineLimits? limits = null) => new()
    {
        HostName = "engine.example",
        Peers = [peer ?? AnyPeer],
        Limits = limits ?? new EngineLimits(),
    };

    public static LacTunnel Tunnel(PeerProfile? peer = null, params LacSession[] sessions) => new()
    {
        Name = "t",
        Remotes = [new RemoteHost("192.0.2.2")],
        Peer = peer ?? AnyPeer,
        SourcePort = EngineUnderTest.Port,
        Sessions = [.. sessions],
    };

    public static EngineConfiguration Lac(params LacTunnel[] tunnels) => new()
    {
        HostName = "engine.example",
        Peers = [AnyPeer],
        Tunnels = [.. tunnels],
    };

    public static EngineUnderTest Dialling(PeerProfile? peer = null, params LacSession[] sessions)
    {
        var engine = new EngineUnderTest(Lac(Tunnel(peer, sessions)));
        return engine;
    }

    /// <summary>An LNS that anybody may dial, and a peer that has.</summary>
    public static (EngineUnderTest Engine, ScriptedPeer Peer) Established()
    {
        var engine = new EngineUnderTest(Lns());
        return (engine, new ScriptedPeer(engine).Dial());
    }
}
