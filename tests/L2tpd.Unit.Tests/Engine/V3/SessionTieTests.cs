using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>Both ends ask for the same pseudowire at the same time (RFC 3931 section 5.4.4).</summary>
public sealed class SessionTieTests
{
    [Theory]
    [InlineData(0ul)]
    [InlineData(ulong.MaxValue)]
    public void Both_ask_for_the_same_pseudowire_and_the_lower_value_wins(ulong theirs)
    {
        var engine = GivenV3.Initiator(GivenV3.Open with { AcceptIncomingCalls = true }, GivenV3.Ethernet());
        var peer = new PeerV3(engine).Answer();
        var ours = peer.Expect<Icrq>();

        peer.Send(PeerV3.Icrq(9) with { TieBreaker = theirs });

        if (theirs == 0)
        {
            var reply = peer.Expect<Icrp>();
            peer.Send(new Iccn { LocalSessionId = new(9), RemoteSessionId = reply.LocalSessionId });
            var session = Assert.Single(engine.Tunnel.Sessions.Values);
            Assert.Equal((CallRole.IncomingLns, SessionState.Established, "t/pw"), (session.Role, session.State, session.Name));
        }
        else
        {
            Assert.Equal(CdnResult.LostTieBreaker, peer.Expect<Cdn>().Result.Result);
            var session = Assert.Single(engine.Tunnel.Sessions.Values);
            Assert.Equal((ours.LocalSessionId, SessionState.WaitReply), (session.LocalId, session.State));
        }
    }

    [Fact]
    public void An_equal_tie_drops_both_and_we_try_again_with_another_value()
    {
        var engine = GivenV3.Initiator(GivenV3.Open with { AcceptIncomingCalls = true }, GivenV3.Ethernet());
        var peer = new PeerV3(engine).Answer();
        var first = peer.Expect<Icrq>();

        peer.Send(PeerV3.Icrq(9) with { TieBreaker = first.TieBreaker });
        Assert.Empty(engine.Tunnel.Sessions);
        peer.Forget();
        engine.Wait(1_250);

        Assert.NotEqual(first.TieBreaker, peer.Expect<Icrq>().TieBreaker);
    }
}
