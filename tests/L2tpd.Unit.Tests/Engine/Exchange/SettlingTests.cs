using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>What an input has touched is settled at its end: acknowledgements and deadlines (RFC 2661 section 5.8).</summary>
[Collection(MemoryMeasuring.Name)]
public sealed class SettlingTests
{
    [Fact]
    public void A_message_costs_no_allocation()
    {
        var effects = new Numbers();
        var engine = new L2tpEngine(Given.Lns(), new SeededRandom(1));
        var buffer = new byte[MessageCodec.MaxMessageSize];
        var path = new Path(0, Endpoint.From(IPAddress.Parse("192.0.2.1"), 1701), Endpoint.From(IPAddress.Parse("192.0.2.2"), 1701));
        ushort ns = 0;
        Send(new Sccrq { HostName = "p", AssignedTunnelId = new(7), FramingCapabilities = FramingTypes.Synchronous });
        Send(new Scccn());
        Assert.Equal(TunnelState.Established, Assert.Single(engine.Tunnels).State);

        // Code that is not optimised yet boxes flags: the first rounds are for the compiler.
        var allocated = SendHellos(1_000);
        for (var round = 0; round < 300 && allocated > 0; round++)
        {
            Thread.Sleep(100);
            allocated = SendHellos(1_000);
        }

        Assert.Equal(0, allocated);
        Assert.NotEqual(0, effects.Acknowledgements);

        long SendHellos(int count)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < count; i++)
                Send(Hello.Instance);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Send(ControlMessage message)
        {
            var length = MessageCodec.Encode(message, ProtocolVersion.V2, new TunnelId(effects.EngineId), default, buffer);
            ControlHeader.PatchSequence(buffer.AsSpan(0, length), ns++, effects.Nr);
            engine.Handle(new Datagram(path, buffer.AsSpan(0, length)), new(1_000), effects);
        }
    }

    [Fact]
    public void A_tunnel_that_closes_has_a_deadline_until_its_StopCCN_is_acknowledged()
    {
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel()));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        engine.Tell(new L2tpd.Engine.Inputs.ShutDown());
        peer.Expect<StopCcn>();
        Assert.False(engine.Engine.IsQuiet);
        Assert.InRange(engine.Engine.NextDeadline.Milliseconds, engine.Now, engine.Now + 1_000);
        peer.Acknowledge();
        Assert.True(engine.Engine.IsQuiet);
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void Messages_that_arrived_early_are_acknowledged_once_when_the_gap_is_closed()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        engine.Wait(1_000);
        peer.Forget();
        var missing = peer.Encode(Hello.Instance, peer.Ns++);
        var early = peer.Encode(Hello.Instance, peer.Ns++);
        peer.SendBytes(early);
        Assert.True(peer.Next().IsZlb);
        peer.SendBytes(missing);
        var acknowledgement = peer.Next();
        Assert.Equal((true, peer.Ns), (acknowledgement.IsZlb, acknowledgement.Header.Nr));
        peer.ExpectSilence();
    }

    /// <summary>Notes what a peer needs to go on, and allocates nothing.</summary>
    private sealed class Numbers : IEffects
    {
        public ushort Nr { get; private set; }

        public uint EngineId { get; private set; }

        public int Acknowledgements { get; private set; }

        public void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
        {
            Assert.True(MessageCodec.TryDecodeHeader(datagram, out var header, out _));
            if (header.IsZlb)
            {
                Acknowledgements++;
                return;
            }

            Nr = (ushort)(header.Ns + 1);
            if (MessageCodec.Decode(header, datagram, default).Message is Sccrp reply)
                EngineId = reply.AssignedTunnelId.Value;
        }

        public void Resolve(DialKey dial, RemoteHost remote)
        {
        }

        public void OpenTransport(TunnelKey tunnel, TransportRequest request)
        {
        }

        public void CloseTransport(TunnelKey tunnel)
        {
        }

        public void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters)
        {
        }

        public void DestroyTunnel(TunnelKey tunnel)
        {
        }

        public void CreateSession(SessionKey session, SessionParameters parameters)
        {
        }

        public void DestroySession(SessionKey session)
        {
        }

        public void SetLink(SessionKey session, bool up)
        {
        }

        public void StartPpp(SessionKey session, PppRequest request)
        {
        }

        public void StopPpp(SessionKey session)
        {
        }

        public void Notify(EngineEvent engineEvent)
        {
        }
    }
}
