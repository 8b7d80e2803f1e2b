using System.Net;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Operations.Control;
using L2tpd.Operations.History;
using L2tpd.Operations.Logging;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;
using L2tpd.Unit.Tests.Engine.V3;
using Microsoft.Extensions.Logging;

namespace L2tpd.Unit.Tests.Operations.Logging;

/// <summary>Log lines for repeated events, and for what no message contains.</summary>
public sealed class EventLogTests
{
    private readonly Lines _lines = new();

    [Fact]
    public void A_tunnel_that_waits_while_digests_fail_says_so_in_log_history_and_view_at_once()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed);
        var peer = WithAnotherSecret(engine);
        peer.SendBytes(peer.Encode(peer.Sccrp, 0));
        peer.SendBytes(peer.Encode(peer.Sccrp, 0));

        var history = new HistoryLog();
        Observe(engine, history);

        var line = Assert.Single(_lines.All, static line => line.Contains("waits for", StringComparison.Ordinal));
        Assert.Contains("secrets may differ", line, StringComparison.Ordinal);
        var entry = Assert.Single(history.Read(new PageRequest()).Items);
        Assert.Equal(("digests-fail", "t"), (entry.Kind, entry.Name));
        Assert.Contains("secrets may differ", entry.Reason, StringComparison.Ordinal);
        Assert.Contains("secrets may differ", ViewMapper.From(engine.Tunnel, engine.Now).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_end_says_so_too()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed);
        var peer = WithAnotherSecret(engine);
        peer.SendBytes(peer.Encode(peer.Sccrp, 0));
        engine.Wait(71_000);
        Assert.Contains(
            "without an answer; messages of the peer dropped for their digest: 1; the secrets may differ",
            EndReasonText.Of(engine.EventsOf<TunnelEnded>().First().Reason), StringComparison.Ordinal);
        Assert.Null(ViewMapper.From(GivenV3.Initiator(GivenV3.Signed).Tunnel, 0).Problem);
    }

    [Fact]
    public void A_peer_whose_calls_are_refused_for_one_reason_is_told_of_once()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        for (var id = 1u; id <= 20; id++)
            peer.Send(PeerV3.Icrq(id) with { PseudowireType = PseudowireType.Hdlc });
        Observe(engine);
        Assert.Equal(20, engine.EventsOf<SessionRefused>().Count());
        Assert.Single(_lines.All, line => line.Contains("refused the peer's session", StringComparison.Ordinal));
    }

    [Fact]
    public void Our_call_that_is_refused_again_and_again_for_one_reason_is_told_of_once()
    {
        var engine = GivenV3.Initiator(GivenV3.Open, GivenV3.Ethernet());
        var peer = new PeerV3(engine).Answer();
        for (var i = 0; i < 5; i++)
        {
            var request = peer.Expect<Icrq>();
            var result = new ResultCode(CdnResult.NoFacilitiesPermanent);
            peer.Send(new Cdn { LocalSessionId = new(5), RemoteSessionId = request.LocalSessionId, Result = result });
            engine.Wait(20_000);
        }

        Observe(engine);
        Assert.InRange(engine.EventsOf<SessionEnded>().Count(), 5, 6);
        Assert.Single(_lines.All, line => line.Contains("is down", StringComparison.Ordinal));
    }

    [Fact]
    public void A_redirection_that_is_not_followed_is_told_of_with_the_key_that_would_permit_it()
    {
        var lns = new ScriptedPeer(new EngineUnderTest(Given.Lns())).Endpoint;
        var target = IPAddress.Parse("203.0.113.9");
        new EventLog(_lines).Observe(new RedirectionRefused("office", lns, target, RedirectPolicy.SamePrefix));
        var line = Assert.Single(_lines.All);
        Assert.Contains("192.0.2.2:1701 redirects to 203.0.113.9", line, StringComparison.Ordinal);
        Assert.Contains("`redirect: same-prefix`", line, StringComparison.Ordinal);
    }

    private static PeerV3 WithAnotherSecret(EngineUnderTest engine) =>
        new(engine) { Keys = ControlMessageKeys.FromSecret("another"u8.ToArray()), EngineId = engine.Tunnel.LocalId.Value, Nr = 1 };

    private void Observe(EngineUnderTest engine, HistoryLog? history = null)
    {
        var log = new EventLog(_lines);
        foreach (var engineEvent in engine.Events)
        {
            log.Observe(engineEvent);
            _ = history?.Record(engineEvent, engine.Now);
        }
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
