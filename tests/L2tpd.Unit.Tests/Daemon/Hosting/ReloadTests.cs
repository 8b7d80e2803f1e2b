using System.Collections.Immutable;
using System.Net;
using L2tpd.Configuration;
using L2tpd.Daemon.Hosting;
using L2tpd.Engine.Configuration;
using L2tpd.PppHosting;
using L2tpd.Unit.Tests.Configuration;

namespace L2tpd.Unit.Tests.Daemon.Hosting;

public sealed class ReloadTests
{
    private static readonly DaemonConfiguration Base = new() { Engine = new EngineConfiguration { HostName = "h" } };

    [Fact]
    public void Peers_tunnels_and_profiles_need_no_restart()
    {
        var then = Base with
        {
            Engine = new EngineConfiguration { HostName = "other", Peers = [new PeerProfile { Name = "new" }] },
            PppProfiles = Profiles("10.0.0.1"),
        };
        Assert.Equal("", ReloadScope.NeedsRestart(Base, then));
    }

    [Fact]
    public void What_needs_a_restart_is_named()
    {
        Assert.Equal("listeners", ReloadScope.NeedsRestart(Base, Base with { Listeners = [new Listener(IPAddress.Any)] }));
        Assert.Equal("data-plane, state-file",
            ReloadScope.NeedsRestart(Base, Base with { DataPlane = DataPlaneChoice.Null, StateFile = "/x" }));
        Assert.Equal("hooks", ReloadScope.NeedsRestart(Base, Base with { Hooks = new HookSettings { SessionUp = ["/x"] } }));
        Assert.Equal("", ReloadScope.NeedsRestart(
            Base with { Hooks = new HookSettings { SessionUp = ["/x"] } }, Base with { Hooks = new HookSettings { SessionUp = ["/x"] } }));
    }

    [Fact]
    public void The_command_lines_log_level_wins_over_every_file()
    {
        Assert.Equal(LogLevelChoice.Debug, new DaemonOptions("f", Base, LogLevelChoice.Debug).Override(Base).Log.Level);
        Assert.Equal(LogLevelChoice.Information, new DaemonOptions("f", Base, null).Override(Base).Log.Level);
    }

    [Fact]
    public void A_pool_keeps_what_it_lent()
    {
        var profiles = new PppProfiles(Profiles("10.0.0.1"));
        Assert.True(profiles.TryGet("p", out _, out var pool));
        Assert.NotNull(pool!.Take());
        profiles.Replace(Profiles("10.0.0.1"));
        Assert.True(profiles.TryGet("p", out _, out var same));
        Assert.Same(pool, same);
        profiles.Replace(Profiles("10.0.0.2"));
        Assert.True(profiles.TryGet("p", out _, out var other));
        Assert.Equal("10.0.0.2", other!.Take()?.ToString());
        profiles.Replace(ImmutableSortedDictionary<string, PppProfile>.Empty);
        Assert.False(profiles.TryGet("p", out _, out var none));
        Assert.Null(none);
        profiles.Replace(Profiles("10.0.0.1"));
        Assert.True(profiles.TryGet("p", out _, out var again));
        Assert.Null(again!.Take());
        Assert.True(again.GiveBack(IPAddress.Parse("10.0.0.1")));
        Assert.Equal("10.0.0.1", again.Take()?.ToString());
    }

    [Theory]
    [InlineData("auto", "backend: pppd", DataPlaneChoice.Kernel, null)]
    [InlineData("auto", "backend: pppd", DataPlaneChoice.Userspace,
        "ppp.x.backend: pppd needs the kernel's PPP: on the userspace data plane set `backend: built-in`")]
    [InlineData("kernel", "backend: pppd", DataPlaneChoice.Userspace,
        "ppp.x.backend: pppd needs the kernel's PPP: on the userspace data plane set `backend: built-in`")]
    [InlineData("auto", "backend: pppd", DataPlaneChoice.Null,
        "peers.p.lns.ppp: PPP needs a data plane that carries data, and data-plane is null")]
    [InlineData("auto", "backend: built-in, local: 10.0.0.1, interface: { shared: s0 }", DataPlaneChoice.Userspace, null)]
    [InlineData("auto", "backend: built-in, local: 10.0.0.1, interface: { shared: s0 }", DataPlaneChoice.Kernel,
        "ppp.x.interface: a shared interface needs `data-plane: userspace`")]
    [InlineData("userspace", "backend: built-in, local: 10.0.0.1, interface: { shared: s0 }", DataPlaneChoice.Kernel,
        "ppp.x.interface: a shared interface needs `data-plane: userspace`")]
    public void A_reload_is_checked_for_the_data_plane_that_runs(string written, string profile, DataPlaneChoice running, string? expected)
    {
        using var files = new TemporaryConfiguration(
            $"data-plane: {written}\nlisten: 0.0.0.0\npeers: {{ p: {{ lns: {{ ppp: x }} }} }}\nppp: {{ x: {{ {profile} }} }}\n");
        Assert.NotNull(files.Load().Configuration);
        var reloaded = files.Load(running);
        Assert.Equal(expected is null ? [] : [expected], reloaded.Errors.Select(static error => $"{error.Key}: {error.Message}"));
        // The new value is kept, so that the report can say that it needs a restart.
        if (reloaded.Configuration is { } configuration)
            Assert.Equal(written, configuration.DataPlane.ToString(), ignoreCase: true);
    }

    private static ImmutableSortedDictionary<string, PppProfile> Profiles(string address) =>
        ImmutableSortedDictionary<string, PppProfile>.Empty.Add(
            "p", new PppProfile { Name = "p", Pool = [new AddressRange(IPAddress.Parse(address), IPAddress.Parse(address))] });
}
