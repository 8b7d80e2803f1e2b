using L2tpd.PppHosting.Pppd;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Lines that pppd 2.4.9 wrote in the VM.</summary>
public sealed class PppdOutputTests
{
    [Theory]
    [InlineData("10.0.0.53", "primary   DNS address 10.0.0.53")]
    [InlineData("10.0.0.53 10.0.0.54", "primary   DNS address 10.0.0.53", "secondary DNS address 10.0.0.54")]
    [InlineData("10.0.0.53", "primary   DNS address 10.0.0.53", "secondary DNS address 10.0.0.53")]
    [InlineData(null, "remote IP address 10.0.0.1")]
    public void Name_servers(string? expected, params string[] lines)
    {
        var output = new PppdOutput();
        foreach (var line in lines)
            output.Read(line);
        Assert.Equal(expected, output.NameServers);
    }

    [Fact]
    public void Interface_and_addresses_are_read()
    {
        var output = Read("Plugin pppol2tp.so loaded.", "Using interface ppp7", "Connect: ppp7 <--> ", "local  IP address 10.20.0.1");
        Assert.False(output.HasIPv4);
        output.Read("remote IP address 10.20.0.10");
        Assert.True(output.HasIPv4);
        Assert.Equal(("ppp7", "10.20.0.1", "10.20.0.10"), (output.Interface, output.LocalAddress, output.RemoteAddress));
        Assert.False(output.HasIPv6);
    }

    [Fact]
    public void Link_local_addresses_are_read()
    {
        var output = Read("Using interface ppp0", "local  LL address fe80::1", "remote LL address fe80::2");
        Assert.True(output.HasIPv6);
        Assert.False(output.HasIPv4);
        Assert.Equal(("fe80::1", "fe80::2"), (output.LocalLinkLocal, output.RemoteLinkLocal));
    }

    [Fact]
    public void A_renamed_interface_goes_by_its_new_name() =>
        Assert.Equal("customer1", Read("Using interface ppp0", "Renamed interface ppp0 to customer1").Interface);

    [Theory]
    [InlineData("")]
    [InlineData("Using interface ")]
    [InlineData("local  IP address")]
    [InlineData("remote IP address ")]
    public void Lines_without_the_fact_are_nothing(string line)
    {
        var output = Read(line);
        Assert.Null(output.Interface);
        Assert.Null(output.LocalAddress);
        Assert.Null(output.RemoteAddress);
    }

    [Fact]
    public void The_last_complaint_is_kept_and_cut()
    {
        Assert.Equal("", Read("Connect: ppp0 <--> ").LastComplaintInBrackets);
        Assert.Equal(" (Couldn't open the /dev/ppp device)", Read("Couldn't open the /dev/ppp device", "Exit.").LastComplaintInBrackets);
        Assert.True(Read("error " + new string('x', 5_000)).LastComplaintInBrackets.Length < 200);
    }

    private static PppdOutput Read(params string[] lines)
    {
        var output = new PppdOutput();
        foreach (var line in lines)
            output.Read(line);
        return output;
    }

    [Theory]
    [InlineData("CHAP authentication failed", true)]
    [InlineData("CHAP authentication failed: E=691 R=0", true)]
    [InlineData("PAP authentication failed", true)]
    [InlineData("MS-CHAP authentication failed: Authentication failure", true)]
    [InlineData("EAP: peer reports authentication failure", true)]
    [InlineData("LCP terminated by peer (Authentication failed)", true)]
    [InlineData("LCP terminated by peer (Failed to authenticate ourselves to peer)", false)]
    [InlineData("LCP terminated by peer", false)]
    [InlineData("Peer alice failed CHAP authentication", false)]
    [InlineData("CHAP authentication succeeded", false)]
    public void A_client_learns_that_its_credentials_were_refused(string line, bool isRefusal)
    {
        var output = new PppdOutput();
        output.Read(line);
        Assert.Equal(isRefusal ? line : null, output.Refusal);
    }
}
