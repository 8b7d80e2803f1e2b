using L2tpd.Engine;
using L2tpd.Engine.Reliability;

namespace L2tpd.Unit.Tests.Engine.Reliability;

public class AcknowledgementTests
{
    /// <summary>A channel after its first messages: acknowledgements are delayed.</summary>
    private static ChannelUnderTest Settled(int receiveWindow = 8, long ackDelay = 50)
    {
        var peer = new ChannelUnderTest(receiveWindow: receiveWindow, ackDelay: ackDelay);
        for (var ns = 0; ns < receiveWindow; ns++)
            peer.ReceiveInOrder(ns);
        peer.Wire();
        return peer;
    }

    [Fact]
    public void Waits_for_the_delay_and_no_longer()
    {
        var peer = Settled();
        peer.AdvanceTo(1000);
        peer.ReceiveInOrder(8);
        Assert.Equal(new(1050), peer.Channel.NextDeadline);
        peer.AdvanceTo(1049);
        Assert.Equal("", peer.Wire());
        peer.AdvanceTo(1050);
        Assert.Equal("a0.9", peer.Wire());
        Assert.Equal(Instant.Never, peer.Channel.NextDeadline);
        peer.AdvanceTo(5000);
        Assert.Equal("", peer.Wire());
    }

    [Fact]
    public void The_delay_counts_from_the_first_message_that_waits()
    {
        var peer = Settled();
        peer.ReceiveInOrder(8);
        peer.AdvanceTo(40);
        peer.ReceiveInOrder(9);
        peer.AdvanceTo(49);
        Assert.Equal("", peer.Wire());
        peer.AdvanceTo(50);
        Assert.Equal("a0.10", peer.Wire());
    }

    [Fact]
    public void Rides_on_a_message()
    {
        var peer = Settled();
        peer.ReceiveInOrder(8);
        peer.AdvanceTo(20);
        peer.Send(1);
        Assert.Equal("m0.9", peer.Wire());
        peer.AdvanceTo(999);
        Assert.Equal("", peer.Wire());
    }

    [Fact]
    public void A_message_that_must_wait_for_the_window_carries_nothing()
    {
        var peer = Settled();
        peer.Send(1);
        peer.Wire();
        peer.ReceiveInOrder(8);
        peer.Send(2);
        peer.AdvanceTo(49);
        Assert.Equal("", peer.Wire());
        peer.AdvanceTo(50);
        Assert.Equal("a1.9", peer.Wire());
    }

    [Fact]
    public void In_the_beginning_every_second_message_is_acknowledged_at_once()
    {
        var peer = new ChannelUnderTest(receiveWindow: 8);
        for (var ns = 0; ns < 8; ns++)
        {
            Assert.Equal(Arrival.InOrder, peer.Receive(ns));
            Assert.Equal("", peer.Wire());
            peer.Flush();
            Assert.Equal(ns % 2 == 0 ? "" : $"a0.{ns + 1}", peer.Wire());
        }

        peer.ReceiveInOrder(8);
        peer.ReceiveInOrder(9);
        Assert.Equal("", peer.Wire());
    }

    [Fact]
    public void In_the_beginning_a_message_alone_waits_for_what_was_read_with_it_and_for_no_delay()
    {
        var peer = new ChannelUnderTest(receiveWindow: 8, ackDelay: 50) { Now = 70 };
        peer.Receive(0);
        peer.Flush();
        Assert.Equal("", peer.Wire());
        Assert.Equal(new(70), peer.Channel.NextDeadline);
        peer.AdvanceTo(70);
        Assert.Equal("a0.1", peer.Wire());
        Assert.Equal(Instant.Never, peer.Channel.NextDeadline);
    }

    [Fact]
    public void In_the_beginning_too_an_answer_carries_it()
    {
        var peer = new ChannelUnderTest(receiveWindow: 8);
        Assert.Equal(Arrival.InOrder, peer.Receive(0));
        peer.Send(1);
        Assert.Equal("m0.1", peer.Wire());
        peer.Flush();
        Assert.Equal("", peer.Wire());
        Assert.Equal(new(1000), peer.Channel.NextDeadline);
    }

