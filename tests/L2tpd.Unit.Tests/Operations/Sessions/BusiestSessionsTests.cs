using L2tpd.Operations.Control;
using L2tpd.Operations.Sessions;
using L2tpd.Protocol;

namespace L2tpd.Unit.Tests.Operations.Sessions;

public sealed class BusiestSessionsTests
{
    private readonly ITestOutputHelper _output;
    private readonly Clock _clock = new();
    private readonly BusiestSessions _rates;
    private Dictionary<SessionIds, SessionOctets> _octets = [];
    private int _readings;

    public BusiestSessionsTests(ITestOutputHelper output) => (_output, _rates) = (output, new BusiestSessions(_clock));

    [Theory]
    [InlineData(BusiestOrder.Rate)]
    [InlineData(BusiestOrder.Octets)]
    public async Task Of_100_000_sessions_the_busiest_are_those_that_a_sort_of_all_finds(BusiestOrder order)
    {
        var random = new SeededRandom((ulong)Seeds.One(_output.WriteLine));
        var before = Enumerable.Range(0, 100_000).ToDictionary(
            static i => Ids((uint)(1 + (i / 1_000)), (uint)(1 + i)),
            _ => new SessionOctets((ulong)random.Below(1_000), (ulong)random.Below(1_000)));
        // Few values, so that there are equals.
        var after = before.ToDictionary(
            static one => one.Key, one => new SessionOctets(one.Value.ToPeer + (ulong)random.Below(300), one.Value.FromPeer));
        _octets = before;
        _clock.OnDelay = () => _octets = after;
        var (seconds, busiest) = await AskAsync(order, 200);
        Assert.Equal(1, seconds);
        var expected = after.Keys
            .OrderByDescending(ids => order == BusiestOrder.Rate ? after[ids].Total - before[ids].Total : after[ids].Total)
            .ThenByDescending(ids => after[ids].Total).ThenBy(static ids => (ids.Tunnel.Value, ids.Session.Value)).Take(200);
        Assert.Equal(expected, busiest.Select(static one => one.Ids));
        Assert.Equal(after[busiest[0].Ids].ToPeer - before[busiest[0].Ids].ToPeer, busiest[0].ToPeer);
    }

    [Fact]
    public async Task Those_who_ask_share_readings_and_an_old_reading_is_no_base()
    {
        _octets = new() { [Ids(1, 1)] = new SessionOctets(0, 0) };
        await AskAsync();
        Assert.Equal(2, _readings);
        _clock.Pass(TimeSpan.FromMilliseconds(499));
        await Task.WhenAll(AskAsync(), AskAsync());
        Assert.Equal(2, _readings);
        _clock.Pass(TimeSpan.FromMilliseconds(1_501));
        _octets = new() { [Ids(1, 1)] = new SessionOctets(4_000, 2_000) };
        var (seconds, busiest) = await AskAsync();
        Assert.Equal((3, 2.0), (_readings, seconds));
        Assert.Equal(new SessionRate(Ids(1, 1), 2_000, 1_000), Assert.Single(busiest));
        _clock.Pass(TimeSpan.FromSeconds(61));
        (seconds, busiest) = await AskAsync();
        Assert.Equal((5, 1.0), (_readings, seconds));
        Assert.Equal(0, Assert.Single(busiest).ToPeer);
    }

    [Fact]
    public async Task Readings_are_dropped_when_nobody_asks()
    {
        await AskAsync();
        Assert.Equal(BusiestSessions.LongestInterval, _clock.Idle.Due);
        _clock.Idle.Fire();
        await AskAsync();
        Assert.Equal(4, _readings);
    }

    [Fact]
    public async Task A_session_that_ended_is_left_out_and_one_with_lower_counters_is_another()
    {
        _octets = new() { [Ids(1, 1)] = new SessionOctets(900, 0), [Ids(1, 2)] = new SessionOctets(900, 900) };
        _clock.OnDelay = () => _octets = new() { [Ids(1, 1)] = new SessionOctets(70, 0), [Ids(1, 3)] = new SessionOctets(0, 80) };
        var (_, busiest) = await AskAsync();
        Assert.Equal([new SessionRate(Ids(1, 3), 0, 80), new SessionRate(Ids(1, 1), 70, 0)], busiest);
    }

    [Fact]
    public async Task A_reading_that_fails_is_told_and_the_next_one_counts()
    {
        await AskAsync();
        _clock.Pass(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ControlUnavailableException>(() => _rates.BusiestAsync(
            static _ => throw new ControlUnavailableException("no"), BusiestOrder.Rate, 1, CancellationToken.None));
        _clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await AskAsync()).Seconds);
    }

    private Task<(double Seconds, IReadOnlyList<SessionRate> Sessions)> AskAsync(BusiestOrder order = BusiestOrder.Rate, int limit = 20) =>
        _rates.BusiestAsync(
            _ =>
            {
                _readings++;
                return Task.FromResult<IReadOnlyDictionary<SessionIds, SessionOctets>>(_octets);
            },
            order, limit, CancellationToken.None);

    private static SessionIds Ids(uint tunnel, uint session) => new(new TunnelId(tunnel), new SessionId(session));

    /// <summary>Time that passes by hand; a wait passes at once.</summary>
    private sealed class Clock : TimeProvider
    {
        private TimeSpan _now;

        public Action OnDelay { get; set; } = static () => { };

        public IdleTimer Idle { get; private set; } = null!;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public void Pass(TimeSpan time) => _now += time;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
                return Idle = new IdleTimer(callback);
            Pass(dueTime);
            OnDelay();
            return TimeProvider.System.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class IdleTimer(TimerCallback callback) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Fire() => callback(null);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
