using L2tpd.Engine;
using L2tpd.Engine.Reliability;

namespace L2tpd.Unit.Tests.Engine.Reliability;

public class SequenceTests
{
    /// <summary>A channel that has received everything below <paramref name="nextNr"/>.</summary>
    private static ChannelUnderTest Expecting(int nextNr, int receiveWindow = 4)
    {
        var peer = new ChannelUnderTest(receiveWindow: receiveWindow);
        for (var ns = 0; ns < nextNr; ns++)
            peer.ReceiveInOrder((ushort)ns);
        peer.Wire();
        return peer;
    }

    [Fact]
    public void The_sheets_example_after_15_exactly_32768_values_are_duplicates()
    {
        for (var ns = 0; ns <= 65535; ns++)
        {
            if (ns is 16 or (> 16 and < 20))
                continue;
            var peer = DuplicateProbe;
            var expected = ns is <= 15 or >= 32784 ? Arrival.Duplicate : Arrival.OutOfWindow;
            Assert.Equal(expected, peer.Receive(ns));
            Assert.Equal(expected == Arrival.Duplicate ? "a0.16" : "", peer.Wire());
        }

        Assert.Equal(16, DuplicateProbe.Channel.NextNr);
    }

    private ChannelUnderTest DuplicateProbe => field ??= Expecting(16);

    [Fact]
    public void Before_anything_came_the_values_behind_zero_are_duplicates()
    {
        var peer = new ChannelUnderTest();
        Assert.Equal(Arrival.Duplicate, peer.Receive(65535));
        Assert.Equal(Arrival.Duplicate, peer.Receive(32768));
        Assert.Equal(Arrival.OutOfWindow, peer.Receive(32767));
        Assert.Equal(Arrival.InOrder, peer.Receive(0));
    }

    [Fact]
    public void Nr_wraps_at_65535()
    {
        var peer = Expecting(65535);
        Assert.Equal(Arrival.Queued, peer.Receive(0, 0, 8));
        Assert.Equal("a0.65535", peer.Wire());
        Assert.Equal(Arrival.Duplicate, peer.Receive(65534));
        Assert.Equal("a0.65535", peer.Wire());
        Assert.Equal(Arrival.InOrder, peer.Receive(65535));
        Assert.Equal(0, peer.Channel.NextNr);
        Assert.True(peer.Channel.TryDequeueArrived(out var message));
        Assert.Equal([8], message);
        peer.Flush();
        Assert.Equal("a0.1", peer.Wire());
        Assert.Equal(Arrival.Duplicate, peer.Receive(65535));
        Assert.Equal(Arrival.Duplicate, peer.Receive(0));
        Assert.Equal(Arrival.InOrder, peer.Receive(1));
    }

