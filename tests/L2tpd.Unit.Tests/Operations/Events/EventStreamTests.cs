using L2tpd.Control;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;

namespace L2tpd.Unit.Tests.Operations.Events;

public sealed class EventStreamTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_reader_gets_what_is_kept_and_then_ends()
    {
        var stream = new EventStream();
        Write(stream, 1, 3);
        using var reader = stream.Open(new EventsRequest());
        Write(stream, 4, 4);
        Assert.Equal([1L, 2, 3], await ReadAll(reader));
        Assert.Equal(0, stream.Readers);
    }

    [Fact]
    public async Task A_reader_that_follows_gets_what_comes_too()
    {
        var stream = new EventStream();
        Write(stream, 1, 2);
        using var reader = stream.Open(new EventsRequest(After: 1, Follow: true));
        Assert.Equal(2, (await Next(reader)).Number);
        var waiting = reader.ReadAsync(Soon, default);
        Assert.False(waiting.IsCompleted);
        Write(stream, 3, 3);
        Assert.Equal(3, (await waiting)!.Number);
        Assert.Null(await reader.ReadAsync(TimeSpan.FromMilliseconds(1), default));
    }

    [Fact]
    public async Task A_slow_reader_is_told_how_many_events_it_missed_and_others_miss_none()
    {
        var stream = new EventStream(queueLength: 10);
        using var slow = stream.Open(new EventsRequest(Follow: true));
        using var quick = stream.Open(new EventsRequest(Follow: true));
        for (var number = 1; number <= 25; number++)
        {
            Write(stream, number, number);
            Assert.Equal(number, (await Next(quick)).Number);
        }

        for (var number = 1; number <= 10; number++)
            Assert.Equal(number, (await Next(slow)).Number);
        var notice = await Next(slow);
        Assert.Equal(("events-missed", 15L), (notice.Kind, notice.Missed));
        Write(stream, 26, 26);
        Assert.Equal(26, (await Next(slow)).Number);
        Assert.False(slow.HasMore);
    }

    [Fact]
    public async Task Of_a_burst_a_bounded_number_is_kept_and_a_reader_that_is_there_gets_all()
    {
        var stream = new EventStream(queueLength: 5_000, keptPerSecond: 1);
        using var reader = stream.Open(new EventsRequest(Follow: true));
        Write(stream, 1, 5_000);
        for (var number = 1; number <= 5_000; number++)
            Assert.Equal(number, (await Next(reader)).Number);
        using var late = stream.Open(new EventsRequest());
        Assert.InRange((await ReadAll(late)).Count, EventStream.Kept - 5, EventStream.Kept);
        Assert.Equal(5_000, stream.Count);
    }

    [Fact]
    public async Task A_reader_that_begins_with_all_that_is_kept_misses_nothing_that_comes_next()
    {
        var stream = new EventStream(queueLength: 10);
        Write(stream, 1, 100);
        using var reader = stream.Open(new EventsRequest(Follow: true));
        Write(stream, 101, 111);
        for (var number = 1; number <= 110; number++)
            Assert.Equal(number, (await Next(reader)).Number);
        Assert.Equal(("events-missed", 1L), await Next(reader) is var notice ? (notice.Kind, notice.Missed ?? 0) : default);
    }

    [Fact]
    public async Task A_reader_of_a_name_gets_its_events_only()
    {
        var stream = new EventStream();
        stream.Observe(new LookupFailed("a.invalid", "no such host"));
        stream.Observe(new LookupFailed("b.invalid", "no such host"));
        using var reader = stream.Open(new EventsRequest("b.invalid"));
        Assert.Equal([2L], await ReadAll(reader));
    }

    [Fact]
    public void The_number_of_readers_is_bounded_and_one_that_leaves_makes_room()
    {
        var stream = new EventStream();
        var readers = Enumerable.Range(0, EventStream.MaxReaders).Select(_ => stream.Open(new EventsRequest(Follow: true))).ToList();
        Assert.Throws<ControlUnavailableException>(() => stream.Open(new EventsRequest(Follow: true)));
        readers[0].Dispose();
        stream.Open(new EventsRequest(Follow: true)).Dispose();
        Assert.Equal(EventStream.MaxReaders - 1, stream.Readers);
    }

    [Fact]
    public async Task Readers_and_the_writer_work_at_the_same_time()
    {
        var stream = new EventStream(queueLength: 20);
        using var reader = stream.Open(new EventsRequest(Follow: true));
        var received = 0L;
        var reading = Task.Run(async () =>
        {
            while (received < 20_000)
                received += await reader.ReadAsync(Soon, default) is { } view ? view.Missed ?? 1 : throw new TimeoutException();
        });
        Write(stream, 1, 20_000);
        await reading;
        Assert.Equal(20_000, received);
    }

    private static void Write(EventStream stream, int first, int last)
    {
        for (var number = first; number <= last; number++)
            stream.Observe(new LookupFailed($"{number}.invalid", "no such host"));
    }

    private static async Task<EventView> Next(EventReader reader) => await reader.ReadAsync(Soon, default) ?? throw new TimeoutException();

    private static async Task<List<long>> ReadAll(EventReader reader)
    {
        var numbers = new List<long>();
        while (await reader.ReadAsync(Soon, default) is { } view)
            numbers.Add(view.Number);
        return numbers;
    }
}
