using L2tpd.Cli;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Cli;

public sealed class ExplainTests
{
    [Fact]
    public async Task An_explanation_is_a_screen_of_words()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Explanations["alice"] = Samples.Explanation;
        Assert.Equal(
            """
            session hq/office (user alice): it waits for IPCP: the peer has not accepted our address options yet
              done         tunnel  with 192.0.2.1:1701, up for 2 h 11 min
              waiting      IPCP    no\x1b answer
              not reached  DHCPv6  follows IPv6CP
            2026-11-21 01:45:12Z  hq/office: authentication failed: wrong secret

            """,
            (await CliRun.Piped(server.SocketPath, "explain", "alice")).Out);
        Assert.Contains("\u001b[33mwaiting", (await CliRun.Terminal(server.SocketPath, 80, true, "explain", "alice")).Out);
        Assert.StartsWith("{\"subject\":\"session hq/office", (await CliRun.Piped(server.SocketPath, "explain", "alice", "--json")).Out);
        Assert.Equal(
            new CliRun(ExitCodes.Refused, "", "l2tpctl: there is no session, tunnel, user or entry of the history \"bob\"\n"),
            await CliRun.Piped(server.SocketPath, "explain", "bob"));
    }
}
