using L2tpd.Engine;
using L2tpd.Engine.Reliability;

namespace L2tpd.Unit.Tests.Engine.Reliability;

public class RetransmissionTests
{
    [Theory]
    [InlineData(8000, new long[] { 1000, 3000, 7000, 15000, 23000 }, 31000)]
    [InlineData(long.MaxValue, new long[] { 1000, 3000, 7000, 15000, 31000 }, 63000)]
    [InlineData(9000, new long[] { 1000, 3000, 7000, 15000, 24000 }, 33000)]
    [InlineData(0, new long[] { 1000, 2000, 3000, 4000, 5000 }, 6000)]
    public void Backs_off_to_the_cap_and_dies_when_the_last_wait_expires(long cap, long[] times, long death)
    {
        var peer = new ChannelUnderTest(cap: cap);
        peer.Send(7);
        Assert.Equal("m0.0", peer.Wire());
        foreach (var time in times)
        {
            Assert.Equal(new(time), peer.Channel.NextDeadline);
            peer.AdvanceTo(time - 1);
            Assert.Equal("", peer.Wire());
            peer.AdvanceTo(time);
            Assert.Equal("r0.0", peer.Wire());
        }

        peer.AdvanceTo(death - 1);
        Assert.False(peer.Channel.IsDead);
        peer.AdvanceTo(death);
        Assert.True(peer.Channel.IsDead);
        Assert.Equal("", peer.Wire());
        Assert.Equal(Instant.Never, peer.Channel.NextDeadline);
        Assert.Equal(6, peer.Channel.OldestTransmissions);
        Assert.Equal(new(0), peer.Channel.OldestFirstSent);
        Assert.Equal([7], peer.Channel.OldestUnacknowledged);
    }

    [Fact]
    public void Times_count_from_the_transmission()
    {
        var peer = new ChannelUnderTest { Now = 12345 };
        peer.Send(1);
        peer.Wire();
        peer.AdvanceTo(13344);
        Assert.Equal("", peer.Wire());
        peer.AdvanceTo(13345);
        Assert.Equal("r0.0", peer.Wire());
        Assert.Equal(new(12345), peer.Channel.OldestFirstSent);
        Assert.Equal(2, peer.Channel.OldestTransmissions);
    }

    [Fact]
    public void Other_settings_are_kept_to()
    {
        var peer = new ChannelUnderTest(initial: 300, cap: 500, retransmits: 2);
        peer.Send(1);
        peer.Wire();
        peer.AdvanceTo(299);
        Assert.Equal("", peer.Wire());
        peer.AdvanceTo(300);
        Assert.Equal("r0.0", peer.Wire());
        peer.AdvanceTo(799);
        Assert.Equal("", peer.Wire());
        peer.AdvanceTo(800);
        Assert.Equal("r0.0", peer.Wire());
        peer.AdvanceTo(1299);
        Assert.False(peer.Channel.IsDead);
        peer.AdvanceTo(1300);
        Assert.True(peer.Channel.IsDead);
    }

    [Fact]
    public void Without_retransmissions_the_first_timeout_kills()
    {
        var peer = new ChannelUnderTest(retransmits: 0);
        peer.Send(1);
        peer.AdvanceTo(999);
        Assert.False(peer.Channel.IsDead);
        peer.AdvanceTo(1000);
        Assert.True(peer.Channel.IsDead);
        Assert.Equal("m0.0", peer.Wire());
    }

