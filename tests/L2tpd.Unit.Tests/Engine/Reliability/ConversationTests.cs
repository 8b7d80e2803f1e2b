using L2tpd.Engine;
using L2tpd.Engine.Reliability;

namespace L2tpd.Unit.Tests.Engine.Reliability;

public class ConversationTests
{
    [Fact]
    public void Sequence_numbers_are_those_of_the_sheets_example()
    {
        var lac = new ChannelUnderTest();
        var lns = new ChannelUnderTest();

        lac.Send(1);
        Assert.Equal("m0.0", lac.Wire());
        Assert.Equal(Arrival.InOrder, lns.Receive(0, 0));
        lns.Send(2);
        lns.Flush();
        Assert.Equal("m0.1", lns.Wire());
        Assert.Equal(Arrival.InOrder, lac.Receive(0, 1));
        lac.Send(3);
        lac.Flush();
        Assert.Equal("m1.1", lac.Wire());
        Assert.Equal(Arrival.InOrder, lns.Receive(1, 1));
        lns.AdvanceTo(lns.Now);
        Assert.Equal("a1.2", lns.Wire());
        Assert.Equal(Arrival.AckOnly, lac.ReceiveAck(2, ns: 1));

        lac.Send(10);
        Assert.Equal("m2.1", lac.Wire());
        Assert.Equal(Arrival.InOrder, lns.Receive(2, 1));
        lns.Send(11);
        lns.Flush();
        Assert.Equal("m1.3", lns.Wire());
        Assert.Equal(Arrival.InOrder, lac.Receive(1, 3));
        lac.Send(12);
        lac.Flush();
        Assert.Equal("m3.2", lac.Wire());
        Assert.Equal(Arrival.InOrder, lns.Receive(3, 2));
        lns.AdvanceTo(lns.Now);
        Assert.Equal("a2.4", lns.Wire());
        Assert.Equal(Arrival.AckOnly, lac.ReceiveAck(4, ns: 2));

        Assert.Equal(Instant.Never, lac.Channel.NextDeadline);
        Assert.Equal(Instant.Never, lns.Channel.NextDeadline);
    }

    [Fact]
    public void Everything_arrives_once_and_in_order_over_a_bad_link() =>
        Seeds.ForEach(1000, seed =>
        {
            var random = new Random((int)seed);
            new LossyConversation(
                random,
                loss: random.NextDouble() * 0.3,
                duplication: random.NextDouble() * 0.2,
                maximumDelay: random.Next(1, 1500),
                windows: (random.Next(1, 40), random.Next(1, 40)),
                messages: random.Next(1, 80),
                ackDelay: random.Next(0, 300)).Run();
        });

    [Fact]
    public void Everything_arrives_once_and_in_order_beyond_65535_over_a_bad_link() =>
        Seeds.ForEach(1, seed => new LossyConversation(
            new Random((int)seed), loss: 0.02, duplication: 0.02, maximumDelay: 40, windows: (1000, 64), messages: 70_000,
            ackDelay: 20).Run());
}
