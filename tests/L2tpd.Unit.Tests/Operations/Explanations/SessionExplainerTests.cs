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
    private IReadOnlyList<ExplanationStep> _ppp = [];

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
    };
}
