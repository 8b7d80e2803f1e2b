using System.Net;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration;

/// <summary>A socket that waits for SCCRQs, over UDP or IP protocol 115.</summary>
/// <param name="Address">Address to bind; 0.0.0.0 or [::] for all. [::] accepts IPv6 only.</param>
/// <param name="Port">UDP port, 1..65535; ignored over IP.</param>
/// <param name="BindDevice">SO_BINDTODEVICE, or <c>null</c>.</param>
/// <param name="FwMark">SO_MARK, or 0.</param>
/// <param name="Carrier">The protocol below L2TP.</param>
public sealed record Listener(
    IPAddress Address, ushort Port = 1701, string? BindDevice = null, uint FwMark = 0, DataCarrier Carrier = DataCarrier.Udp)
{
    /// <summary>Whether what it receives must come out of IPsec.</summary>
    public IpsecSettings Ipsec { get; init; } = IpsecSettings.None;

    /// <summary>Clients behind one NAT that have one address and port are told apart by zones of the connection tracking.</summary>
    public bool NatZones { get; init; }

    /// <summary>Clients are told apart by the marks of their security associations as well.</summary>
    public bool Marks { get; init; }

    /// <summary>Whether the mark of a datagram is part of its sender's address. With <see cref="NatZones"/> the marks are ours.</summary>
    public bool TakesMarks => Marks || NatZones;

    /// <summary><c>192.0.2.1:1701/udp</c>, <c>192.0.2.1/ip</c>: for messages.</summary>
    public override string ToString() => Carrier == DataCarrier.Ip ? $"{Address}/ip" : $"{new IPEndPoint(Address, Port)}/udp";
}
