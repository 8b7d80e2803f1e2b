using System.Runtime.InteropServices;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// The policy of a socket that receives only what comes out of ESP in transport mode, by whatever security association. The kernel checks
/// it before a datagram gets into the queue, and before its own L2TP takes data messages from a UDP socket.
/// </summary>
public static class EspPolicy
{
    /// <summary>The socket options, as <see cref="LinuxError.What"/> names them.</summary>
    public const string OptionIPv4 = "IP_XFRM_POLICY", OptionIPv6 = "IPV6_XFRM_POLICY";

    internal const int IP_XFRM_POLICY = 17, IPV6_XFRM_POLICY = 35;

    // struct xfrm_userpolicy_info, and a struct xfrm_user_tmpl behind it (linux/xfrm.h): the same on x86-64 and arm64.
    private const int InfoSize = 168, TemplateSize = 64;
    private const int SelectorFamily = 40, Limits = 56, LimitsEnd = 88, Direction = 160;
    private const int TemplateProtocol = InfoSize + 20, TemplateFamily = InfoSize + 24, TemplateAlgorithms = InfoSize + 52;

    /// <summary>Whether an error of a socket says that it cannot have the policy.</summary>
    public static bool IsRefused(in LinuxError error) => error is { Call: "setsockopt", What: OptionIPv4 or OptionIPv6 };

    /// <summary>Why a socket cannot have the policy, and what to do.</summary>
    public static string Explain(in LinuxError error) => error.Errno switch
    {
        Errno.EPERM => "the kernel may not be told to drop what does not come out of IPsec: run as root or with CAP_NET_ADMIN",
        Errno.ENOPROTOOPT or Errno.EINVAL =>
            "this kernel cannot drop what does not come out of IPsec: load the module xfrm_user (modprobe xfrm_user), or use a kernel "
            + "with CONFIG_XFRM",
        _ => $"the kernel cannot be told to drop what does not come out of IPsec: {error}",
    };

    /// <summary>The value of the option: inbound, ESP in transport mode is required, no limits.</summary>
    internal static byte[] Inbound(bool ipv6)
    {
        // Zero is XFRM_POLICY_IN, XFRM_POLICY_ALLOW, XFRM_MODE_TRANSPORT, any reqid, "not optional" and any address.
        var policy = WithoutTemplate(ipv6, InfoSize + TemplateSize);
        var family = (ushort)(ipv6 ? LibC.AF_INET6 : LibC.AF_INET);
        policy[TemplateProtocol] = (byte)LibC.IPPROTO_ESP;
        MemoryMarshal.Write(policy.AsSpan(TemplateFamily), family);
        // Any algorithm of authentication, encryption and compression.
        policy.AsSpan(TemplateAlgorithms, 3 * sizeof(uint)).Fill(0xff);
        return policy;
    }

    /// <summary>The value of the option: outbound, no IPsec, no limits.</summary>
    internal static byte[] OutboundInClearText(bool ipv6)
    {
        var policy = WithoutTemplate(ipv6, InfoSize);
        policy[Direction] = 1;
        return policy;
    }

    private static byte[] WithoutTemplate(bool ipv6, int size)
    {
        var policy = new byte[size];
        MemoryMarshal.Write(policy.AsSpan(SelectorFamily), (ushort)(ipv6 ? LibC.AF_INET6 : LibC.AF_INET));
        policy.AsSpan(Limits, LimitsEnd - Limits).Fill(0xff);
        return policy;
    }
}
