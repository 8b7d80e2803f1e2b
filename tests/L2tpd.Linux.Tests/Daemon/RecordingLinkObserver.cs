using System.Net;
using L2tpd.Access;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Records what a <see cref="IPppLink"/> reports to the session that owns it. Any error fails the test.</summary>
internal sealed class RecordingLinkObserver : IPppLinkObserver
{
    public bool IsOpened { get; private set; }

    public bool IsClosed { get; private set; }

    public int Networks { get; private set; }

    public int Routes { get; private set; }

    public void OnOpened(LinuxError error)
    {
        error.ThrowIfError();
        IsOpened = true;
    }

    public void OnFrame(ReadOnlySpan<byte> frame) => Assert.Fail("a data packet came as a frame");

    public bool OnControlPacket(ReadOnlySpan<byte> packet) => false;

    public void OnHangUp()
    {
    }

    public void OnNetworkAdded(LinkNetwork network, LinuxError error)
    {
        error.ThrowIfError();
        Networks++;
    }

    public void OnRouteAdded(IPNetwork destination, LinuxError error)
    {
        error.ThrowIfError();
        Routes++;
    }

    public void OnRouteRefused(LinuxError error)
    {
    }

    public void OnCounters(SessionCounters? counters)
    {
    }

    public void OnClosed() => IsClosed = true;
}
