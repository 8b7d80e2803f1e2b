using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>
/// "Try another" (l2tpv2.md section 4.3): error code 7 with one address as its text (RFC 3193), 9 with a list of them, 7 without any.
/// </summary>
public sealed class RedirectTests
{
    [Theory]
    [InlineData(GeneralError.TryAnother, "192.0.2.9", "192.0.2.9")]
    [InlineData(GeneralError.TryAnotherDirected, "192.0.2.9", "192.0.2.9")]
    [InlineData(GeneralError.TryAnotherDirected, "192.0.2.9, 192.0.2.10", "192.0.2.9")]
    [InlineData(GeneralError.TryAnotherDirected, "[2001:db8::9]", "2001:db8::9")]
    [InlineData(GeneralError.TryAnother, "2001:db8::9", "2001:db8::9")]
    [InlineData(GeneralError.TryAnotherDirected, "[2001:db8::9], 192.0.2.9", "2001:db8::9")]
    public void The_named_address_is_dialled_at_once_on_the_same_port(ushort error, string text, string expected)
    {
        var engine = Dialling(new RemoteHost("192.0.2.2", 1702), new RemoteHost("192.0.2.3"));
        Refuse(engine, "192.0.2.2", 1702, error, text);
        Assert.Equal(0, engine.Elapsed);
        Assert.Equal(At(expected, 1702), engine.Transports[1].Request.Remote);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
    }

    [Fact]
    public void All_addresses_of_a_list_are_tried_in_order_before_the_next_LNS()
    {
        var engine = Dialling(new RemoteHost("192.0.2.2"), new RemoteHost("192.0.2.3"));
        Refuse(engine, "192.0.2.2", 1701, GeneralError.TryAnotherDirected, "192.0.2.9, [2001:db8::9], 192.0.2.10");
        engine.WaitUntil(3 * 15_000);
        Assert.Equal(
            [At("192.0.2.2", 1701), At("192.0.2.9", 1701), At("2001:db8::9", 1701), At("192.0.2.10", 1701), At("192.0.2.3", 1701)],
            engine.Transports.Select(t => t.Request.Remote));
    }

    [Theory]
    [InlineData(GeneralError.TryAnother, null)]
    [InlineData(GeneralError.TryAnother, "")]
    [InlineData(GeneralError.TryAnother, "come back later")]
    [InlineData(GeneralError.TryAnother, "7")]
    [InlineData(GeneralError.TryAnotherDirected, "0.0.0.0")]
    [InlineData(GeneralError.TryAnotherDirected, "255.255.255.255")]
    [InlineData(GeneralError.TryAnotherDirected, "224.0.0.1, ::, ff02::1")]
    [InlineData(GeneralError.InsufficientResources, "192.0.2.9")]
    public void Without_an_address_to_use_the_next_LNS_is_tried(ushort error, string? text)
    {
        var engine = Dialling(new RemoteHost("192.0.2.2"), new RemoteHost("192.0.2.3"));
        Refuse(engine, "192.0.2.2", 1701, error, text);
        Assert.Equal(At("192.0.2.3", 1701), engine.Transports[1].Request.Remote);
    }

    [Fact]
    public void Two_that_send_each_other_round_in_a_circle_are_left_after_a_while()
    {
        var engine = Dialling(new RemoteHost("192.0.2.2"));
        var peers = new[] { new ScriptedPeer(engine), new ScriptedPeer(engine, "192.0.2.3") };
        engine.Start();
        for (var turn = 0; turn < 20 && !engine.EventsOf<RetryScheduled>().Any(); turn++)
        {
            var (peer, other) = (peers[turn % 2], peers[(turn + 1) % 2]);
            peer.Expect<Sccrq>();
            peer.Send(new StopCcn
            {
                AssignedTunnelId = new(peer.TunnelId),
                Result = new ResultCode(StopCcnResult.GeneralError, GeneralError.TryAnother, other.Endpoint.ToIPAddress().ToString()),
            });
            peer.Restart();
        }

        Assert.Single(engine.EventsOf<RetryScheduled>());
        Assert.InRange(engine.Transports.Count, 2, 10);
    }

