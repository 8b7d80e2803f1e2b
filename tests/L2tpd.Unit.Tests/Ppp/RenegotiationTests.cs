using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>A subscriber that restarts the negotiation repeatedly: it may do so a few times, and gets no more time by it.</summary>
public class RenegotiationTests
{
    private static readonly PppProfile _plain = new() { Ipv6 = false, EchoInterval = 0 };
    private static readonly AddressGrant _grant = new(Ipv4Address.Parse("10.0.0.1"), Ipv4Address.Parse("10.0.0.9"));

    [Fact]
    public void LCP_starts_over_ten_times_at_once_and_then_once_in_ten_seconds()
    {
        var rig = new PppRig(_plain);
        rig.OpenLcp();
        RestartLcp(rig, rounds: 1_000);
        Assert.Equal(10, rig.Log.Count(static line => line == "link restarted"));
        Assert.Equal(PppState.Opened, rig.Endpoint.LcpState);

        rig.Now += 9_999;
        RestartLcp(rig, rounds: 10);
        Assert.Equal(10, rig.Log.Count(static line => line == "link restarted"));
        rig.Now += 1;
        RestartLcp(rig, rounds: 10);
        Assert.Equal(11, rig.Log.Count(static line => line == "link restarted"));
    }

    [Fact]
    public void A_network_layer_starts_over_ten_times_at_once()
    {
        var rig = new PppRig(_plain with { Server = true });
        rig.OpenLcp();
        rig.Endpoint.HandleAddress(rig.AddressRequests[0].Attempt, _grant, rig.Now, rig);
        OpenIpcp(rig, 1);
        for (var i = 0; i < 1_000; i++)
            OpenIpcp(rig, i + 2);

        Assert.Equal(10, rig.Log.Count(static line => line == "ipv4 down"));
        Assert.Equal(PppState.Opened, rig.Endpoint.StateOf(PppProtocol.Ipcp));
        Assert.Equal("10.0.0.9", rig.Endpoint.Networks.OfType<Ipv4Network>().Single().Peer.ToString());
    }

    [Fact]
    public void After_a_restart_of_LCP_a_network_layer_does_not_use_its_identifiers_again()
    {
        var rig = new PppRig(_plain);
        rig.OpenLcp();
        Assert.Equal("802101010016" + "030600000000" + "810600000000" + "830600000000", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 1, 2, "0506 99999998");
        rig.AckOwnRequest(PppProtocol.Lcp);
        // RFC 1661 section 5.1: late copies of the earlier requests must not pass for answers or requests of this negotiation.
        Assert.Equal("802101110016" + "030600000000" + "810600000000" + "830600000000", rig.AllSent()[^1]);
    }

    [Theory]
    [InlineData(AuthenticationProtocol.Pap)]
    [InlineData(AuthenticationProtocol.ChapMd5)]
    public void The_time_for_the_proof_counts_from_the_first_LCP(AuthenticationProtocol protocol)
    {
        var rig = new PppRig(_plain with { RequireFromPeer = [protocol], AuthenticationTimeout = 30_000 });
        rig.OpenLcp();
        for (var i = 0; rig.End is null && rig.Now < 600_000; i++)
        {
            rig.Now += 2_500;
            rig.Endpoint.HandleDeadline(rig.Now, rig);
            RestartLcp(rig, rounds: 1);
        }

        Assert.Equal(PppEndCause.AuthenticationTimeout, rig.End?.Cause);
        Assert.InRange(rig.Now, 30_000, 32_500 + 7_500);
    }

    [Fact]
    public void A_proof_that_was_given_once_is_wanted_again_in_time_after_LCP_starts_over()
    {
        var rig = new PppRig(_plain with { RequireFromPeer = [AuthenticationProtocol.Pap], AuthenticationTimeout = 30_000 });
        rig.OpenLcp();
        rig.Now = 20_000;
        rig.Receive(PppProtocol.Pap, 1, 1, "0161 0162");
        rig.Endpoint.HandleAuthentication(rig.Proofs[0].Attempt, new AuthenticationResult { Accepted = true }, rig.Now, rig);
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
        rig.Now = 40_000;
        RestartLcp(rig, rounds: 1);
        Assert.Equal(PppPhase.Authenticate, rig.Endpoint.Phase);
        rig.Now = 69_999;
        rig.Endpoint.HandleDeadline(rig.Now, rig);
        Assert.Equal(PppPhase.Authenticate, rig.Endpoint.Phase);
        rig.Now = 70_000;
        rig.Endpoint.HandleDeadline(rig.Now, rig);
        Assert.Equal(PppPhase.Terminate, rig.Endpoint.Phase);
    }

    [Fact]
    public void The_time_to_the_first_network_layer_is_not_given_again_by_starting_over()
    {
        var rig = new PppRig(_plain with { SetupTimeout = 90_000 });
        rig.OpenLcp();
        while (rig.End is null && rig.Now < 1_000_000)
        {
            rig.Now += 15_000;
            rig.Endpoint.HandleDeadline(rig.Now, rig);
            RestartLcp(rig, rounds: 1);
        }

        Assert.InRange(rig.Now, 90_000, 120_000);
    }

    private static void RestartLcp(PppRig rig, int rounds)
    {
        for (var i = 0; i < rounds && rig.Endpoint.Phase is not (PppPhase.Terminate or PppPhase.Ended); i++)
        {
            rig.Receive(PppProtocol.Lcp, 1, i, "0506 99999998");
            if (rig.Endpoint.LcpState == PppState.AckSent)
                rig.AckOwnRequest(PppProtocol.Lcp);

            rig.Frames.Clear();
        }
    }

    private static void OpenIpcp(PppRig rig, int id)
    {
        rig.Receive(PppProtocol.Ipcp, 1, id, "0306 0a000009");
        if (rig.Endpoint.StateOf(PppProtocol.Ipcp) == PppState.AckSent)
            rig.AckOwnRequest(PppProtocol.Ipcp);

        rig.Frames.Clear();
    }
}
