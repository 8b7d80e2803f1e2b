using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Linux.Host;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Userspace;
using L2tpd.Protocol;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// IPv6 control packets of a peer in the userspace data path: an observer of the link may claim them, with any kind of interface.
/// </summary>
public sealed class Ipv6ControlPathTests : IDisposable
{
    private const ulong Ours = 1;
    private const ulong Peers = 5;
    private const string Solicitation = "6000000000083aff" + "fe800000000000000000000000000005" + "ff020000000000000000000000000002"
        + "8500000000000000";
    private const string Unspecified = "6000000000083aff" + "00000000000000000000000000000000" + "ff020000000000000000000000000002"
        + "8500000000000000";
    private const string Forged = "6000000000083aff" + "fe800000000000000000000000000006" + "ff020000000000000000000000000002"
        + "8500000000000000";
    private const string Echo = "6000000000083aff" + "fe800000000000000000000000000005" + "fe800000000000000000000000000001"
        + "8000000000000000";
    private const string Answer = "ff030057" + "6000000000103aff";

    private readonly UserspaceRig _rig = new();
    private readonly ClaimingObserver _observer = new();
    private readonly UserspacePppLinks _links;

    public Ipv6ControlPathTests()
    {
        var worker = new InterfaceWorker(_rig.Rig.Faults, _rig.Rig);
        var guards = new RouteGuards(_rig.Rig.Events, _rig.Rig.Faults, _rig.Rig, _rig.Rig.Timers, worker, _rig.Rig);
        _links = new UserspacePppLinks(_rig.DataPlane, _rig.Rig.Events, _rig.Rig.Faults, _rig.Rig, _rig.Rig.Timers, guards, _rig.Rig);
    }

    // The system sends packets of its own into a shared interface, and those are dropped. They are not counted here.
    private (long WrongSource, long Malformed, long Discarded) DropsFromPeer =>
        (_links.Drops.WrongSource, _links.Drops.Malformed, _links.Drops.Discarded);

    public void Dispose()
    {
        _observer.Link?.Close();
        _rig.Rig.RunUntil(() => _observer.IsClosed, "the link to close");
        _links.Dispose();
        _rig.Dispose();
    }

    [Theory]
    [InlineData(PppInterfaceShape.Own)]
    [InlineData(PppInterfaceShape.Shared)]
    [InlineData(PppInterfaceShape.None)]
    public void A_claimed_packet_is_answered_and_goes_no_further(PppInterfaceShape shape)
    {
        var session = Open(shape);
        Receive(session, Solicitation);
        Assert.Equal(Solicitation, Assert.Single(_observer.Claimed));
        Assert.EndsWith(Answer, _rig.PeerReceives(), StringComparison.Ordinal);
        Receive(session, Unspecified);
        Assert.Equal(2, _observer.Claimed.Count);
        Assert.Equal((0, 0, 0), DropsFromPeer);
    }

    [Theory]
    [InlineData(PppInterfaceShape.Own)]
    [InlineData(PppInterfaceShape.Shared)]
    public void Forged_sources_and_data_are_not_offered(PppInterfaceShape shape)
    {
        var session = Open(shape);
        Receive(session, Forged);
        Receive(session, Echo);
        Assert.Empty(_observer.Claimed);
        Assert.Equal((1, 0, 0), DropsFromPeer);
    }

    [Fact]
    public void What_nobody_claims_is_delivered_as_before()
    {
        _observer.IsClaiming = false;
        var session = Open(PppInterfaceShape.None);
        Receive(session, Solicitation);
        Assert.Single(_observer.Claimed);
        Assert.Equal((0, 0, 1), DropsFromPeer);
    }

    private static void Receive(UserspaceSession session, string packet) => session.Port!.Receive(Convert.FromHexString("0057" + packet));

    private UserspaceSession Open(PppInterfaceShape shape)
    {
        _rig.MakeTunnel(ProtocolVersion.V2);
        var session = _rig.MakeSession();
        var settings = new LinkSettings($"l2t-{shape}", 1400, shape, false, 1400, null, shape == PppInterfaceShape.Shared ? Ours : 0, []);
        var link = _links.Create(UserspaceRig.SessionKey, settings, _observer)!;
        _observer.Link = link;
        link.Open(tunnelEnd: null);
        _rig.Rig.RunUntil(() => _observer.IsOpened, "the link to open");
        link.AddNetwork(new LinkNetwork(SessionDescription.LinkLocal(Ours), SessionDescription.LinkLocal(Peers), 1400, CheckSource: true));
        _rig.Rig.RunUntil(() => _observer.IsAdded, "the network to flow");
        return session;
    }

    private sealed class ClaimingObserver : IPppLinkObserver
    {
        public IPppLink? Link { get; set; }

        public bool IsClaiming { get; set; } = true;

        public bool IsOpened { get; private set; }

        public bool IsAdded { get; private set; }

        public bool IsClosed { get; private set; }

        public List<string> Claimed { get; } = [];

        public void OnOpened(LinuxError error)
        {
            error.ThrowIfError();
            IsOpened = true;
        }

        public void OnFrame(ReadOnlySpan<byte> frame) => Assert.Fail("a data packet came as a frame");

        public bool OnControlPacket(ReadOnlySpan<byte> packet)
        {
            Claimed.Add(Convert.ToHexStringLower(packet));
            if (IsClaiming)
                Link!.Send(Convert.FromHexString(Answer));
            return IsClaiming;
        }

        public void OnHangUp()
        {
        }

        public void OnNetworkAdded(LinkNetwork network, LinuxError error)
        {
            error.ThrowIfError();
            IsAdded = true;
        }

        public void OnRouteAdded(IPNetwork destination, LinuxError error)
        {
        }

        public void OnRouteRefused(LinuxError error)
        {
        }

        public void OnCounters(SessionCounters? counters)
        {
        }

        public void OnClosed() => IsClosed = true;
    }
}
