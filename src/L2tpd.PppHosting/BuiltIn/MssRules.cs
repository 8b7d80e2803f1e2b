using System.Globalization;
using System.Text;
using L2tpd.Linux;
using L2tpd.Linux.Host;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// The MSS clamp of the kernel data plane: an nftables table of this process, written by the program <c>nft</c>. It matches interfaces by
/// their group, which a session's interface gets when it comes up: no call of nft per session. The table is removed when the daemon stops.
/// The table of a killed daemon matches only interfaces of such groups, and the next daemon in the namespace replaces it.
/// </summary>
internal sealed class MssRules : IDisposable
{
    private const string Table = "inet l2tpd";

    /// <summary>Groups of clamped interfaces: this and the MTU configured.</summary>
    private const uint FirstGroup = 0x4c32_0000;

    private readonly SortedSet<int> _mtus = [];

    /// <summary>Group of the interfaces whose connections are clamped to an MTU.</summary>
    public static uint GroupOf(int mtu) => FirstGroup + (uint)mtu;

    /// <summary>Clamps connections through interfaces of one more MTU. After a failure the next call tries again.</summary>
    public LinuxError Add(int mtu)
    {
        if (!_mtus.Add(mtu))
            return LinuxError.None;
        var error = NftProgram.Run(Script(_mtus), "mss-clamp");
        if (!error.IsNone)
            _mtus.Remove(mtu);
        return error;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_mtus.Count > 0)
            NftProgram.Run($"delete table {Table}\n", "mss-clamp");
    }

    /// <summary>The whole table, replacing an earlier one in one transaction.</summary>
    public static string Script(IEnumerable<int> mtus)
    {
        var text = new StringBuilder(
            $"table {Table}\ndelete table {Table}\ntable {Table} {{\n chain clamp {{\n" +
            "  type filter hook forward priority mangle; policy accept;\n");
        foreach (var mtu in mtus)
        {
            foreach (var side in new[] { "iifgroup", "oifgroup" })
            {
                Rule(text, side, mtu, "ipv4", mtu - 40);
                Rule(text, side, mtu, "ipv6", mtu - 60);
            }
        }

        return text.Append(" }\n}\n").ToString();
    }

    private static void Rule(StringBuilder text, string side, int mtu, string family, int mss) => text.Append(
        CultureInfo.InvariantCulture,
        $"  {side} {{ {GroupOf(mtu)}, {SourceRules.GroupOf(mtu)} }} meta nfproto {family} tcp flags & (syn | rst) == syn " +
        $"tcp option maxseg size > {mss} tcp option maxseg size set {mss}\n");
}
