using System.Collections.Immutable;
using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Statics;

/// <summary>The other end of a static tunnel, played by the test, and configurations.</summary>
internal sealed class StaticEnd(EngineUnderTest engine)
{
    public const uint OurId = 1000;
    public const uint PeerId = 2000;

    public static readonly Endpoint Address = Endpoint.From(IPAddress.Parse("198.51.100.7"), 5001);

    private int _read;

    /// <summary>10 s, then 1 + 2 + 4 + 8 s.</summary>
    public static StaticKeepaliveSettings Keepalive { get; } =
        new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), 3);

    public static StaticTunnel Tunnel(StaticKeepaliveSettings? keepalive = null, params StaticSession[] sessions) => new()
    {
        Name = "site",
        Remote = Address,
        LocalPort = 5000,
        TunnelId = new(OurId),
        PeerTunnelId = new(PeerId),
        Keepalive = keepalive,
        Backoff = new Backoff { Jitter = 0 },
        Sessions = sessions.Length == 0 ? [Session("lan", 11)] : [.. sessions],
    };

    public static StaticSession Session(string name, uint id) =>
        new() { Name = name, SessionId = new(id), PeerSessionId = new(id + 10_000) };

    public static EngineConfiguration Configuration(params ImmutableArray<StaticTunnel> tunnels) =>
        new() { HostName = "here", StaticTunnels = tunnels };

    public static EngineUnderTest Start(params ImmutableArray<StaticTunnel> tunnels)
    {
        var engine = new EngineUnderTest(Configuration(tunnels));
        engine.Start();
        return engine;
    }

    public static byte[] Encode(ControlMessage message, ushort ns, ushort nr, uint to = OurId)
    {
        var buffer = new byte[MessageCodec.MaxMessageSize];
        var length = MessageCodec.Encode(message, ProtocolVersion.V3, new TunnelId(to), default, buffer);
        ControlHeader.PatchSequence(buffer, ns, nr);
        return buffer[..length];
    }

    public void Hello(ushort ns, ushort nr) => engine.Deliver(Address, Encode(L2tpd.Protocol.Messages.Hello.Instance, ns, nr));

    public void Ack(ushort ns, ushort nr) => engine.Deliver(Address, Encode(L2tpd.Protocol.Messages.Ack.Instance, ns, nr));

    /// <summary>The datagrams since the last call: type, Ns, Nr.</summary>
    public (MessageType Type, ushort Ns, ushort Nr)[] Heard()
    {
        var heard = engine.Unclaimed.Skip(_read).Where(static sent => sent.To == Address).Select(static sent =>
        {
            Assert.True(MessageCodec.TryDecodeHeader(sent.Bytes, out var header, out _));
            Assert.Equal((ProtocolVersion.V3, PeerId), (header.Version, header.TunnelId.Value));
            return (MessageTypePeek.Read(sent.Bytes), header.Ns, header.Nr);
        }).ToArray();
        _read = engine.Unclaimed.Count;
        return heard;
    }
}
