using L2tpd.Engine;

namespace L2tpd.Unit.Tests.Engine;

public class DeadlineHeapTests
{
    [Fact]
    public void An_empty_heap_has_no_deadline()
    {
        var heap = new DeadlineHeap<Item>();
        Assert.Equal(Instant.Never, heap.NextDeadline);
        Assert.Null(heap.Peek());
        Assert.False(heap.Remove(new Item()));
    }

    [Fact]
    public void Agrees_with_a_sorted_list_whatever_is_done() =>
        Seeds.ForEach(200, seed =>
        {
            var random = new Random((int)seed);
            var items = Enumerable.Range(0, random.Next(1, 60)).Select(_ => new Item()).ToArray();
            var filed = new Dictionary<Item, Instant>();
            var heap = new DeadlineHeap<Item>();
            for (var step = 0; step < 500; step++)
            {
                var item = items[random.Next(items.Length)];
                var deadline = new Instant(random.Next(-20, 100));
                switch (random.Next(6))
                {
                    case 0:
                        Assert.Equal(filed.Remove(item), heap.Remove(item));
                        break;
                    case 1:
                        heap.Advance(item, deadline);
                        if (!filed.TryGetValue(item, out var old) || deadline < old)
                            filed[item] = deadline;
                        break;
                    case 2 when heap.Peek() is { } first:
                        Assert.True(heap.Remove(first));
                        filed.Remove(first);
                        break;
                    case 3 when random.Next(4) == 0:
                        heap.Update(item, Instant.Never);
                        filed.Remove(item);
                        break;
                    default:
                        heap.Update(item, deadline);
                        filed[item] = deadline;
                        break;
                }

                Assert.Equal(filed.Count, heap.Count);
                Assert.Equal(filed.Count == 0 ? Instant.Never : filed.Values.Min(), heap.NextDeadline);
                Assert.Equal(heap.NextDeadline, heap.Peek() is { } earliest ? filed[earliest] : Instant.Never);
                Assert.All(items, each => Assert.Equal(filed.GetValueOrDefault(each, Instant.Never), heap.DeadlineOf(each)));
            }

            var drained = new List<Instant>();
            while (heap.Peek() is { } next)
            {
                drained.Add(heap.NextDeadline);
                heap.Remove(next);
            }

            Assert.Equal(filed.Values.Order(), drained);
            Assert.All(items, item => Assert.Equal(0, item.HeapIndex));
        });

    [Fact]
    public void A_later_deadline_may_stay_filed_early()
    {
        var heap = new DeadlineHeap<Item>();
        var item = new Item();
        heap.Advance(item, new(100));
        heap.Advance(item, new(200));
        Assert.Equal(new(100), heap.NextDeadline);
        heap.Advance(item, new(50));
        Assert.Equal(new(50), heap.NextDeadline);
        heap.Update(item, new(200));
        Assert.Equal(new(200), heap.NextDeadline);
    }

    [Fact]
    public void Moving_deadlines_allocates_nothing()
    {
        var heap = new DeadlineHeap<Item>();
        var items = Enumerable.Range(0, 100).Select(_ => new Item()).ToArray();
        foreach (var item in items)
            heap.Update(item, new(1));
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 10_000; i++)
                heap.Update(items[i % 100], new(i * 7919 % 1000));
        }));
    }

    private sealed class Item : IDeadlineItem
    {
        public int HeapIndex { get; set; }
    }
}
