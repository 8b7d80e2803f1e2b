using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.Explanations;
using L2tpd.Operations.History;
using L2tpd.Operations.Sessions;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Explanations;

public sealed class SessionExplainerTests
{
    private readonly EnginePair _pair = new(
        5,
        EnginePair.Tunnel(
            "hq", new LacSession { Name = "a", Session = new SessionProfile { Ppp = "p" } }, new LacSession { Name = "b" }));

    private readonly SessionIndex _index = new();
    private readonly HistoryLog _history = new();
    private readonly Dictionary<string, string> _retries = [];
    private readonly Dictionary<string, string[]> _associations = [];
    private IReadOnlyList<ExplanationStep> _ppp = [];
    private ExplanationStep? _ipsec;

    public SessionExplainerTests() => _pair.LacEvents = happened =>
    {
        _index.Observe(happened);
        _history.Record(happened, _pair.Now);
    };

    private Tunnel Tunnel => _pair.Lac.Tunnels.Single();

    private Session Session => Tunnel.Sessions.Values.Single(static session => session.Name == "hq/a");

    [Fact]
    public void A_session_that_works_is_said_to_work()
    {
        _ppp = [new("LCP", "done", "open")];
        Up();
        var view = Explain("hq/a");
        Assert.Equal(("session hq/a (user alice)", "the network is up"), (view.Subject, view.Summary));
        Assert.Equal(["tunnel", "session", "data plane", "LCP", "network"], view.Steps.Select(static step => step.Part));
        Assert.All(view.Steps, static step => Assert.Equal("done", step.State));
        Assert.StartsWith("with 192.0.2.7:1701 (lns.example.net), up for", view.Steps[0].Text);
        Assert.StartsWith("up on ppp0, we are 10.0.0.1, the peer is 10.0.0.2, session up for", view.Steps[^1].Text);
        Assert.Equal(view.Subject, Explain("alice").Subject);
    }

    [Fact]
    public void The_first_step_that_waits_or_failed_is_the_summary()
    {
        _ppp = [new("LCP", "done", "open"), new("authentication", "waiting", "waits for RADIUS"), new("IPCP", "not-reached", "later")];
        Assert.Equal("it waits for authentication: waits for RADIUS", Explain("hq/a").Summary);
        _ppp = [new("LCP", "failed", "the peer does not answer")];
        Assert.Equal("it died of LCP: the peer does not answer", Explain("hq/a").Summary);
        Assert.Equal("not-reached", Explain("hq/a").Steps.Single(static step => step.Part == "network").State);
        Up();
        _ppp = [new("IPCP", "done", "10.0.0.2"), new("IPv6CP", "waiting", "the peer is silent")];
        Assert.Equal("the network is up, but IPv6CP: the peer is silent", Explain("hq/a").Summary);
    }

    [Fact]
    public void A_tunnel_says_what_its_sessions_wait_for()
    {
        _ppp = [new("IPCP", "waiting", "no answer")];
        var view = Explain("hq");
        Assert.Equal("tunnel hq", view.Subject);
        Assert.Equal(
            "the tunnel is up; of 2 sessions 0 have a network, but session hq/a: IPCP: no answer", view.Summary);
        Assert.Equal(["tunnel", "session hq/a"], view.Steps.Select(static step => step.Part));
    }

    [Fact]
    public void A_tunnel_that_is_dialled_in_vain_says_what_was_sent()
    {
        _pair.Cut = true;
        _pair.TellLac(new Reconfigure(new EngineConfiguration
        {
            HostName = "lac1.example.net", Tunnels = [EnginePair.Tunnel("hq"), EnginePair.Tunnel("new", new LacSession { Name = "x" })],
        }));
        Assert.Equal("it waits for tunnel: 192.0.2.7:1701 has not answered our SCCRQ", Explain("new").Summary);
        _pair.Pass(1_500);
        Assert.Equal("it waits for tunnel: 192.0.2.7:1701 has not answered our SCCRQ, which was sent 2 times", Explain("new").Summary);
    }

    [Fact]
    public void A_user_that_is_gone_died_of_what_the_history_says()
    {
        Up();
        var session = Session;
        _history.Record(new SubscriberRefused(session, "user alice is refused (Chap): wrong secret", "alice"), _pair.Now);
        _pair.TellLac(new CloseSession(session.Key, "uid 0"));
        var view = Explain("alice");
        Assert.Equal("alice", view.Subject);
        Assert.Equal("it is not there; the last that is known of it: the session ended: closed by uid 0; we sent CDN: result 3 "
            + "(disconnected for administrative reasons)", view.Summary);
        Assert.Empty(view.Steps);
        Assert.Equal(2, view.Past!.Count);
        Assert.Equal("authentication failed: user alice is refused (Chap): wrong secret", view.Past[1].Text);
    }