    [Fact]
    public void Ns_wraps_at_65535()
    {
        var peer = new ChannelUnderTest();
        for (var nr = 1; nr <= 65535; nr++)
        {
            peer.Send(1);
            peer.ReceiveAck(nr);
        }

        peer.Wire();
        peer.SendMany(5);
        Assert.Equal("m65535.0 m0.0 m1.0 m2.0", peer.Wire());
        Assert.Equal(3, peer.Channel.NextNs);
        Assert.Equal(Arrival.InvalidNr, peer.ReceiveAck(4));
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck(65534));
        peer.ReceiveAck(1);
        Assert.Equal("m3.0", peer.Wire());
        Assert.Equal(3, peer.Channel.Outstanding);
    }

    [Fact]
    public void An_early_message_waits_for_its_turn_as_a_copy()
    {
        var peer = new ChannelUnderTest();
        byte[] buffer = [42];
        Assert.Equal(Arrival.Queued, peer.Receive(1, 0, buffer));
        buffer[0] = 0;
        Assert.False(peer.Channel.TryDequeueArrived(out _));
        Assert.Equal(Arrival.InOrder, peer.Receive(0, 0, 41));
        Assert.True(peer.Channel.TryDequeueArrived(out var message));
        Assert.Equal([42], message);
        Assert.False(peer.Channel.TryDequeueArrived(out message));
        Assert.Empty(message);
        Assert.Equal(2, peer.Channel.NextNr);
    }

    [Fact]
    public void An_early_message_that_comes_again_is_a_duplicate()
    {
        var peer = new ChannelUnderTest();
        Assert.Equal(Arrival.Queued, peer.Receive(2, 0, 1));
        Assert.Equal(Arrival.Duplicate, peer.Receive(2, 0, 9));
        Assert.Equal("a0.0 a0.0", peer.Wire());
        peer.Receive(1, 0, 5);
        peer.Receive(0);
        Assert.True(peer.Channel.TryDequeueArrived(out _));
        Assert.True(peer.Channel.TryDequeueArrived(out var message));
        Assert.Equal([1], message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    public void The_queue_is_bounded_by_the_window_we_advertised(int window)
    {
        var peer = new ChannelUnderTest(receiveWindow: window);
        for (var ns = 1; ns < window; ns++)
            Assert.Equal(Arrival.Queued, peer.Receive(ns));
        peer.Wire();
        Assert.Equal(Arrival.OutOfWindow, peer.Receive(window));
        Assert.Equal("", peer.Wire());
        Assert.Equal(Arrival.InOrder, peer.Receive(0));
        for (var ns = 1; ns < window; ns++)
            Assert.True(peer.Channel.TryDequeueArrived(out _));
        Assert.Equal(window, peer.Channel.NextNr);
    }

    [Fact]
    public void An_Nr_ahead_of_what_was_sent_makes_the_whole_message_void()
    {
        var peer = new ChannelUnderTest();
        peer.SendMany(3);
        peer.Wire();
        Assert.Equal(Arrival.InvalidNr, peer.Receive(0, 2));
        Assert.Equal(Arrival.InvalidNr, peer.ReceiveAck(2));
        Assert.Equal(Arrival.InvalidNr, peer.ReceiveAck(32767));
        Assert.Equal(0, peer.Channel.NextNr);
        Assert.Equal(3, peer.Channel.Outstanding);
        peer.Flush();
        Assert.Equal("", peer.Wire());
        Assert.Equal(Arrival.InOrder, peer.Receive(0, 1));
    }

    [Fact]
    public void An_older_Nr_releases_nothing_but_its_message_counts()
    {
        var peer = new ChannelUnderTest();
        peer.SendMany(2);
        peer.ReceiveAck(1);
        peer.ReceiveAck(2);
        peer.Send(1);
        peer.Wire();
        Assert.Equal(Arrival.InOrder, peer.Receive(0, 1));
        Assert.Equal(1, peer.Channel.Outstanding);
    }

    [Fact]
    public void Nr_counts_on_duplicates_early_messages_and_those_out_of_window()
    {
        var peer = new ChannelUnderTest();
        peer.ReceiveInOrder(0);
        peer.SendMany(3);
        peer.Wire();
        Assert.Equal(Arrival.Duplicate, peer.Receive(0, 1));
        // The message that the Nr made room for has the acknowledgement: there is no ZLB.
        Assert.Equal("m1.1 m2.1", peer.Wire());
        Assert.Equal(Arrival.Queued, peer.Receive(2, 2));
        Assert.Equal("a3.1", peer.Wire());
        Assert.Equal(Arrival.OutOfWindow, peer.Receive(9, 3));
        Assert.Equal(0, peer.Channel.Outstanding);
    }

    [Fact]
    public void An_acknowledgement_takes_no_slot_and_is_never_acknowledged()
    {
        var peer = new ChannelUnderTest();
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck(0, ns: 0));
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck(0, ns: 3));
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck(0, ns: 65000));
        peer.Flush();
        Assert.Equal("", peer.Wire());
        Assert.Equal(0, peer.Channel.NextNr);
        Assert.Equal(Instant.Never, peer.Channel.NextDeadline);
    }

    [Fact]
    public void The_messages_array_is_kept_and_given_back()
    {
        var peer = new ChannelUnderTest();
        byte[] message = [1, 2, 3];
        peer.Channel.Send(message, new(0), peer);
        peer.AdvanceTo(1000);
        Assert.All(peer.Transmitted, transmitted => Assert.Same(message, transmitted));
        Assert.Equal(2, peer.Transmitted.Count);
    }

    [Fact]
    public void What_was_discarded_is_not_sent_again_and_its_numbers_stay_used()
    {
        var peer = new ChannelUnderTest();
        peer.SendMany(1);
        peer.ReceiveAck(1);
        peer.SendMany(4);
        Assert.Equal("m0.0 m1.0 m2.0", peer.Wire());
        peer.Channel.DiscardOutgoing();
        Assert.Equal(0, peer.Channel.Outstanding);
        Assert.Null(peer.Channel.OldestUnacknowledged);
        Assert.Equal(Instant.Never, peer.Channel.NextDeadline);
        peer.AdvanceTo(60_000);
        Assert.Equal("", peer.Wire());
        // A late acknowledgement of a discarded message is no error; one of a message that was never sent is.
        Assert.Equal(Arrival.AckOnly, peer.ReceiveAck(3));
        Assert.Equal(Arrival.InvalidNr, peer.ReceiveAck(4));
        Assert.Equal(Arrival.InOrder, peer.Receive(0, 2));
        peer.AdvanceTo(60_000);
        Assert.Equal("a3.1", peer.Wire());
    }
}
