using System.Net;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>Dialled tunnels to which a server gives the same Tunnel-Assignment-ID use one tunnel (RFC 2868 section 3.6).</summary>
public sealed class SharedTunnelTests
{
    private const string Lns = "192.0.2.2";

    private static readonly LnsCandidate Candidate = new(IPAddress.Parse(Lns)) { AssignmentId = "grp-a" };

    [Fact]
    public void Sessions_with_the_same_assignment_id_and_LNS_go_into_one_tunnel()
    {
        var (engine, peer) = Dialling("one", "two");
        Answer(engine, 0, Candidate);
        peer.Answer();
        Complete(peer, 5);
        Answer(engine, 1, Candidate);
        Complete(peer, 6);
        Assert.Equal(["one/s", "two/s"], SessionsUp(engine));
        Assert.Equal(("two", "one"), engine.EventsOf<TunnelShared>().Select(static shared => (shared.Name, shared.Tunnel.Name)).Single());
        Assert.Single(engine.Transports);
        Assert.Equal(2, engine.Tunnel.Sessions.Count);
    }

    [Fact]
    public void A_tunnel_that_is_still_being_dialled_is_shared_as_well()
    {
        var (engine, peer) = Dialling("one", "two");
        Answer(engine, 0, Candidate);
        Answer(engine, 1, Candidate);
        peer.Answer();
        Complete(peer, 5, 6);
        Assert.Equal(["one/s", "two/s"], SessionsUp(engine));
        Assert.Single(engine.Transports);
    }

    /// <summary>Everything but the assignment id, and the places that a server or the configuration gives.</summary>
    public static TheoryData<LnsCandidate, LnsCandidate> Different => new()
    {
        { Candidate, Candidate with { AssignmentId = "grp-b" } },
        { Candidate, Candidate with { AssignmentId = "GRP-A" } },
        { Candidate, Candidate with { AssignmentId = null } },
        { Candidate with { AssignmentId = null }, Candidate },
        { Candidate with { AssignmentId = null }, Candidate with { AssignmentId = null } },
        { Candidate, Candidate with { LocalHostName = "other" } },
        { Candidate, Candidate with { LocalAddress = IPAddress.Parse("192.0.2.77") } },
        { Candidate, new LnsCandidate(IPAddress.Parse("192.0.2.3")) { AssignmentId = "grp-a" } },
    };

    [Theory]
    [MemberData(nameof(Different))]
    public void Without_the_same_id_and_the_same_ends_each_has_its_own_tunnel(LnsCandidate one, LnsCandidate two)
    {
        var (engine, peer) = Dialling("one", "two");
        Answer(engine, 0, one);
        peer.Answer();
        Answer(engine, 1, two);
        Assert.Equal(2, engine.Transports.Count);
        Assert.Empty(engine.EventsOf<TunnelShared>());
    }

