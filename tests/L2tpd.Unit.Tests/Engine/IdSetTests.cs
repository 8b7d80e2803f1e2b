using L2tpd.Engine.Addressing;
using L2tpd.Protocol;

namespace L2tpd.Unit.Tests.Engine;

public sealed class IdSetTests
{
    [Fact]
    public void Agrees_with_a_set_of_the_framework_whatever_is_done()
    {
        Seeds.ForEach(50, seed =>
        {
            var random = new Random((int)seed);
            var (ours, model) = (default(IdSet), new HashSet<uint>());
            var range = 1 << random.Next(3, 17);
            for (var step = 0; step < 5000; step++)
            {
                // Long runs of one operation, so that the table grows and shrinks a lot.
                var id = (uint)random.Next(1, range);
                if (step / 700 % 2 == 0 ? random.Next(4) > 0 : random.Next(4) == 0)
                {
                    Assert.Equal(model.Add(id), ours.Add(new SessionId(id)));
                }
                else
                {
                    model.Remove(id);
                    ours.Remove(new SessionId(id));
                }

                Assert.Equal(model.Count, ours.Count);
                Assert.Equal(model.Contains(id), ours.Contains(new SessionId(id)));
            }

            for (uint id = 1; id < range; id++)
                Assert.Equal(model.Contains(id), ours.Contains(new SessionId(id)));
        });
    }

    [Fact]
    public void Takes_all_16_bit_ids_and_the_largest()
    {
        var set = default(IdSet);
        for (uint id = 1; id <= ushort.MaxValue; id++)
            Assert.True(set.Add(new SessionId(id)));
        Assert.True(set.Add(new SessionId(uint.MaxValue)));
        Assert.False(set.Add(new SessionId(uint.MaxValue)));
        for (uint id = 1; id <= ushort.MaxValue; id++)
            set.Remove(new SessionId(id));
        Assert.Equal(1, set.Count);
        Assert.True(set.Contains(new SessionId(uint.MaxValue)));
    }

    [Fact]
    public void Nothing_is_in_an_empty_one()
    {
        var set = default(IdSet);
        set.Remove(new SessionId(7));
        set.Remove(SessionId.None);
        Assert.False(set.Contains(new SessionId(7)));
        Assert.Equal(0, set.Count);
    }
}