    [Fact]
    public void An_acknowledgement_due_at_once_is_not_lost_when_nobody_flushes()
    {
        var peer = new ChannelUnderTest { Now = 70 };
        peer.Receive(0);
        Assert.Equal(new(70), peer.Channel.NextDeadline);
        peer.AdvanceTo(70);
        Assert.Equal("a0.1", peer.Wire());
    }

    [Theory]
    [InlineData(8, 4)]
    [InlineData(9, 4)]
    [InlineData(2, 1)]
    [InlineData(1, 1)]
    public void Half_a_window_unacknowledged_is_acknowledged_at_once(int window, int half)
    {
        var peer = Settled(window);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 1; i <= half; i++)
            {
                Assert.Equal("", peer.Wire());
                peer.ReceiveInOrder(window + (round * half) + i - 1);
            }

            Assert.Equal($"a0.{window + ((round + 1) * half)}", peer.Wire());
        }
    }

    [Fact]
    public void With_a_delay_below_zero_each_message_is_acknowledged_at_once()
    {
        var peer = Settled(ackDelay: -1);
        peer.ReceiveInOrder(8);
        Assert.Equal("a0.9", peer.Wire());
        peer.ReceiveInOrder(9);
        Assert.Equal("a0.10", peer.Wire());
    }

    [Fact]
    public void With_a_delay_of_zero_messages_of_one_batch_share_an_acknowledgement()
    {
        var peer = Settled(ackDelay: 0);
        var now = peer.Now;
        foreach (var ns in (int[])[8, 9])
        {
            Assert.Equal(Arrival.InOrder, peer.Receive(ns));
            peer.Flush();
        }

        Assert.Equal("", peer.Wire());
        peer.AdvanceTo(now);
        Assert.Equal("a0.10", peer.Wire());
    }

    [Fact]
    public void A_duplicate_is_acknowledged_at_once_and_settles_what_waits()
    {
        var peer = Settled();
        peer.ReceiveInOrder(8);
        Assert.Equal(Arrival.Duplicate, peer.Receive(8));
        Assert.Equal("a0.9", peer.Wire());
        peer.AdvanceTo(1000);
        Assert.Equal("", peer.Wire());
    }

    [Fact]
    public void A_lost_acknowledgement_is_repeated_for_each_retransmission()
    {
        var peer = Settled();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Arrival.Duplicate, peer.Receive(7));
            Assert.Equal("a0.8", peer.Wire());
        }
    }

    [Fact]
    public void An_early_message_is_acknowledged_at_once_with_what_is_expected()
    {
        var peer = Settled();
        Assert.Equal(Arrival.Queued, peer.Receive(10));
        Assert.Equal("a0.8", peer.Wire());
    }

    [Fact]
    public void A_closed_gap_is_acknowledged_at_once()
    {
        var peer = Settled();
        peer.Receive(9);
        peer.Wire();
        Assert.Equal(Arrival.InOrder, peer.Receive(8));
        Assert.True(peer.Channel.TryDequeueArrived(out _));
        Assert.Equal("", peer.Wire());
        peer.Flush();
        Assert.Equal("a0.10", peer.Wire());
    }

    [Fact]
    public void A_message_that_had_come_early_is_acknowledged_even_if_the_one_before_it_was_answered()
    {
        var peer = Settled();
        peer.Receive(9);
        peer.Receive(8);
        peer.Wire();
        peer.Send(1);
        Assert.Equal("m0.9", peer.Wire());
        Assert.True(peer.Channel.TryDequeueArrived(out _));
        peer.Flush();
        Assert.Equal("a1.10", peer.Wire());
    }

    [Fact]
    public void An_acknowledgement_lost_on_the_way_is_made_good_by_the_next_message()
    {
        var peer = new ChannelUnderTest(peerWindow: 4);
        peer.SendMany(3);
        peer.ReceiveAck(1);
        peer.Wire();
        // The ZLB with Nr 2 was lost; Nr 3 acknowledges both.
        peer.ReceiveAck(3);
        Assert.Equal(0, peer.Channel.Outstanding);
        Assert.Equal(Instant.Never, peer.Channel.NextDeadline);
    }
}
