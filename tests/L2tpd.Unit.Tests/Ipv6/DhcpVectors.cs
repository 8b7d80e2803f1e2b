namespace L2tpd.Unit.Tests.Ipv6;

/// <summary>UDP data of WIDE dhcp6c and dhcpcd against Kea (ipv6-subscribers.md section 10).</summary>
internal static class DhcpVectors
{
    /// <summary>The DUID of that Kea: type EN.</summary>
    public const string ServerId = "000200007ed90102030405060708";

    private const string Wide = "0001000e00010001329db23f5e996bd9b15c";
    private const string Rapid = "0001000e00010001329db1381ab8cd211ddb";
    private const string Dhcpcd = "0001000e00010304329db3fa000000000000";
    private const string Kea = "0002000e" + ServerId;
    private const string Servers = "0017002020010db800000000000000000000005320010db8000000000000000000000054";
    private const string Domain = "0018000d076578616d706c65036e657400";
    private const string WideLease = "0029000000010000" + "03e800000640" + "001a001900000bb800000fa03820010db8770000000000000000000000";
    private const string Hint = "001900290000000100000000" + "00000000" + "001a0019";

    public const string WideSolicit = "01540f95" + Wide + "00080002000000060004001700180019" + "0029000000010000" + "000000000000"
        + "001a0019ffffffffffffffff3800000000000000000000000000000000";

    public const string WideAdvertise = "02540f95" + Wide + Kea + Servers + Domain + "0019" + WideLease;

    public const string WideRequest = "03054324" + Wide + Kea + "00080002000000060004001700180019" + "0029000000010000" + "000000000000"
        + "001a001900000bb800000fa03820010db8770000000000000000000000";

    public const string WideReply = "07054324" + Wide + Kea + Servers + Domain + "0019" + WideLease;

    public const string WideRelease = "08322c1d" + Wide + Kea + "0008000200000019" + WideLease;

    public const string KeaReleaseReply = "07322c1d" + Wide + Kea
        + "000d0029000053756d6d6172792073746174757320666f7220616c6c2070726f6365737365642049415f4e417300"
        + "19003f000000010000000000000000000d002f00004c656173652072656c65617365642e205468616e6b20796f752c20706c6561736520636f6d652061"
        + "6761696e2e";

    public const string RapidSolicit = "01a9aef6" + Rapid + "0003000c000000020000000000000000000e00000008000200000006000200170019"
        + "0029000000010000000000000000001a001900000e1000000e103c00000000000000000000000000000000";

    public const string RapidReply = "07a9aef6" + Rapid + Kea
        + "0003002800000002000000060000000a0005001820010db8000f000700000000000010000000001e0000003c" + "000e0000" + Servers
        + "0019002900000001" + "000000060000000a" + "001a00190000001e0000003c3820010db8770000000000000000000000";

    public const string DhcpcdSolicit = "01df318f" + Dhcpcd + Hint + "00000000000000003800000000000000000000000000000000"
        + DhcpcdTail;

    public const string DhcpcdRequest = "03516596" + Dhcpcd + Kea + Hint + DhcpcdPrefix + DhcpcdTail;

    public const string DhcpcdReply = "07516596" + Dhcpcd + Kea + "0019002900000001" + "0000000400000007" + "001a0019" + DhcpcdPrefix;

    public const string DhcpcdRenew = "05ec581b" + Dhcpcd + Kea + Hint + DhcpcdPrefix + DhcpcdTail;

    public const string DhcpcdRebind = "064454c6" + Dhcpcd + Hint + DhcpcdPrefix + "0006000400520053" + "000800020064";

    public const string DhcpcdRebindReply = "074454c6" + Dhcpcd + Kea + "0019002900000001" + "0000000400000007" + "001a0019" + DhcpcdPrefix;

    public const string InformationRequest = "0be214cc" + "0001000e00010304329db187000000000000" + "0006000400520053" + "000800020000";

    public const string InformationReply = "07e214cc" + "0001000e00010304329db187000000000000" + Kea;

    private const string DhcpcdPrefix = "0000001e0000003c3820010db8770000000000000000000000";
    private const string DhcpcdTail = "0006000400520053" + "000800020000";

    public static IEnumerable<string> All =>
    [
        WideSolicit, WideAdvertise, WideRequest, WideReply, WideRelease, KeaReleaseReply, RapidSolicit, RapidReply, DhcpcdSolicit,
        DhcpcdRequest, DhcpcdReply, DhcpcdRenew, DhcpcdRebind, DhcpcdRebindReply, InformationRequest, InformationReply,
    ];
}