    [Fact]
    public void A_dead_channel_transmits_nothing_and_does_not_come_back()
    {
        var peer = new ChannelUnderTest(retransmits: 0);
        peer.Send(1);
        peer.AdvanceTo(1000);
        peer.Wire();
        peer.Send(2);
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck(1));
        peer.AdvanceTo(100_000);
        Assert.Equal("", peer.Wire());
        Assert.True(peer.Channel.IsDead);
        Assert.Equal([1], peer.Channel.OldestUnacknowledged);
    }

    [Fact]
    public void A_retransmission_keeps_Ns_and_refreshes_Nr()
    {
        var peer = new ChannelUnderTest();
        peer.Send(1);
        Assert.Equal("m0.0", peer.Wire());
        peer.ReceiveInOrder(0);
        Assert.Equal("a1.1", peer.Wire());
        peer.AdvanceTo(1000);
        Assert.Equal("r0.1", peer.Wire());
    }

    [Fact]
    public void A_retransmission_carries_a_waiting_acknowledgement()
    {
        var peer = new ChannelUnderTest(receiveWindow: 4);
        for (var ns = 0; ns < 4; ns++)
            peer.ReceiveInOrder(ns);
        peer.Send(1);
        peer.Wire();
        peer.AdvanceTo(980);
        peer.ReceiveInOrder(4);
        peer.AdvanceTo(2000);
        Assert.Equal("r0.5", peer.Wire());
    }

    [Fact]
    public void Only_the_oldest_is_timed_and_the_rest_follows_as_the_window_opens_again()
    {
        var peer = new ChannelUnderTest(peerWindow: 8);
        peer.SendMany(1);
        peer.ReceiveAck(1);
        peer.SendMany(1);
        peer.ReceiveAck(2);
        peer.SendMany(6);
        Assert.Equal("m0.0 m1.0 m2.0 m3.0 m4.0", peer.Wire());
        peer.AdvanceTo(1000);
        Assert.Equal("r2.0", peer.Wire());
        // The threshold is now 1: congestion avoidance from 1 on, so the first acknowledgement opens the window to 2.
        peer.ReceiveAck(3);
        Assert.Equal("r3.0 r4.0", peer.Wire());
        peer.ReceiveAck(5);
        Assert.Equal("m5.0 m6.0", peer.Wire());
    }

    [Fact]
    public void After_a_timeout_nothing_else_goes_out_before_an_acknowledgement()
    {
        var peer = new ChannelUnderTest();
        peer.Send(1);
        peer.AdvanceTo(1000);
        Assert.Equal("m0.0 r0.0", peer.Wire());
        peer.Send(2);
        peer.ReceiveAck(0);
        Assert.Equal("", peer.Wire());
    }

    [Fact]
    public void What_the_peer_had_kept_is_not_sent_again()
    {
        var peer = new ChannelUnderTest(peerWindow: 8);
        peer.SendMany(1);
        peer.ReceiveAck(1);
        peer.SendMany(1);
        peer.ReceiveAck(2);
        peer.SendMany(3);
        peer.Wire();
        peer.AdvanceTo(1000);
        Assert.Equal("r2.0", peer.Wire());
        peer.ReceiveAck(5);
        Assert.Equal("", peer.Wire());
        Assert.Equal(0, peer.Channel.Outstanding);
        Assert.Equal(Instant.Never, peer.Channel.NextDeadline);
    }

    [Fact]
    public void An_acknowledgement_restarts_the_timer_and_the_backoff_for_the_next_message()
    {
        var peer = new ChannelUnderTest(peerWindow: 1);
        peer.SendMany(2);
        peer.AdvanceTo(7000);
        Assert.Equal("m0.0 r0.0 r0.0 r0.0", peer.Wire());
        peer.AdvanceTo(7500);
        peer.ReceiveAck(1);
        Assert.Equal("m1.0", peer.Wire());
        peer.AdvanceTo(8499);
        Assert.Equal("", peer.Wire());
        peer.AdvanceTo(8500);
        Assert.Equal("r1.0", peer.Wire());
        Assert.Equal(2, peer.Channel.OldestTransmissions);
        Assert.Equal(new(7500), peer.Channel.OldestFirstSent);
        peer.AdvanceTo(10500);
        Assert.Equal("r1.0", peer.Wire());
    }

    [Fact]
    public void A_repeated_acknowledgement_does_not_restart_the_timer()
    {
        var peer = new ChannelUnderTest();
        peer.Send(1);
        peer.AdvanceTo(900);
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck(0));
        peer.AdvanceTo(999);
        Assert.Equal("m0.0", peer.Wire());
        peer.AdvanceTo(1000);
        Assert.Equal("r0.0", peer.Wire());
    }

    [Fact]
    public void An_early_call_does_nothing()
    {
        var peer = new ChannelUnderTest();
        peer.Send(1);
        peer.ReceiveInOrder(0);
        peer.Wire();
        peer.Channel.HandleDeadline(new(999), peer);
        Assert.Equal("", peer.Wire());
    }

    [Fact]
    public void A_late_call_retransmits_once_and_waits_from_then()
    {
        var peer = new ChannelUnderTest();
        peer.Send(1);
        peer.Wire();
        peer.Channel.HandleDeadline(new(5000), peer);
        Assert.Equal("r0.0", peer.Wire());
        Assert.Equal(new(7000), peer.Channel.NextDeadline);
    }
}
