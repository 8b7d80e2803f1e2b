using L2tpd.DataPlanes.Interfaces;
using L2tpd.DataPlanes.Kernel;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Ppp;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Processes;
using L2tpd.Runtime.Sockets;
using L2tpd.Unit.Tests.Engine.V3;
using L2tpd.Unit.Tests.Linux;
using Microsoft.Extensions.Logging.Abstractions;
using static L2tpd.Unit.Tests.DataPlanes.KernelAnswers;

namespace L2tpd.Unit.Tests.DataPlanes;

/// <summary>Sessions whose interface name is in use, and sessions that are made too late, with scripted answers of the kernel.</summary>
public sealed class KernelDataPlaneTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("l2tpd-plane-").FullName;
    private readonly ScriptedKernel l2tp = ScriptedKernel.WithFamily();
    private readonly ScriptedKernel links = new();
    private readonly PostedWork posted = new();
    private readonly LoopTimers timers;
    private readonly KernelLedger ledger;
    private readonly KernelDataPlane plane;
    private long now;

    public KernelDataPlaneTests()
    {
        Assert.True(L2tpNetlink.TryOpen(l2tp, out var netlink).IsNone);
        timers = new LoopTimers(() => now);
        ledger = KernelLedger.Create(System.IO.Path.Combine(directory, "state.json"), new LedgerPlace("boot", "net:[1]"),
            new ProcessIdentity(77, 4_711), NullLogger.Instance);
        plane = new KernelDataPlane(posted, null!, new DescriptorBudget(NullLogger.Instance), timers, netlink!, new RtNetlink(links),
            ledger, NullLogger.Instance);
    }

    public void Dispose()
    {
        plane.Dispose();
        ledger.Dispose();
        posted.Dispose();
        l2tp.Dispose();
        links.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void The_name_of_a_session_that_lives_is_not_waited_for()
    {
        var (first, second) = Sessions();
        MakeFirst(first, second);
        l2tp.On(Refuse);
        links.On(Link);

        plane.CreateSession(second.Session.Key, second);
        posted.Run(1);

        Assert.Equal(new SessionFailed(second.Session.Key, "an interface pw0 exists already"), posted.Inputs[^1]);
    }

    [Fact]
    public void The_name_of_a_session_that_was_destroyed_is_had_when_it_is_gone()
    {
        var (first, second) = Sessions();
        MakeFirst(first, second);
        l2tp.On(Acknowledge).On(Refuse).On(Acknowledge).On(SessionPw0);
        links.On(Link).On(Link).On(Acknowledge).On(Acknowledge);

        plane.DestroySession(first.Session.Key);
        plane.CreateSession(second.Session.Key, second);
        posted.Run(2);
        Assert.Equal(3, posted.Inputs.Count);
        now += 5;
        while (timers.TakeDue(now) is { } due)
            due.Run();
        posted.Run(1);

        Assert.Equal(new SessionCreated(second.Session.Key, "pw0"), posted.Inputs[^1]);
    }

    [Fact]
    public void What_was_destroyed_while_its_name_was_waited_for_is_not_made()
    {
        var (first, second) = Sessions();
        MakeFirst(first, second);
        l2tp.On(Acknowledge).On(Refuse).On(Acknowledge);
        links.On(Link);
        plane.DestroySession(first.Session.Key);
        plane.CreateSession(second.Session.Key, second);
        posted.Run(2);
        var asked = l2tp.Requests.Count;

        plane.DestroySession(second.Session.Key);
        posted.Run(1);
        now += 1_000;
        while (timers.TakeDue(now) is { } due)
            due.Run();

        Assert.Equal(asked + 1, l2tp.Requests.Count);     // its SESSION_DELETE
        Assert.Equal(3, posted.Inputs.Count);
        Assert.Equal(2, plane.Remaining);
    }

    [Fact]
    public void What_is_created_does_not_wait_for_more_than_a_few_deletions()
    {
        const int tunnels = 20;
        const byte create = 1;
        var (first, _) = Sessions();
        var tunnel = first.Session.Tunnel;
        var made = Enumerable.Range(1, tunnels + 1).Select(i => new KernelTunnel(
            new TunnelKey(tunnel.Key.LocalId, (uint)i),
            new TunnelParameters(tunnel, tunnel.Version, tunnel.LocalId, tunnel.PeerId, tunnel.Path, null, 0), NullDevice())).ToArray();
        using var gate = new ManualResetEventSlim();
        for (var i = 0; i < tunnels; i++)
        {
            l2tp.On(Acknowledge);
            plane.Make(made[i]);
        }

        posted.Run(tunnels);
        l2tp.On(request =>
        {
            gate.Wait(TimeSpan.FromSeconds(30));
            return Acknowledge(request);
        });
        for (var i = 0; i < tunnels; i++)
        {
            l2tp.On(Acknowledge);
            plane.DestroyTunnel(made[i].Key);
        }

        plane.Make(made[tunnels]);
        gate.Set();
        posted.Run(tunnels + 1);

        // The command is the first octet after the netlink header.
        var order = l2tp.Requests.TakeLast(tunnels + 1).Select(static request => request[16]).ToList();
        Assert.Equal(8, order.IndexOf(create));
        Assert.Equal(1, plane.Remaining);
    }

    [Fact]
    public async Task The_socket_of_a_session_that_ended_while_it_was_made_is_closed()
    {
        var (first, _) = Sessions();
        var session = new KernelSession(first.Session.Key, TunnelOf(first), first, null) { IsDestroyed = true, IsDeleting = true };
        var descriptor = NullDevice();

        plane.OnMade(session, new SessionMade(null, false, new PppoxSocket(descriptor)));
        // Runs after the queued closing.
        await plane.ReadAsync([]);

        Assert.True(descriptor.IsClosed);
        Assert.Null(session.Socket);
        Assert.Empty(posted.Inputs);
    }

    /// <summary>Two sessions of two peers that have the same interface name, pw0.</summary>
    private static (SessionParameters First, SessionParameters Second) Sessions()
    {
        var named = new SessionProfile { Pseudowire = new PseudowireProfile { Interface = "pw0" } };
        var engine = GivenV3.Responder(GivenV3.Open with { Session = named });
        new PeerV3(engine).Dial().Call(1);
        var other = new PeerV3(engine) { Endpoint = Endpoint.From(System.Net.IPAddress.Parse("192.0.2.3"), 1701) };
        other.Forget();
        other.Dial().Call(2);
        return (engine.CreatedSessions[0], engine.CreatedSessions[1]);
    }

    private static KernelTunnel TunnelOf(SessionParameters session)
    {
        var tunnel = session.Session.Tunnel;
        return new KernelTunnel(tunnel.Key,
            new TunnelParameters(tunnel, tunnel.Version, tunnel.LocalId, tunnel.PeerId, tunnel.Path, null, 0), NullDevice());
    }

    private static FileDescriptor NullDevice()
    {
        using var file = File.OpenHandle("/dev/null");
        using var borrowed = new FileDescriptor((int)file.DangerousGetHandle());
        file.SetHandleAsInvalid();
        return borrowed.Duplicate();
    }

    private void MakeFirst(SessionParameters first, SessionParameters second)
    {
        l2tp.On(Acknowledge).On(Acknowledge).On(Acknowledge).On(SessionPw0);
        links.On(Link).On(Acknowledge).On(Acknowledge);
        plane.Make(TunnelOf(first));
        plane.Make(TunnelOf(second));
        plane.CreateSession(first.Session.Key, first);
        posted.Run(3);
        Assert.Equal(new SessionCreated(first.Session.Key, "pw0"), posted.Inputs[^1]);
    }

    private static byte[][] Refuse(byte[] request) => [ScriptedKernel.Ack(request, Errno.EEXIST)];
}