    [Fact]
    public void A_configured_device_that_differs_keeps_tunnels_apart()
    {
        var two = Tunnel("two") with { Peer = Given.AnyPeer with { BindDevice = "eth9" } };
        var engine = new EngineUnderTest(Given.Lac(Tunnel("one"), two)) { Resolver = null };
        engine.Start();
        Answer(engine, 0, Candidate);
        Answer(engine, 1, Candidate);
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void The_private_group_and_the_secret_are_those_of_each_answer_and_of_the_first()
    {
        var (engine, peer) = Dialling("one", "two");
        peer.SecretToUse = ScriptedPeer.Secret;
        Answer(engine, 0, Candidate with { PrivateGroupId = "red", Secret = ScriptedPeer.Secret });
        Answer(engine, 1, Candidate with { PrivateGroupId = "blue", Secret = [1] });
        var challenge = peer.Expect<Sccrq>().Challenge!;
        var response = TunnelAuthentication.ComputeResponse(MessageType.Sccrp, ScriptedPeer.Secret, challenge);
        peer.Send(peer.Sccrp with { ChallengeResponse = response });
        peer.Expect<Scccn>();
        peer.Acknowledge();
        Assert.Equal(["red", "blue"],
            Complete(peer, 5, 6).Select(static call => System.Text.Encoding.ASCII.GetString(call.PrivateGroupId!)));
    }

    [Fact]
    public void When_the_tunnel_ends_all_dial_again_and_one_of_them_owns_the_next()
    {
        var (engine, peer) = Shared();
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
        Assert.Empty(engine.LiveSessions);
        engine.Wait(1_000);
        Assert.Equal(4, engine.Resolves.Count);
        peer.Restart();
        Answer(engine, 3, Candidate);
        Answer(engine, 2, Candidate);
        peer.Answer();
        Complete(peer, 7, 8);
        Assert.Equal(2, engine.Transports.Count);
        Assert.Equal(2, engine.Tunnel.Sessions.Count);
    }

    [Fact]
    public void A_tunnel_that_fails_takes_all_to_the_next_LNS_together()
    {
        var (engine, first) = Dialling("one", "two");
        var second = new ScriptedPeer(engine, "192.0.2.3");
        var next = new LnsCandidate(IPAddress.Parse("192.0.2.3")) { AssignmentId = "grp-a" };
        Answer(engine, 0, Candidate, next);
        Answer(engine, 1, Candidate, next);
        first.Expect<Sccrq>();
        first.Send(new StopCcn { AssignedTunnelId = new(first.TunnelId), Result = new ResultCode(StopCcnResult.NotAuthorized) });
        second.Answer();
        Complete(second, 5, 6);
        Assert.Equal(2, engine.Transports.Count);
        Assert.Equal(2, engine.EventsOf<TunnelShared>().Count());
    }

    [Fact]
    public void The_removal_of_a_guest_ends_its_sessions_and_not_the_tunnel()
    {
        var (engine, peer) = Shared();
        engine.Tell(new Reconfigure(Given.Lac(Tunnel("one"))));
        peer.Expect<Cdn>();
        Assert.Equal("one/s", Assert.Single(engine.Tunnel.Sessions.Values).Name);
        Assert.Equal("two/s", Assert.Single(engine.EventsOf<SessionEnded>()).Session.Name);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
    }

    [Fact]
    public void The_removal_of_the_owner_ends_the_tunnel_and_the_guest_dials_its_own()
    {
        var (engine, peer) = Shared();
        engine.Tell(new Reconfigure(Given.Lac(Tunnel("two"))));
        peer.Expect<Cdn>();
        peer.Expect<Cdn>();
        peer.Expect<StopCcn>();
        engine.Wait(1_000);
        peer.Restart();
        Answer(engine, engine.Resolves.Count - 1, Candidate);
        peer.TunnelId++;
        peer.Answer();
        Complete(peer, 9);
        Assert.Equal("two", engine.Tunnel.Name);
        Assert.Equal("two/s", Assert.Single(engine.Tunnel.Sessions.Values).Name);
    }

    [Fact]
    public void A_session_of_a_guest_that_ends_is_asked_for_again_in_the_same_tunnel()
    {
        var (engine, peer) = Shared();
        var ended = engine.Tunnel.Sessions.Values.Single(static session => session.Name == "two/s");
        peer.Send(new Cdn
        {
            LocalSessionId = ended.PeerId, RemoteSessionId = ended.LocalId, Result = new ResultCode(CdnResult.Administrative),
        });
        engine.Wait(2_000);
        Complete(peer, 9);
        Assert.Equal(["one/s", "two/s", "two/s"], SessionsUp(engine));
        Assert.Single(engine.Transports);
    }

    [Fact]
    public void A_reload_that_changes_a_session_of_a_guest_keeps_the_tunnel_and_its_rules()
    {
        var (engine, peer) = Shared();
        var changed = Tunnel("two") with { Sessions = [new LacSession { Name = "s", CalledNumber = "7" }] };
        engine.Tell(new Reconfigure(Given.Lac(Tunnel("one"), changed)));
        peer.Expect<Cdn>();
        Assert.Equal("7", peer.Expect<Icrq>().CalledNumber);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
    }

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Shared()
    {
        var (engine, peer) = Dialling("one", "two");
        Answer(engine, 0, Candidate);
        Answer(engine, 1, Candidate);
        peer.Answer();
        Complete(peer, 5, 6);
        return (engine, peer);
    }

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Dialling(params string[] names)
    {
        var engine = new EngineUnderTest(Given.Lac([.. names.Select(Tunnel)])) { Resolver = null };
        var peer = new ScriptedPeer(engine);
        engine.Start();
        return (engine, peer);
    }

    /// <summary>Answers so many calls that were asked for at once.</summary>
    private static Iccn[] Complete(ScriptedPeer peer, params ushort[] ids)
    {
        foreach (var (id, call) in ids.Zip([.. ids.Select(_ => peer.Expect<Icrq>())]))
            peer.Send(new Icrp { LocalSessionId = new(id), RemoteSessionId = call.LocalSessionId });
        Iccn[] connected = [.. ids.Select(_ => peer.Expect<Iccn>())];
        peer.Acknowledge();
        return connected;
    }

    private static void Answer(EngineUnderTest engine, int question, params LnsCandidate[] candidates) =>
        engine.Tell(new HostResolved(engine.Resolves[question].Key, [], null) { Candidates = [.. candidates] });

    private static string[] SessionsUp(EngineUnderTest engine) =>
        [.. engine.EventsOf<SessionEstablished>().Select(static up => up.Session.Name)];

    private static LacTunnel Tunnel(string name) => Given.Tunnel(null, new LacSession { Name = "s" }) with
    {
        Name = name,
        Remotes = [new RemoteHost($"RADIUS ({name})") { Query = new LnsQuery(name, "cisco") }],
        Backoff = new Backoff { Jitter = 0 },
    };
}
