using System.Net;
using L2tpd.Access;
using L2tpd.Configuration.Scalars;
using L2tpd.Ppp;

namespace L2tpd.Configuration.Sections;

/// <summary>The fixed addresses of one PPP profile's users, and their checks.</summary>
/// <param name="local">The address of our end; <c>null</c> if it is negotiated.</param>
/// <param name="serverName">Our name in secrets: entries for another server are ignored.</param>
internal sealed class UserAddresses(IPAddress? local, string serverName)
{
    private readonly Dictionary<IPAddress, string> _owners = [];

    /// <summary>The fixed address that an entry gives its user; <c>null</c> if there is none.</summary>
    public IPAddress? Of(SecretEntry entry) =>
        (entry.Server == SecretEntry.Any || entry.Server == serverName)
        && LocalUsers.AuthorisationOf(entry) is { AddressSource: AddressSource.Fixed, Address: var address }
            ? IPAddress.Parse(address.ToString())
            : null;

    /// <summary>Why no user can have the address; <c>null</c> if one can.</summary>
    public string? Problem(IPAddress address) => address.Equals(local)
        ? $"{address} is our own address, `local`"
        : AddressText.IsHostV4(address) ? null : $"{address} is not a valid host address";

    /// <summary>
    /// The user who already has the address; <c>null</c> if there was none, and <paramref name="user"/> has it from now on.
    /// </summary>
    public string? Claim(IPAddress address, string user) =>
        _owners.TryAdd(address, user) || _owners[address] == user ? null : _owners[address];
}
