using System.Runtime.CompilerServices;
using L2tpd.Engine.Reliability;

namespace L2tpd.Unit.Tests.Engine.Reliability;

public class MemoryTests
{
    [Fact]
    public void An_idle_channel_is_small()
    {
        const int count = 1000;
        var channels = new ReliableChannel[count];
        _ = new ReliableChannel(default);
        const long largest = 256;
        var allocated = Allocations.Of(() =>
        {
            for (var i = 0; i < count; i++)
                channels[i] = new ReliableChannel(default);
        }, largest * count);
        Assert.InRange(allocated / count, 1, largest);
        Assert.NotNull(channels[count - 1]);
    }

    [Fact]
    public void A_message_costs_no_memory_once_the_queue_has_grown()
    {
        var channel = new ReliableChannel(ChannelUnderTest.Settings(1000, 8000, 5, 50, 64));
        var silence = new Silence();
        byte[] message = [1];
        ushort number = 0;
        Exchange(100);
        Assert.Equal(0, Allocations.Of(() => Exchange(10_000)));

        void Exchange(int times)
        {
            for (var i = 0; i < times; i++)
            {
                channel.Receive(number, number, false, message, new(number), silence);
                channel.Send(message, new(number), silence);
                channel.FlushAck(silence);
                number++;
            }
        }
    }

    [Theory]
    [InlineData(ReliableChannel.MostEarlyOctetsOfStranger, 4)]
    [InlineData(ReliableChannel.MostEarlyOctetsOfPeer, 64)]
    public void Early_messages_are_kept_up_to_a_bound_in_octets_and_given_back_in_order(int most, int kept)
    {
        var peer = new ChannelUnderTest(receiveWindow: 200);
        peer.Channel.MostEarlyOctets = most;
        for (var ns = 1; ns < 200; ns++)
            Assert.Equal(ns <= kept ? Arrival.Queued : Arrival.OutOfWindow, peer.Receive(ns, message: new byte[1_024]));
        Assert.Equal(most, peer.Channel.EarlyOctets);
        Assert.Equal(Arrival.InOrder, peer.Receive(0, message: [1]));
        var taken = 0;
        while (peer.Channel.TryDequeueArrived(out _))
            taken++;
        Assert.Equal((kept, 0), (taken, peer.Channel.EarlyOctets));
    }

    [Fact]
    public void What_a_burst_took_is_given_back()
    {
        var peer = new ChannelUnderTest(peerWindow: 1000);
        peer.SendMany(1000);
        for (var nr = 1; nr <= 1000; nr++)
            peer.ReceiveAck(nr);
        Assert.Equal(0, peer.Channel.Outstanding);
        peer.Wire();
        byte[] message = [1];
        var silence = new Silence();
        var before = GC.GetAllocatedBytesForCurrentThread();
        peer.Channel.Send(message, new(0), silence);
        // A new small queue: the large one was released.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 256);
    }

    [Fact]
    public void An_acknowledged_message_is_forgotten_while_others_wait()
    {
        var channel = new ReliableChannel(ChannelUnderTest.Settings(1000, 8000, 5, 50, 64));
        var first = SendOne(channel);
        var second = SendOne(channel);
        channel.Receive(0, 1, true, [], new(0), new Silence());
        GC.Collect();
        Assert.False(first.IsAlive);
        Assert.True(second.IsAlive);
        GC.KeepAlive(channel);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference SendOne(ReliableChannel channel)
        {
            var message = new byte[100];
            channel.Send(message, new(0), new Silence());
            return new WeakReference(message);
        }
    }

    private sealed class Silence : IReliableSender
    {
        public void Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission)
        {
        }

        public void Acknowledge(ushort ns, ushort nr)
        {
        }
    }
}
