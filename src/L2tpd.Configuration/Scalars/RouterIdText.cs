using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Scalars;

/// <summary>
/// Router IDs of L2TPv3 (RFC 3931 section 5.4.3): 32 bits that identify a host. Routers write them as addresses, but they need not be
/// addresses.
/// </summary>
internal static class RouterIdText
{
    /// <summary>A number or an IPv4 address, not 0.</summary>
    public static ScalarType<uint> Type => new("a number or an IPv4 address", static text =>
    {
        var address = AddressText.V4.Parse(text);
        var number = address.Succeeded
            ? Parsed<uint>.Of(BinaryPrimitives.ReadUInt32BigEndian(address.Value.GetAddressBytes()))
            : NumberText.UInt32.Parse(text);
        return number is { Succeeded: true, Value: 0 } ? Parsed<uint>.Wrong("0 is not a valid router ID") : number;
    });

    /// <summary>
    /// A router ID that stays the same over restarts, and that another host or another daemon is unlikely to have: a hash of the machine's
    /// id and our host name. The machine's id is confidential (machine-id(5)) and cannot be derived from the hash.
    /// </summary>
    /// <param name="machineId">The content of /etc/machine-id; <c>null</c> to use the host name only.</param>
    /// <param name="hostName">Our Host Name AVP.</param>
    /// <param name="instance">The name of this daemon among several on the machine; <c>null</c> for the only one.</param>
    public static uint Of(string? machineId, string hostName, string? instance = null)
    {
        var ours = instance is null ? hostName : hostName + "\n" + instance;
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(machineId ?? ""), Encoding.UTF8.GetBytes("l2tpd router-id " + ours));
        return Math.Max(BinaryPrimitives.ReadUInt32BigEndian(hash), 1);
    }
}
