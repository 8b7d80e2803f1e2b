using L2tpd.DataPlanes.Userspace;
using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>TUN and TAP interfaces that other programs set down or delete.</summary>
public sealed class PacketPortTests : IDisposable
{
    private readonly LoopRig _rig = new();
    private readonly NamespacePair _pair = new();

    public void Dispose()
    {
        _rig.Dispose();
        _pair.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)] // while packets wait for room: nothing is read then, and nothing watched for
    public void One_that_was_deleted_leaves_the_loop_and_its_owner_hears_of_it_once(bool tap, bool isBlocked)
    {
        using var port = Open(tap);
        port.IsBlocked = isBlocked;
        NamespacePair.Run($"ip -n {_pair.First} link set test0 up; ip -n {_pair.First} addr add 10.5.0.1/24 dev test0; ip -n "
            + $"{_pair.First} neigh add 10.5.0.2 lladdr 02:00:00:00:00:02 dev test0 || true");
        NamespacePair.Run($"ip netns exec {_pair.First} ping -n -c 1 -W 0.1 10.5.0.2 || true");
        _rig.RunUntil(() => port.Sent > 0, "a packet of the ping");
        NamespacePair.Run($"ip -n {_pair.First} link del test0");
        _rig.RunUntil(() => port.Gone > 0, "the deletion to be noticed");
        var served = 0;
        for (var i = 0; i < 20; i++)
            served += _rig.Events.RunOnce(MonotonicClock.NowMilliseconds + 5);
        Assert.Equal(0, served);
        Assert.Equal(1, port.Gone);
        port.Deliver(new byte[64]);
    }

    [Fact]
    public void One_that_is_set_down_is_kept()
    {
        using var port = Open(tap: false);
        NamespacePair.Run($"ip -n {_pair.First} addr add 10.5.0.1/24 dev test0");
        for (var round = 1; round <= 2; round++)
        {
            port.Deliver([0x45, 0, 0, 20]); // EIO
            NamespacePair.Run($"ip -n {_pair.First} link set test0 up; ip netns exec {_pair.First} ping -n -c 1 -W 0.1 10.5.0.2 || true");
            var before = port.Sent;
            _rig.RunUntil(() => port.Sent > before, "a packet of the ping");
            NamespacePair.Run($"ip -n {_pair.First} link set test0 down");
            var served = 0;
            for (var i = 0; i < 20; i++)
                served += _rig.Events.RunOnce(MonotonicClock.NowMilliseconds + 5);
            Assert.InRange(served, 0, 20);
        }

        Assert.Equal(0, port.Gone);
    }

    private CountingPort Open(bool tap)
    {
        var device = NetworkNamespace.Make(_pair.First, () =>
        {
            TunTap.TryOpen("test0", tap, offloads: false, out var made).ThrowIfError();
            return made!;
        });
        var port = new CountingPort(device, new PacketBuffers(useOffloads: false));
        port.Start(_rig.Events, _rig.Faults);
        return port;
    }

    private sealed class CountingPort(TunTap device, PacketBuffers buffers) : PacketPort(device, buffers)
    {
        public bool IsBlocked { get; set; }

        public int Sent { get; private set; }

        public int Gone { get; private set; }

        public override void Dispose()
        {
            base.Dispose();
            Device.Dispose();
        }

        protected override bool TrySend(in SegmentedPacket packet, int index)
        {
            Sent++;
            return !IsBlocked;
        }

        protected override void AwaitRoom()
        {
            // There is never room.
        }

        protected override void OnInterfaceDeleted() => Gone++;
    }
}
