using System.Net;
using System.Net.Sockets;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Protocol;

namespace L2tpd.Engine.Dialling;

/// <summary>
/// The addresses that a StopCCN names: "try another" with one address as its text (RFC 3193 section 4.1), "try another directed" with a
/// list.
/// </summary>
internal static class Redirection
{
    /// <summary>Each costs a full retransmission cycle if no LNS is there.</summary>
    private const int MostAddresses = 8;

    /// <summary>The addresses named, in order; empty if the reason is no redirection or names none that can be dialled.</summary>
    public static IReadOnlyList<IPAddress> AddressesIn(EndReason reason)
    {
        if (reason is not { ResultFromPeer: true, ResultIsCdn: false }
            || reason.Result is not { Result: StopCcnResult.GeneralError, Message: { } text } result
            || result.Error is not (GeneralError.TryAnother or GeneralError.TryAnotherDirected))
        {
            return [];
        }

        var addresses = new List<IPAddress>();
        foreach (var item in text.Split(',', MostAddresses + 1).Take(MostAddresses))
        {
            if (Parse(item.Trim().Trim('[', ']')) is { } address)
                addresses.Add(address);
        }

        return addresses;
    }

    /// <summary>Whether the configuration lets an LNS send us to that address.</summary>
    /// <param name="policy">The tunnel's.</param>
    /// <param name="dialled">The address that sends us elsewhere.</param>
    /// <param name="target">Where to.</param>
    public static bool IsPermitted(RedirectPolicy policy, Endpoint dialled, IPAddress target) => policy switch
    {
        RedirectPolicy.Any => true,
        RedirectPolicy.SamePrefix => IsInSamePrefix(dialled, Endpoint.From(target, 0)),
        _ => false,
    };

    private static bool IsInSamePrefix(Endpoint dialled, Endpoint target)
    {
        var hostBits = dialled.IsIPv6 ? 64 : 8;
        return dialled.IsIPv6 == target.IsIPv6 && dialled.Address >> hostBits == target.Address >> hostBits;
    }

    /// <summary>Only an address in full that is one host's: the framework also accepts "7".</summary>
    private static IPAddress? Parse(string text) =>
        (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3)
        && IPAddress.TryParse(text, out var address) && IsOneHost(address)
            ? address
            : null;

    private static bool IsOneHost(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return !address.IsIPv6Multicast && !address.Equals(IPAddress.IPv6Any);
        // 224.0.0.0 and above are groups, reserved, and the broadcast address.
        return address.GetAddressBytes()[0] is not 0 and < 224;
    }
}