    [Fact]
    public void What_is_tried_again_says_when()
    {
        _retries["up/x"] = "attempt 3 begins at 12:00:00Z: no answer";
        Assert.Equal("it is not there; attempt 3 begins at 12:00:00Z: no answer", Explain("up/x").Summary);
        Assert.Equal(new LookupResult<ExplanationView>(null, []).Value, Explainer().Explain("nobody", _pair.Now).Value);
    }

    [Fact]
    public void The_last_retry_of_a_name_is_in_the_events()
    {
        var stream = new EventStream();
        Assert.Null(stream.RetryOf("hq"));
        stream.Observe(new RetryScheduled("hq", 2, TimeSpan.FromSeconds(5), "no answer"));
        Assert.Matches("^attempt 2 begins at [0-9:]{8}Z: no answer$", stream.RetryOf("hq"));
        stream.Observe(new Dialling("hq", EnginePair.LnsEnd));
        Assert.Matches("^an attempt to 192.0.2.7:1701 runs since [0-9:]{8}Z$", stream.RetryOf("hq"));
        stream.Observe(new RetryAbandoned("hq", 3, "wrong password"));
        Assert.Equal("it is not tried again: wrong password", stream.RetryOf("hq"));
        Assert.Null(stream.RetryOf("other"));
    }

    [Fact]
    public void A_peer_whose_ike_failed_is_known_by_its_address()
    {
        _history.Record(new IkeFailed("192.0.2.9", "the pre-shared keys of the two ends differ"), _pair.Now);
        _history.Record(new IkeFailed("2001:db8::9", "the two ends have no proposal in common"), _pair.Now);
        var view = Explain("192.0.2.9");
        Assert.Equal("it is not there; the last that is known of it: IKE failed: the pre-shared keys of the two ends differ", view.Summary);
        Assert.Equal("192.0.2.9", Assert.Single(view.Past!).Name);
        Assert.EndsWith("no proposal in common", Explain("2001:DB8:0::9").Summary);
        Assert.Null(Explainer().Explain("192.0.2.90", _pair.Now).Value);
    }

    [Fact]
    public void A_peer_with_ipsec_and_no_tunnel_waits_for_its_sccrq()
    {
        _associations["192.0.2.9"] = ["security association with 192.0.2.9"];
        var view = Explain("192.0.2.9");
        Assert.Equal("peer 192.0.2.9", view.Subject);
        Assert.Equal(
            "it waits for tunnel: no SCCRQ has come out of IPsec: does a firewall drop UDP 1701 behind IPsec?", view.Summary);
        Assert.Equal([("IPsec", "done"), ("tunnel", "waiting")], view.Steps.Select(static step => (step.Part, step.State)));
    }

    [Fact]
    public void A_tunnel_is_found_by_the_address_of_its_peer_and_begins_with_its_ipsec()
    {
        _ipsec = new("IPsec", "done", "security association with 192.0.2.7");
        var view = Explain("192.0.2.7");
        Assert.Equal("tunnel hq", view.Subject);
        Assert.Equal("IPsec", view.Steps[0].Part);
        Assert.Equal("IPsec", Explain("hq/a").Steps[0].Part);
        _ipsec = new("IPsec", "waiting", "strongSwan is not reached: no such file");
        Assert.Contains("IPsec: strongSwan is not reached: no such file", Explain("hq/a").Summary);
    }

    [Fact]
    public void Two_tunnels_of_one_address_are_named_by_their_ids()
    {
        _pair.TellLac(new Reconfigure(new EngineConfiguration
        {
            HostName = "lac1.example.net", Tunnels = [EnginePair.Tunnel("hq"), EnginePair.Tunnel("new", new LacSession { Name = "x" })],
        }));
        var found = Explainer().Explain("192.0.2.7", _pair.Now);
        Assert.Null(found.Value);
        Assert.Equal(_pair.Lac.Tunnels.Select(static tunnel => tunnel.LocalId.ToString()).Order(StringComparer.Ordinal), found.Candidates);
    }

    private void Up()
    {
        _pair.TellLac(new PppUser(Session.Key, new SessionUser { Name = "alice" }));
        _pair.TellLac(new PppUp(Session.Key, "ppp0", "10.0.0.1", "10.0.0.2"));
    }

    private ExplanationView Explain(string name) => Explainer().Explain(name, _pair.Now).Value!;

    private SessionExplainer Explainer() => new(new SessionFinder(_index, () => _pair.Lac.Tunnels), () => _pair.Lac.Tunnels, _history)
    {
        PppSteps = session => session.Name == "hq/a" ? _ppp : [],
        RetryOf = name => _retries.GetValueOrDefault(name),
        IpsecStep = _ => _ipsec,
        AssociationsAt = address => _associations.GetValueOrDefault(address.ToString(), []),
    };
}
