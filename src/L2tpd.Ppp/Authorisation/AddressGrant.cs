namespace L2tpd.Ppp;

/// <summary>Addresses for one endpoint: the answer to <see cref="IPppEffects.RequestAddress"/>.</summary>
/// <param name="Local">Our address on the link.</param>
/// <param name="Peer">The peer's address; none if the peer chooses.</param>
public sealed record AddressGrant(Ipv4Address Local, Ipv4Address Peer)
{
    /// <summary>DNS server for the peer; none: the peer's request for one is rejected. The same holds for the other servers.</summary>
    public Ipv4Address PrimaryDns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address SecondaryDns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address PrimaryNbns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address SecondaryNbns { get; init; }

    /// <summary>The claim on <see cref="Peer"/>; <c>null</c> if the peer chooses. The endpoint only hands it back.</summary>
    public IAddressLease? Lease { get; init; }

    /// <summary>Decides on the addresses that the peer asks for; <c>null</c> if its address is assigned.</summary>
    public IAddressChoice? Choice { get; init; }

    /// <summary>Gives back what is held.</summary>
    /// <returns>False if nothing is held, or it was given back before.</returns>
    public bool Release() => (Lease ?? Choice)?.Release() ?? false;
}

/// <summary>A claim on an address, held until it is released.</summary>
public interface IAddressLease
{
    /// <summary>The address; none if nothing is held.</summary>
    Ipv4Address Address { get; }

    /// <summary>Gives the address back.</summary>
    /// <returns>False if nothing was held, or it was given back before.</returns>
    bool Release();
}

/// <summary>Addresses that a peer may choose from.</summary>
public interface IAddressChoice : IAddressLease
{
    /// <summary>What the peer may choose.</summary>
    PermittedAddresses Permitted { get; }

    /// <summary>The peer asks for this address. On true it holds it, and the one it held before is free.</summary>
    /// <returns>False if the peer may not have the address; it keeps what it had.</returns>
    bool TryTake(Ipv4Address address);
}
