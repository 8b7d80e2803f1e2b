using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Control;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>How far PPP is said to be, in the states of a session.</summary>
public sealed class BuiltInExplainTests
{
    private static readonly PppProfile Server = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, Authentication = [PppAuthentication.Chap], Local = IPAddress.Parse("10.99.0.1"),
        Pool = [new AddressRange(IPAddress.Parse("10.99.0.10"), IPAddress.Parse("10.99.0.20"))],
        Users = [new SecretEntry("user", "*", "pass", [])],
        EchoInterval = TimeSpan.Zero,
    };

    [Fact]
    public void A_session_that_is_up_has_every_step_done_or_off()
    {
        using var rig = new BuiltInRig(BuiltInRig.Client, Server);
        rig.Start(0);
        Assert.Equal(
            ["LCP done", "authentication done", "IPCP done", "IPv6CP off", "DHCPv6 off"], StatesOf(rig.Lns));
        Assert.Equal("the user is user (ChapMd5)", TextOf(rig.Lns, "authentication"));
        Assert.Equal("we are 10.99.0.1, the peer is 10.99.0.10", TextOf(rig.Lns, "IPCP"));
        Assert.Equal("the peer accepts us as user (ChapMd5)", TextOf(rig.Lac, "authentication"));
        Assert.Empty(rig.Lns.Backend.Explain(default));
    }

    [Fact]
    public void A_silent_peer_is_said_to_be_silent()
    {
        using var rig = new BuiltInRig(BuiltInRig.Client, Server);
        rig.Start(0, static cut => cut.Lac.Links[0].IsCut = cut.Lns.Links[0].IsCut = true);
        Assert.Equal("our Configure-Request waits for an answer of the peer", TextOf(rig.Lns, "LCP"));
        rig.Pass(5_000);
        Assert.Equal(
            ["LCP waiting", "authentication not-reached", "IPCP not-reached", "IPv6CP off", "DHCPv6 off"], StatesOf(rig.Lns));
        Assert.Equal(
            "our Configure-Request waits for an answer of the peer; nothing was heard from the peer for 5 s", TextOf(rig.Lns, "LCP"));
    }

    [Fact]
    public void A_name_that_waits_for_radius_says_so()
    {
        using var rig = new BuiltInRig(BuiltInRig.Client, Server with { Access = AccessChoice.Radius });
        rig.Lns.Backend.AccessOf = static _ => new SilentAccess();
        rig.Start(0);
        Assert.Equal("the name user waits for the answer of RADIUS (ChapMd5)", TextOf(rig.Lns, "authentication"));
        Assert.Equal("authentication waiting", StatesOf(rig.Lns)[1]);
        Assert.Equal("IPCP not-reached", StatesOf(rig.Lns)[2]);
        Assert.StartsWith("the peer has not accepted our name user yet", TextOf(rig.Lac, "authentication"));
    }

    [Fact]
    public void A_channel_that_is_not_open_is_what_lcp_waits_for()
    {
        using var rig = new BuiltInRig(BuiltInRig.Client, Server);
        IReadOnlyList<ExplanationStep>? steps = null;
        rig.Start(0, before => steps = before.Lns.Backend.Explain(before.Lns.KeyOf(0)));
        Assert.Equal("waits for the data plane to open the session's PPP channel", steps![0].Text);
    }

    private static string[] StatesOf(BuiltInRig.Side side) =>
        [.. side.Backend.Explain(side.KeyOf(0)).Select(static step => $"{step.Part} {step.State}")];

    private static string TextOf(BuiltInRig.Side side, string part) =>
        side.Backend.Explain(side.KeyOf(0)).Single(step => step.Part == part).Text;

    /// <summary>A server that never answers.</summary>
    private sealed class SilentAccess : IAccessBackend
    {
        public long NextDeadline => long.MaxValue;

        public void Authenticate(ulong requestId, AccessRequest request, long now)
        {
        }

        public void Account(ulong requestId, AccountingRecord record, long now)
        {
        }

        public void Cancel(ulong requestId)
        {
        }

        public bool TryTake(out AccessAnswer? answer)
        {
            answer = null;
            return false;
        }

        public void Answer(ulong requestId, ControlOutcome outcome)
        {
        }

        public void HandleDeadline(long now)
        {
        }
    }
}
