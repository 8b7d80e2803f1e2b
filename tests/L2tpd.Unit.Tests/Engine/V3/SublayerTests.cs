using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>Agreement on the L2-specific sublayer and on sequence numbers, by direction (RFC 3931 section 5.4.4, ADR 6).</summary>
public sealed class SublayerTests
{
    [Theory]
    [InlineData(L2SpecificSublayer.None, L2SpecificSublayer.None, true)]
    [InlineData(L2SpecificSublayer.None, L2SpecificSublayer.Default, false)]
    [InlineData(L2SpecificSublayer.Default, L2SpecificSublayer.None, false)]
    [InlineData(L2SpecificSublayer.Default, null, true)]
    [InlineData(L2SpecificSublayer.None, null, true)]
    [InlineData(L2SpecificSublayer.Atm, null, false)]
    public void Sublayers_are_equal_or_the_call_fails_with_a_reason(L2SpecificSublayer peers, L2SpecificSublayer? ours, bool agrees)
    {
        var profile = new SessionProfile { Pseudowire = new PseudowireProfile { Sublayer = ours } };
        var engine = GivenV3.Responder(GivenV3.Open with { Session = profile });
        var peer = new PeerV3(engine).Dial();

        peer.Send(PeerV3.Icrq(1, new PseudowireOptions { Sublayer = peers, CircuitStatus = CircuitStatus.Active }));

        if (agrees)
            peer.Expect<Icrp>();
        else
            Assert.Contains("sublayer", peer.Expect<Cdn>().Result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(L2SpecificSublayer.Default, false)]
    [InlineData(null, true)]
    public void Where_both_directions_must_be_equal_our_call_fails_with_a_reason_and_the_next_asks_for_what_the_peer_does(
        L2SpecificSublayer? configured, bool isEqualPlane)
    {
        var call = GivenV3.Ethernet() with
        {
            Session = new SessionProfile { Pseudowire = new PseudowireProfile { Sublayer = configured } },
            Backoff = new Backoff { Jitter = 0 },
        };
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(GivenV3.Open, call)) with { SublayersMustBeEqual = isEqualPlane });
        engine.Start();
        var peer = new PeerV3(engine).Answer();

        Reply(peer, peer.Expect<Icrq>(), null);
        Assert.Contains("differ", peer.Expect<Cdn>().Result.Message, StringComparison.Ordinal);
        Assert.Empty(engine.Tunnel.Sessions);
        peer.Acknowledge();
        engine.Wait(1_000);

        var again = peer.Expect<Icrq>();
        Assert.Equal(configured, again.Pseudowire!.Sublayer);
        if (configured is not null)
            return;
        Reply(peer, again, null);
        peer.Expect<Iccn>();
        var settings = Assert.Single(engine.CreatedSessions).Settings!;
        Assert.Equal((L2SpecificSublayer.None, L2SpecificSublayer.None), (settings.Sublayer, settings.SendSublayer));
    }

    [Theory]
    [InlineData(null, L2SpecificSublayer.None)]
    [InlineData(L2SpecificSublayer.None, L2SpecificSublayer.None)]
    [InlineData(L2SpecificSublayer.Default, L2SpecificSublayer.Default)]
    public void Each_direction_has_what_its_receiver_asked_for_where_the_data_plane_can(
        L2SpecificSublayer? replied, L2SpecificSublayer sent)
    {
        var engine = GivenV3.Initiator(GivenV3.Open, GivenV3.Ethernet());
        var peer = new PeerV3(engine).Answer();

        Reply(peer, peer.Expect<Icrq>(), replied);
        peer.Expect<Iccn>();

        var settings = Assert.Single(engine.CreatedSessions).Settings!;
        Assert.Equal((L2SpecificSublayer.Default, sent), (settings.Sublayer, settings.SendSublayer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_peer_without_a_sublayer_that_numbers_for_us_keeps_its_own_direction_bare(bool mustBeEqual)
    {
        var profile = GivenV3.Open with { Session = new SessionProfile { Sequencing = true } };
        var engine = new EngineUnderTest(Given.Lns(profile) with { SublayersMustBeEqual = mustBeEqual });
        engine.Start();
        var peer = new PeerV3(engine).Dial();

        peer.Send(PeerV3.Icrq(1, new PseudowireOptions { CircuitStatus = CircuitStatus.Active }));

        if (mustBeEqual)
        {
            Assert.Equal(CdnResult.SequencingWithoutSublayer, peer.Expect<Cdn>().Result.Result);
            return;
        }

        var reply = peer.Expect<Icrp>();
        Assert.Equal((L2SpecificSublayer.Default, DataSequencing.All), (reply.Pseudowire!.Sublayer, reply.Pseudowire.DataSequencing));
        peer.Send(new Iccn { LocalSessionId = new(1), RemoteSessionId = reply.LocalSessionId });
        var made = Assert.Single(engine.CreatedSessions);
        Assert.Equal((L2SpecificSublayer.Default, L2SpecificSublayer.None), (made.Settings!.Sublayer, made.Settings.SendSublayer));
        Assert.Equal((false, true), (made.SendSequence, made.RequireSequence));
    }

    [Fact]
    public void A_peer_that_refuses_our_call_is_asked_for_the_other_sublayer_next()
    {
        var engine = GivenV3.Initiator(GivenV3.Open, GivenV3.Ethernet() with { Backoff = new Backoff { Jitter = 0 } });
        var peer = new PeerV3(engine).Answer();
        (L2SpecificSublayer? Asked, int Wait)[] rounds =
            [(L2SpecificSublayer.Default, 1_000), (null, 2_000), (L2SpecificSublayer.Default, 0)];
        foreach (var (asked, wait) in rounds)
        {
            var request = peer.Expect<Icrq>();
            Assert.Equal(asked, request.Pseudowire!.Sublayer);
            peer.Send(
                new Cdn
                {
                    LocalSessionId = new(5),
                    RemoteSessionId = request.LocalSessionId,
                    Result = new ResultCode(CdnResult.GeneralError, GeneralError.VendorSpecific),
                });
            engine.Wait(wait);
        }
    }

    private static void Reply(PeerV3 peer, Icrq request, L2SpecificSublayer? sublayer) => peer.Send(new Icrp
    {
        LocalSessionId = new(5), RemoteSessionId = request.LocalSessionId,
        Pseudowire = new PseudowireOptions { CircuitStatus = CircuitStatus.Active, Sublayer = sublayer },
    });
}
