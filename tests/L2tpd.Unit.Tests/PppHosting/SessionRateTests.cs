using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using Microsoft.Extensions.Logging;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Which rates a session has, and when the link is told.</summary>
public sealed class SessionRateTests
{
    private static readonly RateLimit _five = new(5_000_000, 0);
    private static readonly RateLimit _twenty = new(20_000_000, 0);

    [Fact]
    public void A_user_has_its_own_rates_and_those_of_the_profile_for_the_rest()
    {
        using var rig = new BuiltInRig(BuiltInRig.Client, Server(null, _twenty) with { RateFromPeer = _five, RateToPeer = _five });
        rig.Start(0);
        Assert.Equal(new SessionRates(_five, _twenty), Assert.Single(rig.Lns.Links[0].Rates));
        Assert.Equal(new PppRates(rig.Lns.Ups[0].Session, 20_000_000, 5_000_000), Assert.Single(rig.Lns.Inputs.OfType<PppRates>()));
        // Before its packets pass.
        Assert.True(rig.Lns.Inputs.FindIndex(static input => input is PppRates) < rig.Lns.Inputs.FindIndex(static input => input is PppUp));
    }

    [Fact]
    public void Unlimited_of_a_user_overrides_the_profile()
    {
        using var rig = new BuiltInRig(
            BuiltInRig.Client, Server(RateLimit.Unlimited, RateLimit.Unlimited) with { RateFromPeer = _five, RateToPeer = _five });
        rig.Start(0);
        Assert.Empty(rig.Lns.Links[0].Rates);
        Assert.Empty(rig.Lns.Inputs.OfType<PppRates>());
    }

    [Fact]
    public void A_change_from_outside_applies_at_once_and_survives_the_second_layer()
    {
        using var rig = new BuiltInRig(
            BuiltInRig.Client with { IPv6 = true }, Server(_five, _twenty) with { IPv6 = true });
        rig.Start(0);
        var session = (IAccessSession)rig.Lns.Links[0].Observer;
        Assert.Equal(ControlOutcome.Done, Change(session, new AuthorisationChange { RateToPeer = _five }));
        Assert.Equal(ControlOutcome.Done, Change(session, new AuthorisationChange { RateToPeer = _five }));
        Assert.Equal(ControlOutcome.Done, Change(session, new AuthorisationChange { RateFromPeer = RateLimit.Unlimited }));
        Assert.Equal(
            [new SessionRates(_five, _twenty), new SessionRates(_five, _five), new SessionRates(null, _five)], rig.Lns.Links[0].Rates);
        Assert.Equal(new PppRates(rig.Lns.Ups[0].Session, 5_000_000, null), rig.Lns.Inputs.OfType<PppRates>().Last());
    }

    [Fact]
    public void A_data_plane_without_limits_is_in_the_log_and_the_session_is_up()
    {
        var log = new LinesLog();
        using var rig = new BuiltInRig(BuiltInRig.Client, Server(_five, _twenty), log: log);
        rig.Start(0);
        rig.Lns.Links[0].Observer.OnRatesRefused(new LinuxError(Errno.ENOENT, "RTM_NEWQDISC", "ppp0 tbf"), "sch_tbf");
        Assert.Contains(log.Lines, static line => line.Contains("20M/5M") && line.Contains("The kernel lacks sch_tbf: load that module"));
        Assert.Empty(rig.Lns.Ends);
    }

    private static ControlOutcome Change(IAccessSession session, AuthorisationChange change) =>
        session.Change(new AccessAnswer.Change(1, new SessionIdentification { UserName = "user" }, "here", change), 0);

    private static PppProfile Server(RateLimit? fromPeer, RateLimit? toPeer) => new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, Authentication = [PppAuthentication.Chap],
        Local = System.Net.IPAddress.Parse("10.0.0.1"), Remote = System.Net.IPAddress.Parse("10.0.0.2"), EchoInterval = TimeSpan.Zero,
        Users = [new SecretEntry("user", SecretEntry.Any, "pass", []) { RateFromPeer = fromPeer, RateToPeer = toPeer }],
    };

    private sealed class LinesLog : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
