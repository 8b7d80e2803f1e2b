using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>
/// The effect of each word of `quirks` (docs/configuration.md), and its bounds. The quirks of HELLO, moved replies, tie breakers and
/// unknown AVPs are tested with their subjects.
/// </summary>
public sealed class QuirkTests
{
    private static readonly TunnelTimers Delayed = new() { AckDelay = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public void Without_a_quirk_an_acknowledgement_waits_for_its_delay()
    {
        var (engine, peer) = Established(Given.AnyPeer with { Timers = Delayed });
        peer.Send(new Hello());
        peer.ExpectSilence();
        engine.Wait(49);
        peer.ExpectSilence();
        engine.Wait(1);
        Assert.True(peer.Next().IsZlb);
    }

    [Fact]
    public void Acknowledge_at_once_does_not_wait_for_the_delay_or_a_message()
    {
        var (engine, peer) = Established(Given.AnyPeer with { Timers = Delayed, Quirks = PeerQuirks.AcknowledgeAtOnce });
        peer.Send(new Hello());
        var zlb = peer.Next();
        Assert.Equal((true, peer.Ns), (zlb.IsZlb, zlb.Header.Nr));
        engine.Wait(100);
        peer.ExpectSilence();
        peer.Send(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 });
        Assert.Contains(peer.All, a => a.Header.Nr == peer.Ns && a.At == engine.Now);
    }

    [Theory]
    [InlineData(PeerQuirks.None, true)]
    [InlineData(PeerQuirks.OmitVendorAvps, false)]
    public void Omit_vendor_AVPs_leaves_them_out_of_SCCRQ_and_SCCRP(PeerQuirks quirks, bool sent)
    {
        var profile = Given.AnyPeer with { Quirks = quirks };
        var dialling = Given.Dialling(profile);
        var called = new ScriptedPeer(dialling);
        dialling.Start();
        var request = called.Expect<Sccrq>();
        Assert.Equal((sent, sent), (request.VendorName is not null, request.FirmwareRevision is not null));

        var engine = new EngineUnderTest(Given.Lns(profile));
        var calling = new ScriptedPeer(engine);
        calling.Send(calling.Sccrq);
        var reply = calling.Expect<Sccrp>();
        Assert.Equal((sent, sent), (reply.VendorName is not null, reply.FirmwareRevision is not null));
    }

    [Fact]
    public void Omit_tie_breaker_leaves_it_out_of_SCCRQ()
    {
        foreach (var quirks in new[] { PeerQuirks.None, PeerQuirks.OmitTieBreaker })
        {
            var engine = Given.Dialling(Given.AnyPeer with { Quirks = quirks });
            var peer = new ScriptedPeer(engine);
            engine.Start();
            Assert.Equal(quirks == PeerQuirks.None, peer.Expect<Sccrq>().TieBreaker is not null);
        }
    }

    [Fact]
    public void Window_of_one_has_one_message_on_its_way_whatever_the_peer_advertises()
    {
        var sessions = Enumerable.Range(0, 20).Select(i => new LacSession { Name = $"s{i}" }).ToArray();
        foreach (var quirks in new[] { PeerQuirks.None, PeerQuirks.WindowOfOne })
        {
            var engine = Given.Dialling(Given.AnyPeer with { Quirks = quirks }, sessions);
            var peer = new ScriptedPeer(engine);
            engine.Start();
            peer.Answer(peer.Sccrp with { ReceiveWindowSize = 1024 });
            var most = 0;
            for (var asked = 0; asked < sessions.Length;)
            {
                var before = asked;
                for (; asked < sessions.Length && peer.All.Any(a => !a.IsZlb && a.Header.Ns == peer.Nr); asked++)
                    peer.Expect<Icrq>();
                Assert.True(asked > before, "the next request came");
                most = Math.Max(most, asked - before);
                peer.Acknowledge();
            }

            Assert.Equal(quirks == PeerQuirks.None, most > 1);
        }
    }

    [Fact]
    public void Short_result_code_leaves_out_an_error_code_of_0_and_its_text()
    {
        foreach (var quirks in new[] { PeerQuirks.None, PeerQuirks.ShortResultCode })
        {
            var (_, peer) = Established(Given.AnyPeer with { Quirks = quirks });
            peer.Send(new Scccn());
            var result = peer.Expect<StopCcn>().Result;
            Assert.Equal(StopCcnResult.FsmError, result.Result);
            Assert.Equal(quirks == PeerQuirks.None, result.Error is not null || result.Message is not null);
        }
    }

