using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>A peer that crashed and returned has its pseudowire again at once; no other peer gets it (ADR 6).</summary>
public sealed class ReplacedPseudowireTests
{
    private const string Name = "lan";

    private static PeerProfile Configured => GivenV3.Open with { Endpoints = [new PseudowireEndpoint("site", Name, new SessionProfile())] };

    [Fact]
    public void The_session_of_its_earlier_life_ends_before_the_new_one_is_made()
    {
        var engine = GivenV3.Responder(Configured);
        var before = new PeerV3(engine).Dial();
        before.Call(Icrq(1));
        var former = Assert.Single(engine.Engine.Tunnels);
        var first = Assert.Single(former.Sessions.Values).Key;
        engine.Wait(1_000);

        var after = Again(engine);
        after.Call(Icrq(9));

        var second = Assert.Single(engine.LiveSessions);
        Assert.Equal([(true, first), (false, first), (true, second)], engine.DataPlaneSteps);
        var ended = Assert.Single(engine.EventsOf<SessionEnded>());
        Assert.Equal((first, EndCause.Replaced), (ended.Session.Key, ended.Reason.Cause));
        var cdn = before.Take<Cdn>(engine.Unclaimed.Last(sent => sent.To == before.Endpoint).Bytes);
        Assert.Equal((1u, CdnResult.Administrative), (cdn.RemoteSessionId.Value, cdn.Result.Result));
        Assert.Equal(2, engine.Engine.Tunnels.Count);
        // The CDN is sent again at its time, by which the tunnel finds that the peer does not answer.
        engine.Wait(1_000);
        Assert.Equal(1, former.Counters.Retransmissions);
    }

    [Fact]
    public void It_is_not_ended_by_what_is_only_asked_for()
    {
        var engine = GivenV3.Responder(Configured);
        new PeerV3(engine).Dial().Call(Icrq(1));
        engine.Wait(1_000);
        var after = Again(engine);
        after.Send(Icrq(9));
        after.Expect<Icrp>();
        Assert.Empty(engine.EventsOf<SessionEnded>());
        Assert.Equal(2, engine.Engine.SessionCount);
    }

    [Fact]
    public void A_session_that_we_asked_for_goes_as_well()
    {
        var engine = GivenV3.Initiator(Configured, GivenV3.Ethernet(Name));
        var before = new PeerV3(engine).Answer();
        before.Send(
            new Icrp { LocalSessionId = new(1), RemoteSessionId = before.Expect<Icrq>().LocalSessionId, Pseudowire = Icrq(1).Pseudowire });
        before.Expect<Iccn>();
        before.Acknowledge();
        engine.Wait(1_000);

        Again(engine).Call(Icrq(9));

        Assert.Equal(
            (EndCause.Replaced, "t/lan"),
            (Assert.Single(engine.EventsOf<SessionEnded>()).Reason.Cause, engine.EventsOf<RetryScheduled>().Single().Name));
    }

    [Fact]
    public void An_interface_with_a_name_is_enough()
    {
        var named = new SessionProfile { Pseudowire = new PseudowireProfile { Interface = "pw-{end-id}" } };
        Assert.True(Replaces(GivenV3.Open with { Session = named }, static peer => peer));
    }

    [Fact]
    public void Another_pseudowire_peer_or_kind_is_left_alone()
    {
        Assert.True(Replaces(Configured, static peer => peer));
        Assert.False(Replaces(GivenV3.Open, static peer => peer), "no endpoint, no name");
        Assert.False(Replaces(Configured, static peer => peer, called: "other"), "another Remote End ID");
        Assert.False(
            Replaces(Configured, static peer => { peer.Endpoint = Endpoint.From(IPAddress.Parse("192.0.2.3"), 1701); return peer; }),
            "another address");
        Assert.False(
            Replaces(Configured, static peer => { peer.HostName = "sibling.example"; return peer; }),
            "another host behind the same address");
        var ppp = new SessionProfile { Ppp = "p" };
        Assert.False(
            Replaces(
                GivenV3.Open with { Endpoints = [new PseudowireEndpoint("site", Name, ppp)] }, static peer => peer,
                type: PseudowireType.Ppp),
            "PPP");
    }

    [Fact]
    public void A_peer_that_sends_in_both_tunnels_has_both_sessions()
    {
        var engine = GivenV3.Responder(Configured);
        var one = new PeerV3(engine).Dial();
        one.Call(Icrq(1));
        engine.Wait(1_000);
        var other = Again(engine);
        engine.Wait(1_000);
        one.Send(Hello.Instance);
        other.Call(Icrq(9));
        Assert.Empty(engine.EventsOf<SessionEnded>());
        Assert.Equal(2, engine.LiveSessions.Count);
    }

    [Fact]
    public void Nor_do_the_sessions_of_two_living_tunnels_take_turns()
    {
        var engine = GivenV3.Responder(Configured);
        var one = new PeerV3(engine).Dial();
        one.Call(Icrq(1));
        engine.Wait(1_000);
        var other = Again(engine);
        other.Call(Icrq(9));
        Assert.Single(engine.EventsOf<SessionEnded>());
        engine.Wait(10);
        one.Forget();
        one.Nr++;

        one.Call(Icrq(2));

        Assert.Single(engine.EventsOf<SessionEnded>());
    }

    private static bool Replaces(
        PeerProfile profile, Func<PeerV3, PeerV3> change, string called = Name, PseudowireType type = PseudowireType.Ethernet)
    {
        var other = new PseudowireEndpoint("other", "other", new SessionProfile());
        var endpoints = profile.Endpoints.IsEmpty ? profile.Endpoints : profile.Endpoints.Add(other);
        var engine = GivenV3.Responder(profile with { Endpoints = endpoints });
        new PeerV3(engine).Dial().Call(Icrq(1) with { PseudowireType = type });
        engine.Wait(1_000);
        var again = change(new PeerV3(engine) { Endpoint = Endpoint.From(IPAddress.Parse("192.0.2.2"), 1702) });
        again.Forget();
        again.Dial().Call(PeerV3.Icrq(9, null, called) with { PseudowireType = type });
        return engine.EventsOf<SessionEnded>().Any();
    }

    /// <summary>The same host from another port, as after a restart.</summary>
    private static PeerV3 Again(EngineUnderTest engine)
    {
        var peer = new PeerV3(engine) { Endpoint = Endpoint.From(IPAddress.Parse("192.0.2.2"), 1702) };
        peer.Forget();
        return peer.Dial();
    }

    private static Icrq Icrq(uint id) => PeerV3.Icrq(id, null, Name);
}
