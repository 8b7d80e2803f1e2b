using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>A tunnel whose LNSs a server names: asked at every attempt, each dialled by its own rules.</summary>
public sealed class SelectedLnsTests
{
    private const string First = "192.0.2.2";
    private const string Second = "192.0.2.3";

    [Fact]
    public void The_server_is_asked_and_the_first_LNS_is_dialled_with_its_names_and_address()
    {
        var engine = Dialling();
        var peer = new ScriptedPeer(engine) { SecretToUse = ScriptedPeer.Secret };
        engine.Start();
        var (_, host) = Assert.Single(engine.Resolves);
        Assert.Equal(("example.net", "cisco"), (host.Query!.User, host.Query.Password));
        Assert.DoesNotContain("cisco", host.ToString(), StringComparison.Ordinal);
        Answer(engine, At(First) with
        {
            LocalHostName = "lac7", LocalAddress = IPAddress.Parse("192.0.2.77"), PrivateGroupId = "red", Secret = ScriptedPeer.Secret,
        });
        Assert.Equal("192.0.2.77", Assert.Single(engine.Transports).Request.LocalAddress);
        var request = peer.Expect<Sccrq>();
        Assert.Equal("lac7", request.HostName);
        Assert.NotNull(request.Challenge);
    }

    [Fact]
    public void The_private_group_goes_into_the_ICCN_where_none_is_configured()
    {
        foreach (var (configured, expected) in new[] { ((string?)null, "red"), ("blue", "blue") })
        {
            var engine = Dialling(new LacSession { Name = "s", PrivateGroupId = configured });
            var peer = new ScriptedPeer(engine);
            engine.Start();
            Answer(engine, At(First) with { PrivateGroupId = "red" });
            peer.Answer();
            peer.Send(new Icrp { LocalSessionId = new(5), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId });
            Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(peer.Expect<Iccn>().PrivateGroupId!));
        }
    }

    [Fact]
    public void A_silent_LNS_gives_way_to_the_next_and_comes_last_at_the_next_dial()
    {
        var engine = Dialling();
        var second = new ScriptedPeer(engine, Second);
        engine.Start();
        Answer(engine, At(First), At(Second));
        engine.Wait(15_000);
        Assert.Equal([First, Second], Dialled(engine));
        second.Answer();
        second.Send(new StopCcn { AssignedTunnelId = new(second.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
        engine.Wait(1_000);
        Assert.Equal(2, engine.Resolves.Count);
        Answer(engine, At(First), At(Second));
        Assert.Equal([First, Second, Second], Dialled(engine));
    }

    [Fact]
    public void After_the_hold_down_the_order_of_the_server_counts_again()
    {
        var engine = new EngineUnderTest(Given.Lac(Tunnel() with { PreferBack = TimeSpan.FromSeconds(20) })) { Resolver = null };
        engine.Start();
        Answer(engine, At(First), At(Second));
        engine.Wait(15_000 + 15_000 + 1_000);
        Answer(engine, At(First), At(Second));
        Assert.Equal([First, Second, First], Dialled(engine));
        engine.Wait(15_000 + 15_000 + 10_000);
        engine.Wait(20_000);
        Answer(engine, At(Second), At(First));
        Assert.Equal(Second, Dialled(engine)[^1]);
    }

    [Fact]
    public void An_LNS_that_refuses_us_is_held_down_as_well()
    {
        var engine = Dialling();
        var first = new ScriptedPeer(engine);
        engine.Start();
        Answer(engine, At(First), At(Second));
        first.Expect<Sccrq>();
        first.Send(new StopCcn { AssignedTunnelId = new(first.TunnelId), Result = new ResultCode(StopCcnResult.NotAuthorized) });
        Assert.Equal([First, Second], Dialled(engine));
        engine.Wait(15_000 + 1_000);
        Answer(engine, At(First), At(Second));
        Assert.Equal([First, Second, First], Dialled(engine));
    }

    [Fact]
    public void An_LNS_with_another_name_than_the_server_said_is_refused_and_the_next_is_dialled()
    {
        var engine = Dialling();
        var first = new ScriptedPeer(engine);
        engine.Start();
        Answer(engine, At(First) with { PeerHostName = "lns1" }, At(Second) with { PeerHostName = "lns2" });
        first.Expect<Sccrq>();
        first.Send(first.Sccrp);
        Assert.Equal((ushort)4, (ushort)first.Expect<StopCcn>().Result.Result);
        Assert.Contains("the peer is peer.example, and should be lns1", engine.EventsOf<TunnelEnded>().Last().Reason.Text);
        Assert.Equal([First, Second], Dialled(engine));
    }

    [Theory]
    [InlineData("peer.example")]
    [InlineData(null)]
    public void An_LNS_with_the_name_that_the_server_said_or_any_is_taken(string? name)
    {
        var engine = Dialling();
        var first = new ScriptedPeer(engine);
        engine.Start();
        Answer(engine, At(First) with { PeerHostName = name });
        first.Answer();
        Assert.Single(engine.EventsOf<TunnelEstablished>());
    }

    [Fact]
    public void A_changed_answer_counts_from_the_next_dial_and_not_before()
    {
        var engine = Dialling();
        var first = new ScriptedPeer(engine);
        engine.Start();
        Answer(engine, At(First));
        first.Answer();
        first.Send(new StopCcn { AssignedTunnelId = new(first.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
        engine.Wait(1_000);
        var second = new ScriptedPeer(engine, Second);
        Answer(engine, At(Second) with { LocalHostName = "changed" });
        Assert.Equal("changed", second.Expect<Sccrq>().HostName);
    }

    [Fact]
    public void A_refusal_or_silence_of_the_servers_is_a_wait_and_another_question()
    {
        var engine = Dialling();
        engine.Start();
        engine.Tell(new HostResolved(engine.Resolves[^1].Key, [], "RADIUS server main rejected example.net"));
        Assert.Equal("RADIUS server main rejected example.net", Assert.Single(engine.EventsOf<RetryScheduled>()).Reason);
        engine.Wait(1_000);
        Assert.Equal(2, engine.Resolves.Count);
        Assert.Empty(engine.Transports);
    }

    [Fact]
    public void An_answer_to_a_former_question_dials_nothing()
    {
        var engine = Dialling();
        engine.Start();
        var former = engine.Resolves[^1].Key;
        engine.Tell(new HostResolved(former, [], "silence"));
        engine.Wait(1_000);
        engine.Tell(new HostResolved(former, [], null) { Candidates = [At(First)] });
        Assert.Empty(engine.Transports);
    }

    [Fact]
    public void A_reload_of_live_settings_keeps_the_tunnel_and_its_rules_and_another_question_dials_again()
    {
        var engine = Dialling();
        var first = new ScriptedPeer(engine);
        engine.Start();
        Answer(engine, At(First) with { LocalHostName = "lac7" });
        first.Answer();
        engine.Tell(new Reconfigure(Given.Lac(Tunnel() with { Persist = false })));
        Assert.Equal(("lac7", 1), (engine.Tunnel.Profile.LocalHostName, engine.Resolves.Count));
        var other = Tunnel() with { Remotes = [new RemoteHost("RADIUS") { Query = new LnsQuery("other.net", "cisco") }] };
        engine.Tell(new Reconfigure(Given.Lac(other)));
        Assert.Equal("other.net", engine.Resolves[^1].Host.Query!.User);
    }

    private static string[] Dialled(EngineUnderTest engine) =>
        [.. engine.Transports.Select(static transport => transport.Request.Remote.ToIPAddress().ToString())];

    private static void Answer(EngineUnderTest engine, params LnsCandidate[] candidates) =>
        engine.Tell(new HostResolved(engine.Resolves[^1].Key, [], null) { Candidates = [.. candidates] });

    private static LnsCandidate At(string address) => new(IPAddress.Parse(address));

    private static EngineUnderTest Dialling(params LacSession[] sessions) => new(Given.Lac(Tunnel(sessions))) { Resolver = null };

    private static LacTunnel Tunnel(params LacSession[] sessions) => Given.Tunnel(null, sessions) with
    {
        Remotes = [new RemoteHost("RADIUS (example.net)") { Query = new LnsQuery("example.net", "cisco") }],
        Backoff = new Backoff { Jitter = 0 },
    };
}
