using L2tpd.Engine.Reliability;

namespace L2tpd.Unit.Tests.Engine.Reliability;

public class WindowTests
{
    [Fact]
    public void Slow_start_opens_by_one_for_each_acknowledgement_up_to_the_peers_window()
    {
        var peer = new ChannelUnderTest(peerWindow: 6);
        peer.SendMany(100);
        int[] inFlight = [1, 2, 3, 4, 5, 6, 6, 6, 6, 6];
        for (var acknowledged = 0; acknowledged < inFlight.Length; acknowledged++)
        {
            if (acknowledged > 0)
                peer.ReceiveAck(acknowledged);
            Assert.Equal(inFlight[acknowledged], peer.Channel.NextNs - acknowledged);
        }
    }

    [Fact]
    public void After_a_timeout_slow_start_ends_at_half_and_congestion_avoidance_goes_on()
    {
        var peer = new ChannelUnderTest(peerWindow: 16);
        peer.SendMany(100);
        var nr = 0;
        while (nr < 7)
            peer.ReceiveAck(++nr);
        Assert.Equal(8, peer.Channel.NextNs - nr);
        peer.AdvanceTo(1000);
        // Threshold 4. The eight on the wire are released by one acknowledgement: one step of slow start.
        nr = 15;
        peer.ReceiveAck(nr);
        // cwnd after each further acknowledgement: slow start to 4, then one more for every cwnd acknowledgements.
        int[] windows = [2, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7];
        foreach (var window in windows)
        {
            Assert.Equal(window, peer.Channel.NextNs - nr);
            peer.ReceiveAck(++nr);
        }
    }

    [Fact]
    public void A_second_timeout_leaves_a_threshold_of_one()
    {
        var peer = new ChannelUnderTest(peerWindow: 16);
        peer.SendMany(100);
        for (var nr = 1; nr <= 7; nr++)
            peer.ReceiveAck(nr);
        peer.AdvanceTo(3000);
        peer.ReceiveAck(15);
        int[] windows = [2, 2, 3, 3, 3, 4];
        var acknowledged = 15;
        foreach (var window in windows)
        {
            Assert.Equal(window, peer.Channel.NextNs - acknowledged);
            peer.ReceiveAck(++acknowledged);
        }
    }

    [Fact]
    public void A_timeout_forgets_progress_made_in_congestion_avoidance()
    {
        var peer = new ChannelUnderTest(peerWindow: 16);
        peer.SendMany(100);
        for (var nr = 1; nr <= 7; nr++)
            peer.ReceiveAck(nr);
        peer.AdvanceTo(1000);
        for (var nr = 15; nr <= 20; nr++)
            peer.ReceiveAck(nr);
        // cwnd 4 and three of the four acknowledgements towards 5; now the threshold becomes 2.
        Assert.Equal(24, peer.Channel.NextNs);
        peer.AdvanceTo(2000);
        peer.ReceiveAck(24);
        int[] windows = [2, 2, 3, 3, 3, 4];
        var acknowledged = 24;
        foreach (var window in windows)
        {
            Assert.Equal(window, peer.Channel.NextNs - acknowledged);
            peer.ReceiveAck(++acknowledged);
        }
    }

    [Fact]
    public void A_window_of_one_is_stop_and_wait()
    {
        var peer = new ChannelUnderTest(peerWindow: 1);
        peer.SendMany(4);
        Assert.Equal("m0.0", peer.Wire());
        for (var nr = 1; nr <= 3; nr++)
        {
            peer.ReceiveAck(nr);
            Assert.Equal($"m{nr}.0", peer.Wire());
        }

        peer.ReceiveAck(4);
        Assert.Equal("", peer.Wire());
        Assert.Equal(0, peer.Channel.Outstanding);
    }

    [Fact]
    public void Four_is_assumed_until_the_peers_window_is_known()
    {
        var peer = new ChannelUnderTest();
        peer.SendMany(100);
        for (var nr = 1; nr <= 20; nr++)
            peer.ReceiveAck(nr);
        Assert.Equal(4, peer.Channel.NextNs - 20);
    }

    [Fact]
    public void A_window_learned_late_opens_from_4_to_32767()
    {
        var peer = new ChannelUnderTest();
        peer.SendMany(1);
        peer.ReceiveAck(1);
        peer.Channel.SetPeerWindow(65535);
        peer.SendMany(65000);
        var nr = 1;
        while (peer.Channel.NextNs - nr < 5)
            peer.ReceiveAck(++nr);
        var queued = 65000;
        while ((ushort)(peer.Channel.NextNs - nr) < 32767)
        {
            peer.ReceiveAck((ushort)++nr);
            peer.Send(1);
            queued++;
            Assert.True(nr < 40000, "the window stopped growing");
        }

        peer.SendMany(10);
        for (var i = 0; i < 10; i++)
            peer.ReceiveAck((ushort)++nr);
        Assert.Equal(32767, (ushort)(peer.Channel.NextNs - nr));
        Assert.Equal(queued + 11 - nr, peer.Channel.Outstanding);
        // With all that on the wire an Nr of the far end still differs from one of the past.
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck((ushort)(nr - 1)));
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck((ushort)(nr + 32767)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void An_invalid_window_counts_as_one(int window)
    {
        var peer = new ChannelUnderTest(peerWindow: window);
        peer.SendMany(3);
        peer.ReceiveAck(1);
        Assert.Equal("m0.0 m1.0", peer.Wire());
    }

    [Fact]
    public void A_window_that_shrinks_is_kept_to()
    {
        var peer = new ChannelUnderTest(peerWindow: 8);
        peer.SendMany(30);
        for (var nr = 1; nr <= 7; nr++)
            peer.ReceiveAck(nr);
        Assert.Equal(15, peer.Channel.NextNs);
        peer.Channel.SetPeerWindow(2);
        peer.Wire();
        for (var nr = 8; nr <= 13; nr++)
            peer.ReceiveAck(nr);
        Assert.Equal("", peer.Wire());
        peer.ReceiveAck(14);
        Assert.Equal("m15.0", peer.Wire());
    }

    [Fact]
    public void Waiting_messages_have_no_Ns_yet()
    {
        var peer = new ChannelUnderTest();
        peer.SendMany(3);
        Assert.Equal(1, peer.Channel.NextNs);
        Assert.Equal(3, peer.Channel.Outstanding);
        peer.Receive(5);
        peer.Wire();
        peer.ReceiveInOrder(0);
        Assert.Equal("a1.1", peer.Wire());
    }
}