    [Fact]
    public void Short_result_code_counts_for_a_refused_SCCRQ_too()
    {
        foreach (var quirks in new[] { PeerQuirks.None, PeerQuirks.ShortResultCode })
        {
            var peer = new ScriptedPeer(new EngineUnderTest(Given.Lns(Given.AnyPeer with { Quirks = quirks })));
            peer.Send(peer.Sccrq with { Challenge = [1, 2, 3] });
            var result = peer.Expect<StopCcn>().Result;
            Assert.Equal(StopCcnResult.NotAuthorized, result.Result);
            Assert.Equal(quirks == PeerQuirks.None, result.Error is not null || result.Message is not null);
        }
    }

    [Fact]
    public void Short_result_code_counts_for_an_SCCRP_that_is_refused()
    {
        var engine = Given.Dialling(Given.AnyPeer with { Quirks = PeerQuirks.ShortResultCode });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.Send(peer.Sccrp with { Challenge = [1] });
        Assert.Equal(new ResultCode(StopCcnResult.NotAuthorized), peer.Expect<StopCcn>().Result);
    }

    [Fact]
    public void Short_result_code_keeps_an_error_code_that_says_something()
    {
        var (_, peer) = Established(Given.AnyPeer with { Quirks = PeerQuirks.ShortResultCode });
        peer.SendWith(new Hello(), ScriptedPeer.Avp(true, 0, 4711));
        var result = peer.Expect<StopCcn>().Result;
        Assert.Equal((StopCcnResult.GeneralError, (ushort?)GeneralError.UnknownMandatoryAvp), (result.Result, result.Error));
        Assert.Contains("4711", result.Message);
    }

    [Fact]
    public void Short_result_code_counts_for_CDN()
    {
        foreach (var quirks in new[] { PeerQuirks.None, PeerQuirks.ShortResultCode })
        {
            var (engine, peer) = Established(Given.AnyPeer with { Quirks = quirks });
            peer.Call(1);
            engine.Tell(new CloseSession(engine.Tunnel.Sessions.Values.Single().Key, "test"));
            Assert.Equal(new ResultCode(CdnResult.Administrative), peer.Expect<Cdn>().Result);
        }
    }

    [Theory]
    [InlineData(PeerQuirks.None, false)]
    [InlineData(PeerQuirks.AllowMissingChallengeResponse, true)]
    public void A_missing_response_in_SCCCN_is_refused_but_by_the_quirk(PeerQuirks quirks, bool taken)
    {
        var engine = new EngineUnderTest(Given.Lns(Given.WithSecret with { Quirks = quirks }));
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        Assert.NotNull(peer.Expect<Sccrp>().Challenge);
        peer.Send(new Scccn());
        if (taken)
        {
            Assert.Equal((TunnelState.Established, false), (engine.Tunnel.State, engine.Tunnel.IsAuthenticated));
            return;
        }

        Assert.Equal(StopCcnResult.NotAuthorized, peer.Expect<StopCcn>().Result.Result);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Theory]
    [InlineData(PeerQuirks.None, false)]
    [InlineData(PeerQuirks.AllowMissingChallengeResponse, true)]
    public void A_missing_response_in_SCCRP_is_refused_but_by_the_quirk(PeerQuirks quirks, bool taken)
    {
        var engine = Given.Dialling(Given.WithSecret with { Quirks = quirks });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        Assert.NotNull(peer.Expect<Sccrq>().Challenge);
        peer.Send(peer.Sccrp);
        if (taken)
        {
            peer.Expect<Scccn>();
            Assert.Equal((TunnelState.Established, false), (engine.Tunnel.State, engine.Tunnel.IsAuthenticated));
            return;
        }

        Assert.Equal(StopCcnResult.NotAuthorized, peer.Expect<StopCcn>().Result.Result);
    }

    [Fact]
    public void A_wrong_response_is_refused_in_spite_of_the_quirk()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.WithSecret with { Quirks = PeerQuirks.AllowMissingChallengeResponse }));
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        peer.Send(new Scccn { ChallengeResponse = new byte[16] });
        Assert.Equal(StopCcnResult.NotAuthorized, peer.Expect<StopCcn>().Result.Result);
    }

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Established(PeerProfile profile)
    {
        var engine = new EngineUnderTest(Given.Lns(profile with { ReceiveWindow = 8 }));
        var peer = new ScriptedPeer(engine).Dial();
        for (var i = 0; i < 8; i++)
            peer.Send(new Hello());
        // The first windowful is acknowledged at once (ADR 1): here that is over.
        engine.Wait(100);
        peer.Forget();
        return (engine, peer);
    }
}
