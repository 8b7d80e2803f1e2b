using L2tpd.Access;
using L2tpd.Daemon.Hosting;
using L2tpd.Operations.Control;

namespace L2tpd.Unit.Tests.Daemon;

/// <summary>The values of <c>l2tpctl session change</c>.</summary>
public sealed class SessionChangeTests
{
    [Fact]
    public void Values_are_read_as_the_configuration_writes_them()
    {
        var change = Read("rate=10M/512k", "session-timeout=2h", "idle-timeout=never", "interim-interval=60s", "filter=a", "filter=b");
        Assert.Equal((10_000_000ul, 512_000ul), (change.RateToPeer!.BitsPerSecond, change.RateFromPeer!.BitsPerSecond));
        Assert.Equal((7_200_000L, 0L, 60_000L), (change.SessionTimeout, change.IdleTimeout, change.InterimInterval));
        Assert.Equal(["a", "b"], change.Filters!.Value);
        var one = Read("rate=0");
        Assert.Equal((0ul, 0ul, null), (one.RateToPeer!.BitsPerSecond, one.RateFromPeer!.BitsPerSecond, one.SessionTimeout));
    }

    [Theory]
    [InlineData("rate=fast", "rate: `fast` is not a rate; write DOWN/UP in bit/s such as `10M/2M`, one rate for both, or 0 for no limit")]
    [InlineData("session-timeout=90", "session-timeout: a duration needs a unit: `90s`, `90ms`, `90m`")]
    [InlineData("interim-interval=10s", "interim-interval: 10s is too short; at least 60s, or `never`")]
    [InlineData("filter=", "filter: `` is not a value")]
    public void A_wrong_value_is_refused_in_words(string change, string expected) =>
        Assert.Equal(expected, Assert.Throws<ControlRequestException>(() => Read(change)).Message);

    [Fact]
    public void Only_what_was_done_passes()
    {
        SessionChange.ThrowIfRefused(ControlOutcome.Done);
        foreach (var outcome in Enum.GetValues<ControlOutcome>().Where(static outcome => outcome != ControlOutcome.Done))
        {
            Assert.StartsWith("nothing was changed: ",
                Assert.Throws<ControlRequestException>(() => SessionChange.ThrowIfRefused(outcome)).Message, StringComparison.Ordinal);
        }
    }

    private static AuthorisationChange Read(params string[] changes) => SessionChange.Read(
        changes.Select(static word => word.Split('=', 2)).Select(static pair => KeyValuePair.Create(pair[0], pair[1])));
}
