using System.Text.Json.Serialization;

namespace L2tpd.Ppp;

/// <summary>An open network layer; every kind of layer that survives a restart has a record of its own.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "layer")]
[JsonDerivedType(typeof(IpcpSnapshot), "ipcp")]
[JsonDerivedType(typeof(Ipv6cpSnapshot), "ipv6cp")]
public abstract record NetworkLayerSnapshot;

/// <summary>IPCP in Opened.</summary>
public sealed record IpcpSnapshot(ControlProtocolSnapshot Control) : NetworkLayerSnapshot
{
    /// <summary>Whether our requests have the option; the same for the other two.</summary>
    public bool AskAddress { get; init; }

    /// <inheritdoc cref="AskAddress"/>
    public bool AskPrimaryDns { get; init; }

    /// <inheritdoc cref="AskAddress"/>
    public bool AskSecondaryDns { get; init; }

    /// <summary>Our address.</summary>
    public Ipv4Address Local { get; init; }

    /// <summary>The peer's address.</summary>
    public Ipv4Address Peer { get; init; }

    /// <summary>Client: the DNS server that the peer named; the same for the second.</summary>
    public Ipv4Address PrimaryDns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address SecondaryDns { get; init; }
}

/// <summary>IPv6CP in Opened.</summary>
public sealed record Ipv6cpSnapshot(ControlProtocolSnapshot Control) : NetworkLayerSnapshot
{
    /// <summary>Whether our requests have the option.</summary>
    public bool AskIdentifier { get; init; }

    /// <summary>Our interface identifier.</summary>
    public ulong Local { get; init; }

    /// <summary>The peer's interface identifier.</summary>
    public ulong Peer { get; init; }
}
