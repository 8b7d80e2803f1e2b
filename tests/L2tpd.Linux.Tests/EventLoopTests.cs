using L2tpd.Linux.Interop;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using Tmds.Linux;

namespace L2tpd.Linux.Tests;

public sealed class EventLoopTests
{
    private sealed class Handler(Action<Readiness> onReady) : IReadinessHandler
    {
        public void OnReady(Readiness readiness) => onReady(readiness);
    }

    private sealed class Client(Func<long> deadline, Action<long> onTurn) : ILoopClient
    {
        public long NextDeadline => deadline();

        public void OnTurn(long nowMilliseconds) => onTurn(nowMilliseconds);
    }

    private static UdpSocket Loopback() => UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.IPv4(0x7f000001, 0) });

    private static void SendTo(UdpSocket from, SockAddr to, byte content = 1)
    {
        using var batch = new SendBatch(1);
        Assert.True(batch.TryAdd(to, SockAddr.None, 0, [content]));
        Assert.True(from.Send(batch));
        Assert.Equal(0, batch.Failed);
    }

    [Fact]
    public void Never_early_and_the_turn_comes_at_the_deadline()
    {
        using var loop = new EventLoop();
        for (var wait = 0; wait < 20; wait += 3)
        {
            var deadline = MonotonicClock.NowMilliseconds + wait;
            Assert.Equal(0, loop.RunOnce(deadline));
            Assert.True(MonotonicClock.NowMilliseconds >= deadline);
        }
    }

    [Fact]
    public void A_deadline_that_moves_later_is_kept_and_one_that_moves_earlier_too()
    {
        using var loop = new EventLoop();
        var start = MonotonicClock.NowMilliseconds;
        // Arms the timer for 20 ms. The posted work is served immediately, and the timer stays armed.
        loop.Post(() => { });
        Assert.Equal(1, loop.RunOnce(start + 20));
        Assert.Equal(0, loop.RunOnce(start + 60));
        Assert.True(MonotonicClock.NowMilliseconds >= start + 60);
        loop.Post(() => { });
        Assert.Equal(1, loop.RunOnce(MonotonicClock.NowMilliseconds + 3_600_000));
        var early = MonotonicClock.NowMilliseconds + 10;
        Assert.Equal(0, loop.RunOnce(early));
        Assert.InRange(MonotonicClock.NowMilliseconds, early, early + 60_000);
    }

    [Fact]
    public void Readable_descriptor_is_reported_until_read_and_not_once_unwatched()
    {
        using var loop = new EventLoop();
        using var receiver = Loopback();
        using var sender = Loopback();
        using var batch = new ReceiveBatch(4);
        var calls = 0;
        using var registration = loop.Register(receiver.Descriptor, Readiness.Readable, new Handler(readiness =>
        {
            Assert.True(readiness.HasFlag(Readiness.Readable));
            calls++;
        }));
        SendTo(sender, receiver.LocalAddress);
        Assert.Equal(1, loop.RunOnce(long.MaxValue));
        Assert.Equal(1, loop.RunOnce(long.MaxValue));
        Assert.Equal(2, calls);
        registration.Watch(Readiness.None);
        Assert.Equal(0, loop.RunOnce(0));
        registration.Watch(Readiness.Readable);
        Assert.Equal(1, receiver.Receive(batch));
        Assert.Equal(0, loop.RunOnce(0));
        registration.Watch(Readiness.Readable | Readiness.Writable);
        Assert.Throws<Xunit.Sdk.TrueException>(() => loop.RunOnce(0));
    }

    [Fact]
    public void Registration_disposed_in_the_turn_gets_nothing_nor_does_its_slots_next_owner()
    {
        using var loop = new EventLoop();
        using var one = Loopback();
        using var two = Loopback();
        using var three = Loopback();
        var served = new List<int>();
        LoopRegistration? first = null, second = null, third = null;
        first = loop.Register(one.Descriptor, Readiness.Writable, new Handler(_ => Serve(1, ref second)));
        second = loop.Register(two.Descriptor, Readiness.Writable, new Handler(_ => Serve(2, ref first)));
        Assert.Equal(1, loop.RunOnce(0));
        Assert.Single(served);
        // The new owner of the slot watches reading only, so that an old writable event would be seen.
        Assert.Equal(Readiness.Readable, third!.Interest);
        Assert.Equal(1, loop.RunOnce(0));
        Assert.Equal(served[0], served[1]);
        third.Dispose();
        third.Dispose();

        void Serve(int number, ref LoopRegistration? other)
        {
            served.Add(number);
            other?.Dispose();
            third ??= loop.Register(three.Descriptor, Readiness.Readable, new Handler(_ => served.Add(3)));
        }
    }

    [Fact]
    public void Closed_descriptor_cannot_be_registered()
    {
        using var loop = new EventLoop();
        using var file = new FileDescriptor(Native.open("/etc/passwd", LibC.O_CLOEXEC));
        var refused = Assert.Throws<LinuxException>(() => loop.Register(file, Readiness.Readable, new Handler(_ => { })));
        Assert.Equal((Errno.EPERM, "epoll_ctl"), (refused.Errno, refused.Call));
        var closed = Loopback();
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => loop.Register(closed.Descriptor, Readiness.Readable, new Handler(_ => { })));
    }

    [Fact]
    public void Work_of_other_threads_runs_in_order_on_the_loops_thread()
    {
        using var loop = new EventLoop();
        var seen = new Dictionary<int, int>();
        var total = 0;
        var loopThread = 0;
        const int threads = 4, each = 5_000;
        var run = new Thread(() =>
        {
            loopThread = Environment.CurrentManagedThreadId;
            loop.Run(new Client(() => long.MaxValue, _ => { }));
        });
        run.Start();
        var posters = Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            for (var i = 0; i < each; i++)
            {
                var number = i;
                loop.Post(() =>
                {
                    Assert.Equal(loopThread, Environment.CurrentManagedThreadId);
                    Assert.Equal(number, seen.GetValueOrDefault(thread));
                    seen[thread] = number + 1;
                    if (++total == threads * each)
                        loop.Stop();
                });
            }
        })).ToList();
        posters.ForEach(poster => poster.Start());
        posters.ForEach(poster => poster.Join());
        Assert.True(run.Join(TimeSpan.FromSeconds(60)));
        Assert.Equal(threads * each, total);
        Assert.True(loop.IsStopping);
    }

    [Fact]
    public void Work_that_posts_work_does_not_keep_the_loop_from_its_descriptors()
    {
        using var loop = new EventLoop();
        using var receiver = Loopback();
        using var sender = Loopback();
        var isReady = false;
        using var registration = loop.Register(receiver.Descriptor, Readiness.Readable, new Handler(_ => isReady = true));
        Again();
        SendTo(sender, receiver.LocalAddress);
        for (var i = 0; i < 5 && !isReady; i++)
            loop.RunOnce(long.MaxValue);
        Assert.True(isReady);

        void Again() => loop.Post(Again);
    }

    [Fact]
    public void Client_is_asked_and_called_once_a_turn_and_not_before_its_time()
    {
        using var loop = new EventLoop();
        var turns = new List<(long Deadline, long Now)>();
        var deadline = MonotonicClock.NowMilliseconds + 5;
        loop.Run(new Client(() => deadline, now =>
        {
            turns.Add((deadline, now));
            deadline = now + 5;
            if (turns.Count == 4)
                loop.Stop();
        }));
        Assert.Equal(4, turns.Count);
        Assert.All(turns, turn => Assert.True(turn.Now >= turn.Deadline));
    }

    [Fact]
    public void Stop_before_run_and_post_after_dispose_are_harmless()
    {
        var loop = new EventLoop();
        loop.Stop();
        loop.Stop();
        loop.Run(new Client(() => long.MaxValue, _ => { }));
        loop.Dispose();
        loop.Post(() => Assert.Fail("must not run"));
        loop.Stop();
    }

    [Fact]
    public void A_handlers_exception_reaches_who_runs_the_loop()
    {
        using var loop = new EventLoop();
        loop.Post(() => throw new InvalidOperationException("mine"));
        Assert.Equal("mine", Assert.Throws<InvalidOperationException>(() => loop.Run(new Client(() => long.MaxValue, _ => { }))).Message);
    }

    [Fact]
    public void Nothing_stays_open()
    {
        Descriptors.AssertNoneLeft(() =>
        {
            using var loop = new EventLoop();
            using var socket = Loopback();
            using var registration = loop.Register(socket.Descriptor, Readiness.Readable, new Handler(_ => { }));
            loop.RunOnce(0);
        });
    }
}
