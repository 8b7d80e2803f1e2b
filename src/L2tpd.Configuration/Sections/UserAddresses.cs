using System.Net;
using L2tpd.Access;
using L2tpd.Configuration.Scalars;
using L2tpd.Ppp;

namespace L2tpd.Configuration.Sections;

/// <summary>The fixed addresses of one PPP profile's users, each checked as it is met.</summary>
/// <param name="local">Our own end's; null: as negotiated.</param>
/// <param name="serverName">Our name in secrets: an entry for another server is not for us.</param>
internal sealed class UserAddresses(IPAddress? local, string serverName)
{
    private readonly Dictionary<IPAddress, string> _owners = [];

    /// <summary>The fixed address that an entry gives a user of ours; null: none.</summary>
    public IPAddress? Of(SecretEntry entry) =>
        (entry.Server == SecretEntry.Any || entry.Server == serverName)
        && LocalUsers.AuthorisationOf(entry) is { AddressSource: AddressSource.Fixed, Address: var address }
            ? IPAddress.Parse(address.ToString())
            : null;

    /// <summary>Why no user can have the address; null: one can.</summary>
    public string? Problem(IPAddress address) => address.Equals(local)
        ? $"{address} is our own address, `local`"
        : AddressText.IsHostV4(address) ? null : $"{address} is no address that a host can have";

    /// <summary>Another user who has the address already; null: there is none, and now it is this user's.</summary>
    public string? Claim(IPAddress address, string user) =>
        _owners.TryAdd(address, user) || _owners[address] == user ? null : _owners[address];
}