    [Theory]
    [InlineData(RedirectPolicy.Refuse, "192.0.2.2", "192.0.2.9", false)]
    [InlineData(RedirectPolicy.SamePrefix, "192.0.2.2", "192.0.2.9", true)]
    [InlineData(RedirectPolicy.SamePrefix, "192.0.2.2", "192.0.3.9", false)]
    [InlineData(RedirectPolicy.SamePrefix, "192.0.2.2", "2001:db8::9", false)]
    [InlineData(RedirectPolicy.SamePrefix, "2001:db8::2", "2001:db8:0:0:ffff::9", true)]
    [InlineData(RedirectPolicy.SamePrefix, "2001:db8::2", "2001:db8:0:1::2", false)]
    [InlineData(RedirectPolicy.SamePrefix, "2001:db8::2", "::ffff:192.0.2.9", false)]
    [InlineData(RedirectPolicy.Any, "192.0.2.2", "203.0.113.9", true)]
    public void An_LNS_sends_us_only_where_the_configuration_lets_it(RedirectPolicy policy, string lns, string target, bool isFollowed)
    {
        var engine = Dialling(policy, new RemoteHost(lns), new RemoteHost("192.0.2.3"));
        Refuse(engine, lns, 1701, GeneralError.TryAnother, target);
        Assert.Equal(At(isFollowed ? target : "192.0.2.3", 1701), engine.Transports[1].Request.Remote);
        Assert.Equal(isFollowed ? 0 : 1, engine.EventsOf<RedirectionRefused>().Count());
    }

    [Fact]
    public void By_default_it_sends_us_within_its_own_prefix() => Assert.Equal(RedirectPolicy.SamePrefix, Given.Tunnel().Redirect);

    [Fact]
    public void Only_the_address_that_was_dialled_sends_us_elsewhere()
    {
        var tunnel = Given.Tunnel(Given.AnyPeer with { Quirks = PeerQuirks.AcceptReplyFromAnyAddress }) with
        {
            Redirect = RedirectPolicy.Any, Remotes = [new RemoteHost("192.0.2.2"), new RemoteHost("192.0.2.3")],
        };
        var engine = new EngineUnderTest(Given.Lac(tunnel));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        var stop = new StopCcn
        {
            AssignedTunnelId = new(peer.TunnelId),
            Result = new ResultCode(StopCcnResult.GeneralError, GeneralError.TryAnother, "192.0.2.9"),
        };
        peer.SendBytes(peer.Encode(stop, 0), At("192.0.2.7", 1701));
        Assert.Equal(At("192.0.2.3", 1701), engine.Transports[1].Request.Remote);
    }

    [Fact]
    public void A_list_without_end_is_cut()
    {
        var engine = Dialling(new RemoteHost("192.0.2.2"));
        Refuse(
            engine, "192.0.2.2", 1701, GeneralError.TryAnotherDirected,
            string.Join(", ", Enumerable.Range(1, 60).Select(i => $"10.0.0.{i}")));
        engine.WaitUntil(60 * 31_000);
        Assert.InRange(engine.EventsOf<RetryScheduled>().First().Attempt, 1, 1);
        Assert.InRange(engine.Transports.TakeWhile((t, i) => i == 0 || t.Request.Remote != At("192.0.2.2", 1701)).Count(), 2, 17);
    }

    [Fact]
    public void An_established_tunnel_that_is_sent_elsewhere_is_dialled_where_it_is_configured()
    {
        var engine = Dialling(new RemoteHost("192.0.2.2"));
        var first = new ScriptedPeer(engine);
        engine.Start();
        first.Answer();
        first.Send(new StopCcn
        {
            AssignedTunnelId = new(first.TunnelId),
            Result = new ResultCode(StopCcnResult.GeneralError, GeneralError.TryAnother, "192.0.2.9"),
        });
        first.Restart();
        engine.Wait(1000);
        first.Expect<Sccrq>();
        Assert.All(engine.Transports, t => Assert.Equal(At("192.0.2.2", 1701), t.Request.Remote));
    }

    private static void Refuse(EngineUnderTest engine, string address, ushort port, ushort error, string? text)
    {
        var peer = new ScriptedPeer(engine, address, port);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.GeneralError, error, text) });
    }

    private static EngineUnderTest Dialling(params RemoteHost[] remotes) => Dialling(RedirectPolicy.Any, remotes);

    private static EngineUnderTest Dialling(RedirectPolicy policy, params RemoteHost[] remotes) =>
        new(Given.Lac(Given.Tunnel() with { Redirect = policy, Remotes = [.. remotes], Backoff = new Backoff { Jitter = 0 } }));

    private static Endpoint At(string address, ushort port) => Endpoint.From(IPAddress.Parse(address), port);
}
