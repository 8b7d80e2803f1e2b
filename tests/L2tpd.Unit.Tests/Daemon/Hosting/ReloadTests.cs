using System.Collections.Immutable;
using System.Net;
using L2tpd.Daemon.Configuration;
using L2tpd.Daemon.Hosting;
using L2tpd.Daemon.Ppp;
using L2tpd.Engine.Configuration;

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
        Assert.Equal("data-plane, state-file", ReloadScope.NeedsRestart(Base, Base with { DataPlane = DataPlaneChoice.Null, StateFile = "/x" }));
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

    private static ImmutableSortedDictionary<string, PppProfile> Profiles(string address) =>
        ImmutableSortedDictionary<string, PppProfile>.Empty.Add(
            "p", new PppProfile { Name = "p", Pool = [new AddressRange(IPAddress.Parse(address), IPAddress.Parse(address))] });
}
