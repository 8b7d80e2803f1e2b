using L2tpd.Engine;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>
/// "Maximum retries exceeded" is no answer: whatever was not acknowledged, the end says which message, how often it was sent, over what
/// time, and the last socket error (issue 2). And all of it goes out at 0, 1, 3, 7, 15 and 23 s, and ends at 31 s.
/// </summary>
public sealed class UnansweredTests
{
    private static readonly long[] Times = [0, 1000, 3000, 7000, 15_000, 23_000];

    [Fact]
    public void SCCRP_goes_out_for_an_SCCRQ_and_not_by_itself_for_its_source_may_be_forged()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        var request = peer.Encode(peer.Sccrq, 0);
        peer.SendBytes(request);
        engine.Wait(10_000);
        peer.SendBytes(request);
        engine.WaitUntil(59_999);
        Assert.Equal([0L, 10_000L], peer.All.Select(a => a.At - 1_000_000));
        Assert.InRange(peer.All.Sum(a => a.Bytes.Length), 1, 3 * 2 * request.Length);
        Assert.Empty(engine.EventsOf<TunnelNotCompleted>());
        engine.Wait(1);
        var told = Assert.Single(engine.EventsOf<TunnelNotCompleted>());
        Assert.Equal((EndCause.SetupTimeout, "peer.example", peer.Endpoint), (told.Reason.Cause, told.HostName, told.Source));
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void SCCCN()
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.Send(peer.Sccrp);
        ExpectDeath(engine, peer, MessageType.Scccn, established: true);
    }

    [Fact]
    public void ICRQ_though_the_session_ends_with_the_tunnel_and_says_so_too()
    {
        var engine = Given.Dialling(null, new LacSession { Name = "s", Persist = false });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        ExpectDeath(engine, peer, MessageType.Icrq, established: true);
        var reason = Assert.Single(engine.EventsOf<SessionEnded>()).Reason;
        Assert.Equal(
            (EndCause.TunnelEnded, (MessageType?)MessageType.Icrq, 6), (reason.Cause, reason.UnansweredMessage, reason.Transmissions));
    }

    [Fact]
    public void CDN_behind_which_another_waited()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.AnyPeer with { Quirks = PeerQuirks.WindowOfOne }));
        var peer = new ScriptedPeer(engine).Dial();
        peer.Call(1);
        peer.Call(2);
        peer.Acknowledge();
        engine.Wait(5000);
        foreach (var session in engine.Tunnel.Sessions.Values.ToArray())
            engine.Tell(new CloseSession(session.Key, "test"));
        ExpectDeath(engine, peer, MessageType.Cdn, established: true);
        Assert.Single(peer.All.Where(a => a.Message is Cdn).Select(a => a.Header.Ns).Distinct());
    }

    [Fact]
    public void StopCCN_is_given_up_in_the_same_time_as_any_message()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        peer.Acknowledge();
        engine.Wait(1000);
        peer.All.Clear();
        var begin = engine.Now;
        engine.Tell(new CloseTunnel(engine.Tunnel.Key, "test"));
        Assert.Equal(EndCause.Administrative, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
        engine.Wait(30_999);
        Assert.Equal(Times, peer.All.Where(a => !a.IsZlb).Select(a => a.At - begin));
        Assert.NotEqual(Instant.Never, engine.Engine.NextDeadline);
        engine.Wait(1);
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
        Assert.Single(engine.ClosedTransports);
    }

    [Fact]
    public void The_time_counts_from_when_the_message_was_first_sent_and_the_last_error_is_the_one_told()
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        engine.Tell(new TransportError(engine.Tunnel.Key, "first"));
        engine.Wait(10_000);
        engine.Tell(new TransportError(engine.Tunnel.Key, "second"));
        engine.WaitUntil(60_000 + 31_000);
        var reason = Assert.Single(engine.EventsOf<TunnelEnded>()).Reason;
        Assert.Equal(
            (MessageType.Hello, TimeSpan.FromSeconds(31), "second"),
            (reason.UnansweredMessage, reason.UnansweredFor, reason.LastSocketError));
    }

    private static void ExpectDeath(EngineUnderTest engine, ScriptedPeer peer, MessageType type, bool established)
    {
        var begin = engine.Now;
        var tunnel = engine.Tunnel;
        Assert.Equal(established, tunnel.EstablishedAt is not null);
        engine.Tell(new TransportError(tunnel.Key, "no route to host"));
        engine.Wait(30_999);
        Assert.Equal(Times, peer.All.Where(a => a.Type == type && !a.IsZlb).Select(a => a.At - begin));
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        engine.Wait(1);
        var reason = Assert.Single(engine.EventsOf<TunnelEnded>()).Reason;
        Assert.Equal(
            (EndCause.PeerUnreachable, (MessageType?)type, 6, TimeSpan.FromSeconds(31), "no route to host", (ResultCode?)null),
            (reason.Cause, reason.UnansweredMessage, reason.Transmissions, reason.UnansweredFor, reason.LastSocketError, reason.Result));
        Assert.Empty(engine.LiveTunnels);
        Assert.Empty(engine.LiveSessions);
    }
}
